/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminProblem;
import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.protocol.Action;
import io.twinwall.protocol.Precheck;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What an operator may ask of a node, over HTTP. On the admin thread: questions are posted to the role agent, whose answer
 * completes them; one at a time. A reload is the housekeeping thread's work.
 */
final class RoleRoutes {
    /** Below any wait for an HTTP answer. */
    static final long ANSWER_MS = 5_000;

    static final String UNDER_WAY = "under way";

    private final Consumer<RoleEvent> roles;
    private final Function<Action, Precheck> prechecks;
    private final RoleJournal journal;
    private final Supplier<CliReload.Answer> reload;
    private final Executor housekeeping;

    /**
     * @param roles the role agent's inbox
     * @param prechecks what would be lost by an action now; answers at once
     * @param journal gives the role agent's answers
     */
    RoleRoutes(
            Consumer<RoleEvent> roles,
            Function<Action, Precheck> prechecks,
            RoleJournal journal,
            Supplier<CliReload.Answer> reload,
            Executor housekeeping) {
        this.roles = roles;
        this.prechecks = prechecks;
        this.journal = journal;
        this.reload = reload;
        this.housekeeping = housekeeping;
    }

    AdminServer register(AdminServer server) {
        return server.route("GET", "/v1/precheck", this::precheck)
                .routeAsync("POST", "/v1/switchover", request -> ask(new RoleEvent.SwitchoverAsked(force(request))))
                .routeAsync("POST", "/v1/promote", request -> ask(new RoleEvent.PromoteAsked(force(request))))
                .routeAsync("POST", "/v1/maintenance", this::maintenance)
                .routeAsync("POST", "/v1/veto", request -> ask(new RoleEvent.VetoAsked()))
                .routeAsync("POST", "/v1/reload", request -> reload());
    }

    private AdminResponse precheck(AdminRequest request) {
        String asked = request.query().get("action");
        List<Action> actions = List.of(Action.values());
        Action action = actions.stream()
                .filter(one -> word(one).equals(asked))
                .findFirst()
                .orElseThrow(() -> new AdminProblem(
                        400,
                        "action: expected one of "
                                + actions.stream().map(RoleRoutes::word).collect(Collectors.joining(", "))));
        return AdminResponse.ok(prechecks.apply(action));
    }

    private static String word(Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }

    private static boolean force(AdminRequest request) {
        return request.json(CliAction.Request.class).force();
    }

    /** The role protocol knows no force here: the check is made by this route. */
    private CompletableFuture<AdminResponse> maintenance(AdminRequest request) {
        CliAction.Maintenance asked = request.json(CliAction.Maintenance.class);
        if (asked.on() && !asked.force()) {
            Precheck precheck = prechecks.apply(Action.MAINTENANCE);
            if (!precheck.allowed()) {
                return refused(String.join("; ", precheck.refusals()));
            }
        }
        return ask(new RoleEvent.MaintenanceAsked(asked.on()));
    }

    private CompletableFuture<AdminResponse> ask(RoleEvent event) {
        CompletableFuture<RoleEffect.Answer> answer = new CompletableFuture<>();
        if (!journal.expectAnswer(answer)) {
            return refused("another request is under way");
        }
        roles.accept(event);
        // Before hooks may take minutes; whoever asks then looks at the status, for as long as he likes.
        return answer.thenApply(given -> new CliAction.Answer(given.accepted(), given.reason()))
                .completeOnTimeout(new CliAction.Answer(true, UNDER_WAY), ANSWER_MS, TimeUnit.MILLISECONDS)
                .thenApply(AdminResponse::ok);
    }

    private static CompletableFuture<AdminResponse> refused(String reason) {
        return CompletableFuture.completedFuture(AdminResponse.ok(new CliAction.Answer(false, reason)));
    }

    private CompletableFuture<AdminResponse> reload() {
        try {
            return CompletableFuture.supplyAsync(reload, housekeeping).thenApply(AdminResponse::ok);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(AdminResponse.problem(503, "the daemon is ending"));
        }
    }
}
