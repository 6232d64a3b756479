/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.conntracksync.SyncCommand;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** {@code GET /v1/flows}: the sync agent visits its table, the admin thread answers; one list at a time. */
final class FlowsRoute {
    /** A list of flows is made whole in a small heap. */
    private static final int FLOWS_PAGE_MAX = 10_000;

    private final Optional<Predicate<SyncCommand>> sync;
    private final AtomicBoolean listing = new AtomicBoolean();

    FlowsRoute(Optional<Predicate<SyncCommand>> sync) {
        this.sync = sync;
    }

    AdminServer register(AdminServer server) {
        return server.routeAsync("GET", "/v1/flows", this::flows);
    }

    private CompletableFuture<AdminResponse> flows(AdminRequest request) {
        FlowsPage page = new FlowsPage((int) request.number("limit", 100, 1, FLOWS_PAGE_MAX));
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
        return done.thenApply(visited -> AdminResponse.ok(page.page()))
                .whenComplete((response, problem) -> listing.set(false));
    }
}
