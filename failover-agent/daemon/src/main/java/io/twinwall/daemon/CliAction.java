/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import io.twinwall.protocol.Action;
import io.twinwall.protocol.Precheck;
import io.twinwall.protocol.Refusal;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Asks a node to change its role and follows that to its end: what would be lost, shown before; the question, unless the
 * check objects; and the roles, until they are as asked, or the node refuses, or time is up.
 */
public final class CliAction {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** What the role protocol passes over when it is told to; anything else stands whatever an operator says. */
    private static final Set<String> FORCIBLE = Stream.of(
                    Refusal.NOT_READY, Refusal.LAGGING, Refusal.FAULTY, Refusal.ISOLATED, Refusal.TOO_EARLY)
            .map(Refusal::text)
            .collect(Collectors.toUnmodifiableSet());

    /** Body of {@code POST /v1/switchover} and {@code POST /v1/promote}. */
    public record Request(boolean force) {}

    /** Body of {@code POST /v1/maintenance}. */
    public record Maintenance(boolean on, boolean force) {}

    /** The answer to each; {@code reason} says why not, or is null. */
    public record Answer(boolean accepted, String reason) {}

    /**
     * How it ended, as {@code --json} prints it.
     *
     * @param done the roles are as asked
     * @param reason why not, or null
     * @param role of the node asked
     * @param active the node that is MASTER now
     * @param precheck what was known before; null when nothing is checked
     */
    public record Outcome(
            boolean done, String reason, String role, String active, long term, double ms, Precheck precheck) {}

    /** What is asked. */
    enum Verb {
        SWITCHOVER,
        PROMOTE,
        MAINTENANCE_ON,
        MAINTENANCE_OFF;

        String path() {
            return switch (this) {
                case SWITCHOVER -> "/v1/switchover";
                case PROMOTE -> "/v1/promote";
                case MAINTENANCE_ON, MAINTENANCE_OFF -> "/v1/maintenance";
            };
        }

        /** What to check before; null where nothing can be lost. */
        Action action() {
            return switch (this) {
                case SWITCHOVER -> Action.SWITCHOVER;
                case PROMOTE -> Action.PROMOTE;
                case MAINTENANCE_ON -> Action.MAINTENANCE;
                case MAINTENANCE_OFF -> null;
            };
        }

        String body(boolean force) {
            return switch (this) {
                case SWITCHOVER, PROMOTE -> Json.text(new Request(force));
                case MAINTENANCE_ON -> Json.text(new Maintenance(true, force));
                case MAINTENANCE_OFF -> Json.text(new Maintenance(false, force));
            };
        }

        String noun() {
            return switch (this) {
                case SWITCHOVER -> "switchover";
                case PROMOTE -> "promotion";
                case MAINTENANCE_ON, MAINTENANCE_OFF -> "change";
            };
        }
    }

    private final AdminClient client;
    private final long timeoutMs;
    private final Consumer<Precheck> show;

    /** {@code show} is given the check's outcome before anything is asked. */
    CliAction(AdminClient client, long timeoutMs, Consumer<Precheck> show) {
        this.client = client;
        this.timeoutMs = timeoutMs;
        this.show = show;
    }

    Outcome run(Verb verb, boolean force, boolean dryRun) {
        CliStatus before = status();
        Precheck precheck = precheck(verb);
        if (precheck != null) {
            show.accept(precheck);
        }
        long startNs = System.nanoTime();
        boolean objects = precheck != null && !precheck.allowed();
        if (dryRun || (objects && !force)) {
            String reason = objects ? refusal(precheck) : null;
            return outcome(!objects, reason, before, startNs, precheck);
        }
        Answer answer = ask(verb, force);
        if (!answer.accepted()) {
            return outcome(false, answer.reason(), before, startNs, precheck);
        }
        CliStatus now = status();
        while (!reached(verb, before, now)) {
            if (elapsedMs(startNs) > timeoutMs) {
                String reason = "accepted, but the roles have not moved within " + timeoutMs + " ms";
                return outcome(false, reason, now, startNs, precheck);
            }
            LockSupport.parkNanos(POLL_NS);
            now = status();
        }
        return outcome(true, null, now, startNs, precheck);
    }

    static ExitCode exitCode(Outcome outcome) {
        return outcome.done() ? ExitCode.OK : ExitCode.REFUSED;
    }

    /** What the check found, for people. */
    static String text(Precheck precheck) {
        StringBuilder text = new StringBuilder();
        precheck.losses()
                .forEach(loss -> text.append("would be lost: ").append(loss).append('\n'));
        precheck.refusals()
                .forEach(refusal -> text.append("objection: ").append(refusal).append('\n'));
        return text.isEmpty() ? "nothing would be lost\n" : text.toString();
    }

    /** How it ended, for people. */
    static String text(Verb verb, Outcome outcome, boolean force, boolean dryRun) {
        if (!outcome.done()) {
            boolean hint = !force && outcome.precheck() != null && forcible(verb, outcome.precheck());
            return String.format("no %s: %s%n", verb.noun(), outcome.reason())
                    + (hint ? "--force does it all the same\n" : "")
                    + state(outcome);
        }
        if (dryRun) {
            return "it would be done; nothing was asked\n";
        }
        return switch (verb) {
            case SWITCHOVER, PROMOTE ->
                String.format(
                        Locale.ROOT,
                        "%s is active now, term %d, after %.0f ms%n",
                        outcome.active(),
                        outcome.term(),
                        outcome.ms());
            case MAINTENANCE_ON, MAINTENANCE_OFF ->
                String.format(
                        Locale.ROOT,
                        "this node is %s now, %s is active, after %.0f ms%n",
                        outcome.role(),
                        outcome.active(),
                        outcome.ms());
        };
    }

    /** An active goes into maintenance only if its peer can follow it, forced or not. */
    private static boolean forcible(Verb verb, Precheck precheck) {
        return !precheck.allowed() && verb != Verb.MAINTENANCE_ON && FORCIBLE.containsAll(precheck.refusals());
    }

    private static String state(Outcome outcome) {
        return outcome.active() + " stays active\n";
    }

    private Precheck precheck(Verb verb) {
        if (verb.action() == null) {
            return null;
        }
        String action = verb.action().name().toLowerCase(Locale.ROOT);
        return CliClient.read(client.get("/v1/precheck?action=" + action), Precheck.class);
    }

    private static String refusal(Precheck precheck) {
        return precheck.refusals().isEmpty() ? "the check objects" : String.join("; ", precheck.refusals());
    }

    private Answer ask(Verb verb, boolean force) {
        AdminClient.Reply reply = client.post(verb.path(), verb.body(force));
        return reply.status() == 200 || reply.status() == 409
                ? CliClient.parse(reply.body(), Answer.class)
                : new Answer(false, "the daemon answered " + reply.status() + ": " + reply.body());
    }

    private CliStatus status() {
        return CliClient.read(client.get(StatusRoutes.STATUS), CliStatus.class);
    }

    private static boolean reached(Verb verb, CliStatus before, CliStatus now) {
        return switch (verb) {
            case SWITCHOVER -> exchanged(before, now);
            case PROMOTE -> now.role().equals("MASTER");
            case MAINTENANCE_ON -> now.role().equals("MAINTENANCE");
            case MAINTENANCE_OFF -> !now.role().equals("MAINTENANCE");
        };
    }

    /** Both ends agree: this node's role is another than before, and the peer has the counterpart. */
    private static boolean exchanged(CliStatus before, CliStatus now) {
        boolean toBackup =
                now.role().equals("BACKUP") && "MASTER".equals(now.peer().role());
        boolean toMaster =
                now.role().equals("MASTER") && "BACKUP".equals(now.peer().role());
        return !now.role().equals(before.role()) && now.term() > before.term() && (toBackup || toMaster);
    }

    private static Outcome outcome(boolean done, String reason, CliStatus now, long startNs, Precheck precheck) {
        return new Outcome(done, reason, now.role(), active(now), now.term(), elapsedMs(startNs), precheck);
    }

    private static String active(CliStatus status) {
        if (status.role().equals("MASTER")) {
            return status.node();
        }
        return "MASTER".equals(status.peer().role()) ? status.peer().name() : "no node";
    }

    private static double elapsedMs(long startNs) {
        return (System.nanoTime() - startNs) / 1e6;
    }
}
