/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./twinwall failures}: the table of failures, made on this machine. A program of its own beside the product's,
 * which is started for the agents with the same Java, flags and class path.
 */
@Command(
        name = "failures",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Make a pair of firewalls fail on this machine in each way there is, again and again, and show what became of",
            "its flows, its gates and its roles. Needs root. Exit codes: 0 every bar held, 1 one did not."
        })
public final class FailuresCommand implements Callable<Integer> {
    private static final String PROGRAM = "io.twinwall.daemon.Main";
    private static final int RUNS_MAX = 1_000;
    private static final int SECONDS_MAX = 50;

    @Spec
    private CommandSpec spec;

    @Option(names = "--runs", paramLabel = "N", description = "Runs of each failure (default: ${DEFAULT-VALUE}).")
    private int runs = 10;

    @Option(
            names = "--only",
            paramLabel = "NAME,...",
            description = "These failures only, of ${COMPLETION-CANDIDATES}.",
            completionCandidates = Names.class)
    private String only;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "calm, fast or extreme (default: ${DEFAULT-VALUE}).")
    private LabProfile profile = LabProfile.FAST;

    @Option(
            names = "--flows",
            paramLabel = "N",
            description = "TCP flows that are open meanwhile, 1..250000 (default: ${DEFAULT-VALUE}).")
    private int flows = 1_000;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long loads and losses of packets go on, 1..50 (default: ${DEFAULT-VALUE}).")
    private int seconds = 20;

    @Option(
            names = "--trackers",
            negatable = true,
            description = "Whether the agents track their links and probe the addresses.")
    private boolean trackers = AgentOptions.defaults().trackers();

    @Option(names = "--step-clock", description = "Step this machine's clock too, by 30 s and back.")
    private boolean stepClock;

    @Option(names = "--logs", description = "Show what the agents said in each run that missed its bar.")
    private boolean logs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of what is drawn at random (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--json", description = "Print one JSON object at the end, and all else on standard error.")
    private boolean json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table into a file.")
    private Path markdown;

    private final PrintStream out;
    private final PrintStream err;

    private FailuresCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** Runs the command; answers the process' exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return new CommandLine(new FailuresCommand(out, err))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, args) -> {
                    err.println("failures: " + e.getMessage());
                    return ExitCode.USAGE.code();
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        FailuresOptions options = options();
        Progress progress = new Progress(json ? err : out, false);
        try (Failures failures = new Failures(options, agentCommand(), progress)) {
            FailuresReport report = new FailuresReport(options, failures.run());
            (json ? err : out).println("\n" + report.markdown());
            if (json) {
                out.println(report.json());
            }
            if (markdown != null) {
                Files.writeString(markdown, report.markdown());
            }
            return (report.passed() ? ExitCode.OK : ExitCode.REFUSED).code();
        } catch (Fatal e) {
            err.println("failures: " + e.getMessage());
            return e.exitCode().code();
        }
    }

    private FailuresOptions options() {
        require("--runs", runs, RUNS_MAX);
        require("--flows", flows, DemoOptions.FLOWS_MAX);
        require("--seconds", seconds, SECONDS_MAX);
        try {
            List<Trial> trials = only == null ? List.of(Trial.values()) : Trial.parse(only);
            return new FailuresOptions(runs, trials, profile, flows, seed, seconds * 1_000L, stepClock, trackers, logs);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--only: " + e.getMessage(), e);
        }
    }

    private void require(String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(spec.commandLine(), option + ": expected 1.." + max + ", found " + value);
        }
    }

    /** The command that starts the product with what started this. */
    private static List<String> agentCommand() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PROGRAM));
        return command;
    }

    /** The words of {@code --only}. */
    private static final class Names implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return Arrays.stream(Trial.values())
                    .map(Trial::word)
                    .collect(Collectors.toList())
                    .iterator();
        }
    }
}
