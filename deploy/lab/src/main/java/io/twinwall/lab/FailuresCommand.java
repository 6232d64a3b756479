/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
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
        versionProvider = FailuresCommand.Version.class,
        sortOptions = false,
        description = {
            "Make a pair of firewalls fail on this machine in each way there is, again and again,",
            "and show what became of its flows, its gates and its roles. Needs root."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every bar held",
            "1:one did not",
            "64:the command line was wrong",
            "70:a bug of this program",
            "71:the kernel lacks a feature, or a program is missing; the message says which",
            "77:it needs root"
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
            split = ",",
            defaultValue = "fast",
            description = "calm, fast, extreme; with several, rows for each (default: ${DEFAULT-VALUE}).")
    private List<LabProfile> profiles;

    @Option(
            names = "--flows",
            paramLabel = "N",
            split = ",",
            defaultValue = "1000",
            description =
                    "TCP flows that are open meanwhile, 1..250000; with several, rows for each (default: ${DEFAULT-VALUE}).")
    private List<Integer> flows;

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

    @Option(
            names = "--markdown",
            paramLabel = "FILE",
            description = "Write the table into a file, which is up to date after each row.")
    private Path markdown;

    @Option(names = "--append", description = "Keep what is in that file, and write below it.")
    private boolean append;

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
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    e.printStackTrace(err);
                    return ExitCode.BUG.code();
                })
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        List<FailuresOptions> settings = settings();
        Progress progress = new Progress(json ? err : out, false);
        Surroundings where = Surroundings.here();
        Estimate estimate = new Estimate(settings);
        List<TrialRow> rows = new ArrayList<>();
        progress.line(settings.getFirst().trials().size() + " failures, " + estimate.left());
        try {
            MarkdownFile file = new MarkdownFile(markdown, append);
            for (FailuresOptions options : settings) {
                try (Failures failures = new Failures(options, agentCommand(), progress)) {
                    failures.run(row -> {
                        rows.add(row);
                        estimate.done(row.trial(), options);
                        progress.line(row.trial().word() + ", " + row.setting() + ": " + row.verdict() + "; "
                                + estimate.left());
                        file.write(new FailuresReport(where, settings, rows));
                    });
                }
            }
            return say(new FailuresReport(where, settings, rows)).code();
        } catch (Fatal e) {
            err.println("failures: " + e.getMessage());
            return e.exitCode().code();
        }
    }

    private ExitCode say(FailuresReport report) {
        (json ? err : out).println("\n" + FailuresReport.COLUMNS + "\n" + report.markdown());
        if (json) {
            out.println(report.json());
        }
        return report.passed() ? ExitCode.OK : ExitCode.REFUSED;
    }

    /** Each profile with each number of flows. */
    private List<FailuresOptions> settings() {
        require("--runs", runs, RUNS_MAX);
        flows.forEach(number -> require("--flows", number, DemoOptions.FLOWS_MAX));
        require("--seconds", seconds, SECONDS_MAX);
        if (append && markdown == null) {
            throw new ParameterException(spec.commandLine(), "--append: to which file? --markdown names it");
        }
        try {
            List<Trial> trials = only == null ? List.of(Trial.values()) : Trial.parse(only);
            return profiles.stream()
                    .flatMap(profile -> flows.stream()
                            .map(number -> new FailuresOptions(
                                    runs, trials, profile, number, seed, seconds * 1_000L, stepClock, trackers, logs)))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--only: " + e.getMessage(), e);
        }
    }

    private void require(String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(spec.commandLine(), option + ": expected 1.." + max + ", found " + value);
        }
    }

    /** The command that starts the product with what started this; of heap sizes the package's, which comes first. */
    static List<String> agentCommand() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-Xmx") || command.stream().noneMatch(given -> given.startsWith("-Xmx"))) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PROGRAM));
        return command;
    }

    /** What {@code --version} prints, as the product does. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = FailuresCommand.class.getPackage().getImplementationVersion();
            return new String[] {"twinwall " + (version == null ? "(not packaged)" : version)};
        }
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
