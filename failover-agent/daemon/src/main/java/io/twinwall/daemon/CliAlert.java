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
import picocli.CommandLine.Parameters;

/** {@code twinwall alert test}: has a notice sent to each receiver and shows what became of it. */
public final class CliAlert {
    private static final String PATH = "/v1/alert/test";
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Body of {@code POST /v1/alert/test}; {@code name} null: all. */
    public record Request(String name) {}

    /** Its answer; {@code reason} says why not, or is null; {@code limitMs}: when at the latest all is over. */
    public record Answer(boolean accepted, String reason, long limitMs) {}

    /** One receiver's outcome; {@code done} false: not over yet. */
    public record Result(String name, String kind, String to, boolean done, boolean ok, String detail, long tookMs) {}

    /** Answer of {@code GET /v1/alert/test}: the last test, none when there is no result. */
    public record Results(boolean done, List<Result> results) {}

    /** How it ended, as {@code --json} prints it; {@code delivered}: every receiver took it. */
    public record Outcome(boolean delivered, String reason, List<Result> results) {}

    private CliAlert() {}

    /** What is done to the alerts. */
    enum What {
        TEST
    }

    @Command(
            name = "alert",
            description = {
                "test: send a test notice to each [[alert]] of the configuration, or to the one named, and show what became",
                "of it. Exits with 0 when all took it, with 1 when one did not, or there is none."
            })
    static final class Verb extends Cli.Asking {
        @Parameters(index = "0", paramLabel = "test", description = "What is done.")
        @SuppressWarnings("unused") // there is one
        private What what;

        @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "The one to test (default: all).")
        private String name;

        @Override
        ExitCode ask(AdminClient client) {
            Outcome outcome = test(client, name);
            print(json() ? Json.text(outcome) : text(outcome));
            return outcome.delivered() ? ExitCode.OK : ExitCode.REFUSED;
        }
    }

    private static Outcome test(AdminClient client, String name) {
        long startNs = System.nanoTime();
        Answer answer = CliClient.read(client.post(PATH, Json.text(new Request(name))), Answer.class);
        if (!answer.accepted()) {
            return new Outcome(false, answer.reason(), List.of());
        }
        Results now = results(client);
        while (!now.done()) {
            if (System.nanoTime() - startNs > TimeUnit.MILLISECONDS.toNanos(answer.limitMs())) {
                return new Outcome(false, "not over within " + answer.limitMs() / 1_000 + " s", now.results());
            }
            LockSupport.parkNanos(POLL_NS);
            now = results(client);
        }
        boolean all = now.results().stream().allMatch(Result::ok);
        return new Outcome(all, all ? null : "not every receiver took it", now.results());
    }

    private static Results results(AdminClient client) {
        return CliClient.read(client.get(PATH), Results.class);
    }

    static String text(Outcome outcome) {
        StringBuilder text = new StringBuilder();
        for (Result one : outcome.results()) {
            String state = !one.done() ? "no answer yet" : one.ok() ? "delivered" : "NOT DELIVERED";
            text.append(String.format(
                    Locale.ROOT,
                    "%-16s %-8s %-13s %s%s%n",
                    one.name(),
                    one.kind(),
                    state,
                    one.done() ? one.tookMs() + " ms, " : "",
                    one.detail().isEmpty() ? one.to() : one.detail()));
        }
        if (outcome.results().isEmpty()) {
            text.append("no test: ").append(outcome.reason()).append('\n');
        }
        return text.toString();
    }
}
