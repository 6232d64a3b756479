/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.ExitCode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The simulator's command line. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        versionProvider = Simulate.Version.class,
        description =
                "Lives of a pair under faults, each from its seed: real protocol, real sync, everything else fake.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every rule held",
            "1:a rule was broken; the seeds are named",
            "64:wrong command line",
            "70:a bug of this program"
        })
public final class Simulate implements Callable<Integer> {
    private static final int FAILURES_MAX = 20;
    private static final long REPORT_EVERY_NS = 10_000_000_000L;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "2000", description = "How many lives (2000).")
    private long seeds;

    @Option(names = "--seed", paramLabel = "N", description = "Only the life of this seed.")
    private Long seed;

    @Option(names = "--first", paramLabel = "N", defaultValue = "1", description = "The first seed of many (1).")
    private long first;

    @Option(
            names = "--bug",
            paramLabel = "NAME",
            defaultValue = "NONE",
            description = "Plant one: ${COMPLETION-CANDIDATES}.")
    private Bug bug;

    @Option(names = "--trace", description = "Tell the story of one life.")
    private boolean trace;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "2", description = "Lives at a time (2).")
    private int threads;

    @Option(names = "--fail-fast", description = "End with the first life that breaks a rule.")
    private boolean failFast;

    @Option(names = "--json", description = "The result as one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private final List<Life.Result> failures = new ArrayList<>();
    private long happenings;
    private long livedNs;
    private long hash;
    private long failed;
    private long ended;
    private long reportedNs;

    /** What {@code --version} prints, as the product does. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Simulate.class.getPackage().getImplementationVersion();
            return new String[] {"twinwall " + (version == null ? "(not packaged)" : version)};
        }
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Simulate())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, args) -> {
                    e.getCommandLine().getErr().println("twinwall: " + e.getMessage());
                    return ExitCode.USAGE.code();
                })
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    e.printStackTrace(command.getErr());
                    return ExitCode.BUG.code();
                });
    }

    @Override
    public Integer call() {
        long beganNs = System.nanoTime();
        reportedNs = beganNs;
        if (seed != null) {
            Life.Result result = Campaign.one(seed, bug, trace);
            result.lines().forEach(out()::println);
            take(result);
        } else {
            Campaign.run(first, seeds, bug, threads, this::take);
        }
        double tookS = (System.nanoTime() - beganNs) / 1e9;
        if (json) {
            out().println(asJson(tookS));
        } else {
            report(tookS);
        }
        return failed == 0 ? ExitCode.OK.code() : ExitCode.REFUSED.code();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private boolean take(Life.Result result) {
        ended++;
        happenings += result.happenings();
        livedNs += result.livedNs();
        // A sum: threads end in any order.
        hash += result.hash();
        if (result.violation() != null) {
            failed++;
            if (failures.size() < FAILURES_MAX) {
                failures.add(result);
                spec.commandLine().getErr().println("seed " + result.seed() + ": " + result.violation());
            }
        }
        if (System.nanoTime() - reportedNs > REPORT_EVERY_NS) {
            reportedNs = System.nanoTime();
            spec.commandLine().getErr().println(ended + " lives, " + failed + " broke a rule");
        }
        return failed == 0 || !failFast;
    }

    private void report(double tookS) {
        out().println(String.format(
                Locale.ROOT,
                "%d lives (%.1f h of simulated time) in %.1f s, %.0f a second; %d broke a rule; trace hash %016x",
                ended,
                livedNs / 3.6e12,
                tookS,
                ended / tookS,
                failed,
                hash));
        for (Life.Result failure : failures) {
            out().println("  seed " + failure.seed() + ": " + failure.violation());
        }
    }

    private String asJson(double tookS) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "{\"bug\":\"%s\",\"lives\":%d,\"failed\":%d,\"seconds\":%.3f,\"happenings\":%d,\"hash\":\"%016x\",\"failures\":[",
                bug,
                ended,
                failed,
                tookS,
                happenings,
                hash));
        String comma = "";
        for (Life.Result failure : failures) {
            String what = failure.violation().text().replace("\\", "\\\\").replace("\"", "\\\"");
            text.append(comma)
                    .append("{\"seed\":")
                    .append(failure.seed())
                    .append(",\"rule\":\"")
                    .append(failure.violation().rule())
                    .append("\",\"atMs\":")
                    .append(failure.violation().atNs() / World.MS)
                    .append(",\"text\":\"")
                    .append(what)
                    .append("\"}");
            comma = ",";
        }
        return text.append("]}").toString();
    }
}
