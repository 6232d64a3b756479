/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncProof;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** {@code GET /v1/verify[?now=true]}: the sync agent says how equal the tables are, after it compared them when asked to. */
final class VerifyRoute {
    /** Less than what the admin server allows for an answer. */
    private static final long COMPARED_WITHIN_NS = TimeUnit.SECONDS.toNanos(9);

    private final String node;
    private final Supplier<String> role;
    private final Optional<Predicate<SyncCommand>> sync;
    private final NanoClock clock;
    private final Executor answering;

    /** @param answering makes the text of the answer, which the sync agent's thread has no time for */
    VerifyRoute(
            String node,
            Supplier<String> role,
            Optional<Predicate<SyncCommand>> sync,
            NanoClock clock,
            Executor answering) {
        this.node = node;
        this.role = role;
        this.sync = sync;
        this.clock = clock;
        this.answering = answering;
    }

    AdminServer register(AdminServer server) {
        return server.routeAsync("GET", "/v1/verify", this::verify);
    }

    private CompletableFuture<AdminResponse> verify(AdminRequest request) {
        boolean now = "true".equals(request.query().get("now"));
        if (sync.isEmpty()) {
            SyncProof nothing = new SyncProof(0, 0, false, List.of(), List.of());
            return CompletableFuture.completedFuture(answer(nothing));
        }
        CompletableFuture<SyncProof> done = new CompletableFuture<>();
        if (!sync.get().test(new SyncCommand.Verify(now, clock.nanoTime() + COMPARED_WITHIN_NS, done))) {
            return CompletableFuture.completedFuture(AdminResponse.problem(503, "the sync agent does not keep up"));
        }
        return done.thenApplyAsync(this::answer, answering);
    }

    private AdminResponse answer(SyncProof proof) {
        return AdminResponse.ok(CliVerify.of(node, role.get(), proof));
    }
}
