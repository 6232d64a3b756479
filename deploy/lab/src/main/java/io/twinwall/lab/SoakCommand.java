/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./twinwall soak}: a pair on this machine under faults drawn from a seed, for as long as is wished. A program of
 * its own beside the product's, which is started for the agents with the same Java, flags and class path.
 */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        versionProvider = FailuresCommand.Version.class,
        sortOptions = false,
        description = {
            "Let faults fall upon a pair of firewalls on this machine, one after the other, drawn from a seed, under",
            "thousands of flows that come and go; after each the pair must heal and be equal, and no flow that must",
            "live may be lost. Ends with a ledger. Needs root."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the ledger is clean",
            "1:it is not",
            "64:the command line was wrong",
            "70:a bug of this program",
            "71:the kernel lacks a feature, or a program is missing; the message says which",
            "77:it needs root"
        })
public final class SoakCommand implements Callable<Integer> {
    private static final double MINUTES_MAX = 7 * 24 * 60;
    private static final int FLOWS_MIN = 4;
    private static final int CHURN_MAX = 1_000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--minutes", paramLabel = "N", description = "How long faults go on (default: ${DEFAULT-VALUE}).")
    private double minutes = 60;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the faults and all else that is drawn (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "The ledger as Markdown, up to date after each fault.")
    private Path file;

    @Option(
            names = "--flows",
            paramLabel = "N",
            description = "TCP connections that must live, 4..2000 (default: ${DEFAULT-VALUE}).")
    private int flows = 500;

    @Option(
            names = "--churn",
            paramLabel = "N",
            description = "Short flows opened each second, 0..1000 (default: ${DEFAULT-VALUE}).")
    private int churn = 100;

    @Option(names = "--only", paramLabel = "NAME,...", description = "These faults only.")
    private String only;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "calm, fast or extreme (default: ${DEFAULT-VALUE}).")
    private LabProfile profile = LabProfile.FAST;

    @Option(names = "--step-clock", description = "Step this machine's clock too, by 30 s and back.")
    private boolean stepClock;

    @Option(
            names = "--control",
            paramLabel = "NAME",
            description = "Plant a weakness that must be found: no-sync or no-fence.")
    private String control;

    @Option(names = "--plan", description = "Print the first faults of this seed, and end.")
    private boolean plan;

    @Option(names = "--json", description = "Print one JSON object at the end, and all else on standard error.")
    private boolean json;

    private final PrintStream out;
    private final PrintStream err;

    private SoakCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** Runs the command; answers the process' exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return new CommandLine(new SoakCommand(out, err))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((e, args) -> {
                    err.println("soak: " + e.getMessage());
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
        SoakOptions options = options();
        if (plan) {
            return print(options);
        }
        Progress progress = new Progress(json ? err : out, false);
        try (Soak soak = new Soak(options, FailuresCommand.agentCommand(), progress)) {
            SoakReport report = soak.run(this::write);
            write(report);
            (json ? err : out).println("\n" + report.markdown());
            if (json) {
                out.println(report.json());
            }
            return (report.passed() ? ExitCode.OK : ExitCode.REFUSED).code();
        } catch (Fatal e) {
            err.println("soak: " + e.getMessage());
            return e.exitCode().code();
        }
    }

    private int print(SoakOptions options) {
        for (boolean settled : new boolean[] {false, true}) {
            out.println(settled ? "second half:" : "first half:");
            SoakPlan faults = new SoakPlan(options.seed(), options.faults(), settled);
            for (int i = 0; i < 2 * options.faults().size(); i++) {
                out.println("  " + faults.next());
            }
        }
        return ExitCode.OK.code();
    }

    private void write(SoakReport report) {
        if (file != null) {
            try {
                Files.writeString(file, report.markdown());
            } catch (IOException e) {
                throw new Fatal(ExitCode.ENVIRONMENT, file + ": " + e.getMessage(), e);
            }
        }
    }

    private SoakOptions options() {
        require(minutes > 0 && minutes <= MINUTES_MAX, "--minutes: expected more than 0, at most " + MINUTES_MAX);
        require(flows >= FLOWS_MIN && flows <= TcpFlows.FLOWS_MAX, "--flows: expected 4.." + TcpFlows.FLOWS_MAX);
        require(churn >= 0 && churn <= CHURN_MAX, "--churn: expected 0.." + CHURN_MAX);
        return new SoakOptions(minutes, seed, flows, churn, faults(), profile, control());
    }

    private List<SoakFault> faults() {
        try {
            List<SoakFault> faults = only == null ? List.of(SoakFault.values()) : SoakFault.parse(only);
            List<SoakFault> chosen = faults.stream()
                    .filter(fault -> stepClock || fault != SoakFault.CLOCK)
                    .toList();
            require(!chosen.isEmpty(), "--only: clock needs --step-clock, since the clock is the whole machine's");
            return chosen;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--only: " + e.getMessage(), e);
        }
    }

    private SoakOptions.Control control() {
        if (control == null) {
            return SoakOptions.Control.NONE;
        }
        return Arrays.stream(SoakOptions.Control.values())
                .filter(one -> one.name().replace('_', '-').equalsIgnoreCase(control))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--control: expected no-sync or no-fence, found \"" + control + "\""));
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
