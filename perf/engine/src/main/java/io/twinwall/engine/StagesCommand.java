/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./twinwall stages}: what each stage of a flow's way costs, beside the same work in C. */
@Command(
        name = "stages",
        mixinStandardHelpOptions = true,
        versionProvider = StagesCommand.Version.class,
        sortOptions = false,
        description = {
            "Measure each stage of a flow's way by itself, with the program's own classes",
            "and flags: nanoseconds and heap bytes for each flow, frame or bucket, beside",
            "the same work in C. Needs no root and no kernel. A whole run takes eight",
            "minutes and means something on a machine that does nothing else."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every stage was measured, and none allocates",
            "1:one allocates",
            "64:the command line was wrong",
            "70:a bug of this program; a benchmark failed",
            "71:the ledger cannot be written"
        })
public final class StagesCommand implements Callable<Integer> {
    private static final int FORKS_MAX = 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--only", paramLabel = "NAME,...", description = "These stages only: --list names them.")
    private String only;

    @Option(names = "--list", description = "Say which stages there are, and end.")
    private boolean list;

    @Option(
            names = "--forks",
            paramLabel = "N",
            description =
                    "JVMs for each benchmark, 1..20, each with five iterations of a second (default: ${DEFAULT-VALUE}).")
    private int forks = 3;

    @Option(
            names = "--quick",
            description =
                    "One JVM, two iterations of 100 ms, small tables only: shows that all runs, measures nothing.")
    private boolean quick;

    @Option(names = "--ledger", paramLabel = "FILE", description = "Add each score to this file, as a line of JSON.")
    private Path ledger;

    private final PrintStream out;
    private final PrintStream err;

    private StagesCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** Runs the command; answers the process' exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return new CommandLine(new StagesCommand(out, err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, args) -> {
                    err.println("stages: " + e.getMessage());
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
    public Integer call() {
        Set<Stage> stages = stages();
        if (list) {
            stages.forEach(stage -> out.printf("%-8s  %s%n", stage.word(), stage.what()));
            return ExitCode.OK.code();
        }
        try {
            return measure(stages).code();
        } catch (Fatal e) {
            err.println("stages: " + e.getMessage());
            return e.exitCode().code();
        }
    }

    private ExitCode measure(Set<Stage> stages) {
        StagePace pace = quick ? StagePace.forBuild() : StagePace.forResult(forks);
        Surroundings where = Surroundings.here();
        Floors floors = Floors.measure(quick);
        StageTable table = new StageTable(floors);
        StageRun runs = new StageRun(pace);
        List<StageScore> scores = new ArrayList<>();
        out.println(where.words());
        out.println(table.head());
        for (Stage stage : stages) {
            for (StageScore score : runs.run(stage)) {
                out.println(table.row(score));
                if (ledger != null) {
                    new StageLedger(ledger, where, floors, pace).add(score);
                }
                scores.add(score);
            }
        }
        out.println(table.foot(scores));
        return scores.stream().allMatch(StageScore::allocatesNothing) ? ExitCode.OK : ExitCode.REFUSED;
    }

    private Set<Stage> stages() {
        if (forks < 1 || forks > FORKS_MAX) {
            throw new ParameterException(spec.commandLine(), "--forks: expected 1.." + FORKS_MAX + ", found " + forks);
        }
        try {
            return only == null ? EnumSet.allOf(Stage.class) : Stage.parse(only);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--only: " + e.getMessage(), e);
        }
    }

    /** What {@code --version} prints, as the product does. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = StagesCommand.class.getPackage().getImplementationVersion();
            return new String[] {"twinwall " + (version == null ? "(not packaged)" : version)};
        }
    }
}
