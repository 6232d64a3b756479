/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code twinwall key rotate}: asks for a rotation of the cluster key and follows it to its end. */
public final class CliKey {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Answer of {@code POST /v1/key/rotate}; {@code reason} says why not, or is null; {@code to} is 0 then. */
    public record Answer(boolean accepted, String reason, int from, int to) {}

    /**
     * How it ended, as {@code --json} prints it.
     *
     * @param done both nodes send under key {@code to}, and this one accepts no other
     * @param reason why not, or null
     * @param keys the ids this node accepts now
     */
    public record Outcome(boolean done, String reason, int from, int to, List<Integer> keys, double ms) {}

    private CliKey() {}

    /** What is done to the key. */
    enum What {
        ROTATE
    }

    @Command(
            name = "key",
            description = {
                "rotate: replace the cluster key on both nodes by a new one, without an interruption, and wait until that",
                "is done. Asked on either node; refused (exit code 1) unless the other is heard."
            })
    static final class Verb extends Cli.Asking {
        @Parameters(paramLabel = "rotate", description = "What is done to the key.")
        @SuppressWarnings("unused") // there is one
        private What what;

        @Option(
                names = "--timeout-ms",
                paramLabel = "MS",
                description = "How long to wait (default: ${DEFAULT-VALUE}).")
        private long timeoutMs = 30_000;

        @Override
        ExitCode ask(AdminClient client) {
            Outcome outcome = rotate(client, timeoutMs);
            print(json() ? Json.text(outcome) : text(outcome));
            return outcome.done() ? ExitCode.OK : ExitCode.REFUSED;
        }
    }

    private static Outcome rotate(AdminClient client, long timeoutMs) {
        long startNs = System.nanoTime();
        Answer answer = CliClient.read(client.post("/v1/key/rotate", ""), Answer.class);
        CliStatus.Keys now = keys(client);
        if (!answer.accepted()) {
            return new Outcome(false, answer.reason(), answer.from(), answer.to(), now.accepted(), elapsedMs(startNs));
        }
        while (now.rolling() || now.sendId() != answer.to() || now.peerSendId() != answer.to()) {
            if (elapsedMs(startNs) > timeoutMs) {
                String reason = "begun, and going on: not done within " + timeoutMs + " ms";
                return new Outcome(false, reason, answer.from(), answer.to(), now.accepted(), elapsedMs(startNs));
            }
            LockSupport.parkNanos(POLL_NS);
            now = keys(client);
        }
        return new Outcome(true, null, answer.from(), answer.to(), now.accepted(), elapsedMs(startNs));
    }

    static String text(Outcome outcome) {
        return outcome.done()
                ? String.format(
                        Locale.ROOT,
                        "both nodes use key %d now, not %d any more, after %.0f ms%n",
                        outcome.to(),
                        outcome.from(),
                        outcome.ms())
                : String.format("no rotation: %s%n", outcome.reason());
    }

    private static CliStatus.Keys keys(AdminClient client) {
        return CliClient.read(client.get(StatusRoutes.STATUS), CliStatus.class).keys();
    }

    private static double elapsedMs(long startNs) {
        return (System.nanoTime() - startNs) / 1e6;
    }
}
