/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks for a planned switchover and follows it to its end: until the two nodes have exchanged their roles, or the node
 * refuses, or time is up.
 */
public final class CliSwitchover {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Body of {@code POST /v1/switchover}. */
    public record Request(boolean force) {}

    /** Its answer; {@code reason} says why not, or is null. */
    public record Answer(boolean accepted, String reason) {}

    /** How it ended, as {@code --json} prints it; {@code active} is the node that is MASTER now. */
    public record Outcome(boolean switched, String reason, String active, long term, double ms) {}

    private final AdminClient client;
    private final long timeoutMs;

    CliSwitchover(AdminClient client, long timeoutMs) {
        this.client = client;
        this.timeoutMs = timeoutMs;
    }

    Outcome run(boolean force) {
        CliStatus before = status();
        long startNs = System.nanoTime();
        AdminClient.Reply reply = client.post("/v1/switchover", Json.text(new Request(force)));
        Answer answer = reply.status() == 200 || reply.status() == 409
                ? CliClient.parse(reply.body(), Answer.class)
                : new Answer(false, "the daemon answered " + reply.status() + ": " + reply.body());
        if (!answer.accepted()) {
            return new Outcome(false, answer.reason(), active(before), before.term(), elapsedMs(startNs));
        }
        CliStatus now = status();
        while (!moved(before, now)) {
            if (elapsedMs(startNs) > timeoutMs) {
                String reason = "accepted, but the roles have not moved within " + timeoutMs + " ms";
                return new Outcome(false, reason, active(now), now.term(), elapsedMs(startNs));
            }
            LockSupport.parkNanos(POLL_NS);
            now = status();
        }
        return new Outcome(true, null, active(now), now.term(), elapsedMs(startNs));
    }

    static ExitCode exitCode(Outcome outcome) {
        return outcome.switched() ? ExitCode.OK : ExitCode.REFUSED;
    }

    static String text(Outcome outcome) {
        return outcome.switched()
                ? String.format(
                        "%s is active now, term %d, after %.0f ms%n", outcome.active(), outcome.term(), outcome.ms())
                : String.format("no switchover: %s%n%s stays active%n", outcome.reason(), outcome.active());
    }

    private CliStatus status() {
        return CliClient.read(client.get("/v1/status"), CliStatus.class);
    }

    /** Both ends agree on the exchange: this node's role is another than before, and the peer has the counterpart. */
    private static boolean moved(CliStatus before, CliStatus now) {
        boolean toBackup = now.role().equals("BACKUP") && now.peer().role().equals("MASTER");
        boolean toMaster = now.role().equals("MASTER") && now.peer().role().equals("BACKUP");
        return !now.role().equals(before.role()) && now.term() > before.term() && (toBackup || toMaster);
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
