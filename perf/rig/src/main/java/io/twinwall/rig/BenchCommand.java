/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.lab.Progress;
import io.twinwall.lab.Surroundings;
import io.twinwall.lab.Training;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./twinwall bench}: this program and what it replaces, side by side on this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measure pairs of firewalls on this machine, one stack after the other through the same",
            "scenarios, and write what was seen with its bars and plots. Needs root."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was measured; bars that were missed are in the report",
            "1:something could not be measured; the report says what",
            "64:the command line was wrong",
            "70:a bug of this program",
            "71:the kernel lacks a feature, or a program is missing; the message says which",
            "77:it needs root"
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int RUNS_MAX = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--only",
            paramLabel = "NAME,...",
            description = "These scenarios only, of ${COMPLETION-CANDIDATES}.",
            completionCandidates = Names.class)
    private String only;

    @Option(names = "--against", paramLabel = "STACK", description = "Beside this stack: keepalived-conntrackd.")
    private String against;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "Runs of each measurement, where one is short (default: ${DEFAULT-VALUE}).")
    private int runs = 5;

    @Option(
            names = "--flows",
            paramLabel = "N",
            split = ",",
            defaultValue = "1000,100000,250000,1000000",
            description = "Sizes of the table at a takeover (default: ${DEFAULT-VALUE}).")
    private List<Integer> flows;

    @Option(
            names = "--small",
            description = "A run of each, with few flows: whether the rig works, not how fast anything is.")
    private boolean small;

    @Option(
            names = "--results",
            paramLabel = "DIRECTORY",
            required = true,
            description = "Where the report, its plots and the raw results go; made when it is not there.")
    private Path directory;

    @Option(
            names = "--program",
            paramLabel = "DIRECTORY",
            required = true,
            description = "The packaged program: jvm.options and lib.")
    private Path program;

    private final PrintStream out;
    private final PrintStream err;

    private BenchCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** Runs the command; answers the process' exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return new CommandLine(new BenchCommand(out, err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, args) -> {
                    err.println("bench: " + e.getMessage());
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
        List<Scenario> scenarios = scenarios();
        Setting setting = setting();
        Files.createDirectories(directory);
        Surroundings where = Surroundings.here();
        Ledger ledger = new Ledger(directory.resolve("results.jsonl"), where);
        List<Result> results = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Scenario scenario : scenarios) {
            for (Contender contender : contenders(scenario)) {
                measure(scenario, contender, setting, failures, result -> {
                    results.add(result);
                    ledger.add(result);
                    setting.progress().line(result.toString());
                });
                new Report(where, scenarios, results, failures).write(directory);
            }
        }
        for (Bar.Row row : new Report(where, scenarios, results, failures).bars()) {
            out.println((row.held() ? "held    " : "MISSED  ") + row.name() + ": " + row.ours() + "; " + row.bar());
        }
        failures.forEach(failure -> err.println("bench: not measured: " + failure));
        return (failures.isEmpty() ? ExitCode.OK : ExitCode.REFUSED).code();
    }

    /** What one measurement cannot do is its result; the others go on. */
    private static void measure(
            Scenario scenario,
            Contender contender,
            Setting setting,
            List<String> failures,
            java.util.function.Consumer<Result> results) {
        try {
            scenario.run(contender, setting, results);
        } catch (Fatal | UncheckedIOException e) {
            failures.add(scenario.word() + ", " + contender.title() + ": " + e.getMessage());
        }
    }

    /** In a small run the first tuning of each stack will do. */
    private List<Contender> contenders(Scenario scenario) {
        List<Contender> own =
                scenario.contenders().stream().filter(one -> !one.peer()).toList();
        List<Contender> others = against == null
                ? List.of()
                : scenario.contenders().stream().filter(Contender::peer).toList();
        return Stream.of(own, others)
                .flatMap(all -> small ? all.stream().limit(1) : all.stream())
                .toList();
    }

    private List<Scenario> scenarios() {
        try {
            return only == null ? Scenarios.ALL : Scenarios.parse(only);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--only: " + e.getMessage(), e);
        }
    }

    private Setting setting() {
        if (against != null && !against.equals("keepalived-conntrackd")) {
            throw new ParameterException(
                    spec.commandLine(), "--against: expected keepalived-conntrackd, found " + against);
        }
        if (runs < 1 || runs > RUNS_MAX) {
            throw new ParameterException(spec.commandLine(), "--runs: expected 1.." + RUNS_MAX + ", found " + runs);
        }
        for (int number : flows) {
            if (number < 1 || number > FlowRain.FLOWS_MAX) {
                throw new ParameterException(
                        spec.commandLine(), "--flows: expected 1.." + FlowRain.FLOWS_MAX + ", found " + number);
            }
        }
        return new Setting(
                agentCommand(),
                small ? 1 : runs,
                small,
                small ? List.of(flows.getFirst()) : flows,
                new Progress(out, false));
    }

    /** The packaged program as its own launcher starts it, with the Java that runs this. */
    private List<String> agentCommand() {
        try {
            return Training.program(program, Training.AGENT_CACHE);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--program: no package there: " + e.getMessage(), e);
        }
    }

    /** The words of {@code --only}. */
    private static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Scenarios.ALL.stream().map(Scenario::word).iterator();
        }
    }
}
