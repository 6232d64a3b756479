/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminProblem;
import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.journal.JournalAgent;
import io.twinwall.journal.JournalQuery;
import io.twinwall.journal.JournalStory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * {@code GET /v1/history} and {@code GET /v1/history/N}: records of the journal. Read and put together by the journal's
 * thread, in pages of bounded length; what is on the disk is JSON already and passes through.
 */
final class HistoryRoute {
    private static final int LIMIT = 50;

    private final Optional<JournalAgent> journal;

    HistoryRoute(Optional<JournalAgent> journal) {
        this.journal = journal;
    }

    AdminServer register(AdminServer server) {
        return server.routeAsync("GET", "/v1/history", this::page).routeAsync("GET", "/v1/history/*", this::story);
    }

    private CompletableFuture<AdminResponse> page(AdminRequest request) {
        JournalQuery query = new JournalQuery(
                request.number("since", Long.MIN_VALUE, 0, Long.MAX_VALUE),
                request.number("until", Long.MAX_VALUE, 0, Long.MAX_VALUE),
                request.number("before", Long.MAX_VALUE, 1, Long.MAX_VALUE),
                (int) request.number("limit", LIMIT, 1, JournalQuery.LIMIT_MAX));
        return ask(store -> json(store.page(query).json()));
    }

    private CompletableFuture<AdminResponse> story(AdminRequest request) {
        long number = request.lastSegment();
        return ask(store -> store.story(number)
                .map(JournalStory::json)
                .map(HistoryRoute::json)
                .orElseGet(() -> AdminResponse.problem(404, "no record " + number)));
    }

    private CompletableFuture<AdminResponse> ask(JournalAgent.Question<AdminResponse> question) {
        if (journal.isEmpty()) {
            throw new AdminProblem(503, "there is no journal: [journal] enabled = false");
        }
        return journal.get().ask(question).exceptionally(HistoryRoute::problem);
    }

    private static AdminResponse problem(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        if (cause instanceof IOException) {
            return AdminResponse.problem(503, cause.getMessage());
        }
        throw new CompletionException(cause);
    }

    private static AdminResponse json(String text) {
        return new AdminResponse(200, "application/json", text.getBytes(StandardCharsets.UTF_8));
    }
}
