/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminProblem;
import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.conntracksync.SyncCommand;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** {@code GET /v1/flows}: the sync agent visits its table, another thread answers; one list at a time. */
final class FlowsRoute {
    /** A list of flows is made whole in a small heap. */
    private static final int FLOWS_PAGE_MAX = 10_000;

    private static final Set<String> OWN = Set.of("limit", "count");

    private final Optional<Predicate<SyncCommand>> sync;
    private final Executor answering;
    private final AtomicBoolean listing = new AtomicBoolean();

    /** @param answering makes the text of the answer, which the sync agent's thread has no time for */
    FlowsRoute(Optional<Predicate<SyncCommand>> sync, Executor answering) {
        this.sync = sync;
        this.answering = answering;
    }

    AdminServer register(AdminServer server) {
        return server.routeAsync("GET", "/v1/flows", this::flows);
    }

    private static FlowQuery query(AdminRequest request) {
        for (String name : request.query().keySet()) {
            if (!OWN.contains(name) && !FlowQuery.names().contains(name)) {
                // A condition mistyped would show what was not asked for.
                throw new AdminProblem(
                        400,
                        "no such condition: " + name + ", only limit, count, " + String.join(", ", FlowQuery.names()));
            }
        }
        try {
            return FlowQuery.of(request.query());
        } catch (IllegalArgumentException e) {
            throw new AdminProblem(400, e.getMessage());
        }
    }

    private CompletableFuture<AdminResponse> flows(AdminRequest request) {
        boolean counting = "true".equals(request.query().get("count"));
        FlowsPage page = new FlowsPage(query(request), (int) request.number("limit", 100, 0, FLOWS_PAGE_MAX), counting);
        if (sync.isEmpty()) {
            return CompletableFuture.completedFuture(AdminResponse.ok(page.page()));
        }
        if (!listing.compareAndSet(false, true)) {
            return CompletableFuture.completedFuture(AdminResponse.problem(503, "another list of flows is being made"));
        }
        CompletableFuture<Integer> done = new CompletableFuture<>();
        if (!sync.get().test(new SyncCommand.Visit(page::add, done))) {
            listing.set(false);
            return CompletableFuture.completedFuture(AdminResponse.problem(503, "the sync agent does not keep up"));
        }
        return done.thenApplyAsync(visited -> AdminResponse.ok(page.page()), answering)
                .whenComplete((response, problem) -> listing.set(false));
    }
}
