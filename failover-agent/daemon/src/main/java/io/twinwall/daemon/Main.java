/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.base.BugError;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;

/**
 * The program's outermost frame: parses the command line, and turns every way to end into one of {@link ExitCode}.
 * A {@link Fatal} is its message; a bug is its stack trace, for the report.
 */
public final class Main {
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Supplier<Daemon> daemon;
    private final Supplier<Demo> demo;
    private final CliScreen screen;

    /** The suppliers are asked only by the verbs that need them. */
    public Main(Supplier<Daemon> daemon, Supplier<Demo> demo) {
        this(daemon, demo, CliScreen.PIPE);
    }

    Main(Supplier<Daemon> daemon, Supplier<Demo> demo, CliScreen screen) {
        this.daemon = daemon;
        this.demo = demo;
        this.screen = screen;
    }

    public static void main(String[] args) {
        Main main = new Main(TwinwallDaemon::new, LabDemo::new, CliScreen.standardOutput(System.getenv()));
        System.exit(main.run(args, System.out, System.err));
    }

    /** Runs one command; returns the process' exit code. */
    public int run(String[] args, PrintStream out, PrintStream err) {
        try {
            Optional<Path> asked = CliClient.plainStatus(args);
            if (asked.isPresent()) {
                out.print(CliClient.screen(new AdminClient(asked.get(), CliClient.PATIENCE), screen.style()));
                out.flush();
                return ExitCode.OK.code();
            }
            String[] words = args.length == 0 ? new String[] {"--help"} : args;
            int code = commandLine(words, out, err).execute(words);
            out.flush();
            return args.length == 0 ? ExitCode.USAGE.code() : code;
        } catch (BugError | Fatal e) {
            return ended(e, out, err);
        }
    }

    /** Says why a verb ended by throwing, and with which code. */
    private static int ended(Throwable thrown, PrintStream out, PrintStream err) {
        // A daemon whose standard error nobody reads is to end all the same.
        Thread words = Thread.ofPlatform().name("twinwall-last-words").daemon().start(() -> tell(thrown, out, err));
        try {
            words.join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return thrown instanceof Fatal fatal ? fatal.exitCode().code() : ExitCode.BUG.code();
    }

    private static void tell(Throwable thrown, PrintStream out, PrintStream err) {
        out.flush();
        if (thrown instanceof Fatal fatal) {
            err.println("twinwall: " + fatal.getMessage().replace("\n", "\ntwinwall: "));
        } else {
            err.println("twinwall: a bug; please report it with what follows");
            thrown.printStackTrace(err);
        }
    }

    private CommandLine commandLine(String[] words, PrintStream out, PrintStream err) {
        CommandLine commandLine = new Cli(daemon, demo, out, err, screen)
                .commandLine(words)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::usage)
                .setExecutionExceptionHandler((e, command, parsed) -> ended(e, out, err));
        for (CommandLine command : commandLine.getSubcommands().values()) {
            exitCodes(command.getCommandSpec().usageMessage());
        }
        exitCodes(commandLine.getCommandSpec().usageMessage());
        return commandLine;
    }

    private static int usage(ParameterException e, String[] args) {
        PrintWriter err = e.getCommandLine().getErr();
        boolean verb = args.length > 0 && Cli.VERBS.contains(args[0]);
        if (verb || args.length == 0 || args[0].startsWith("-")) {
            err.println("twinwall: " + e.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        } else {
            String nearest = ConfigNearest.nearest(args[0], Cli.VERBS);
            err.println("twinwall: no command '" + args[0] + "', only " + String.join(", ", Cli.VERBS)
                    + (nearest.isEmpty() ? "" : "; did you mean '" + nearest + "'?"));
        }
        err.println("See 'twinwall " + (verb ? args[0] + " " : "") + "--help'.");
        return ExitCode.USAGE.code();
    }

    private static void exitCodes(UsageMessageSpec usage) {
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(String.valueOf(code.code()), meaning(code));
        }
        usage.exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    }

    private static String meaning(ExitCode code) {
        return switch (code) {
            case OK -> "done";
            case REFUSED -> "the answer is no";
            case WARNED -> "yes, with warnings";
            case USAGE -> "wrong command line";
            case BAD_INPUT -> "malformed input";
            case UNAVAILABLE -> "the daemon, or the peer, does not answer";
            case BUG -> "a bug in twinwall";
            case ENVIRONMENT -> "the system lacks something";
            case NO_PERMISSION -> "permission denied";
            case CONFIG -> "wrong configuration";
        };
    }
}
