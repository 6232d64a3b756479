/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;

/** Has picocli read the command line, and says what is wrong with it in this program's words. */
final class CliParser {
    private CliParser() {}

    /** Runs one command; returns the process' exit code. */
    static int execute(Cli cli, String[] words, PrintStream out, PrintStream err) {
        CommandLine commandLine = cli.commandLine(words)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(CliParser::usage)
                .setExecutionExceptionHandler((e, command, parsed) -> Main.ended(e, out, err));
        for (CommandLine command : commandLine.getSubcommands().values()) {
            exitCodes(command.getCommandSpec().usageMessage());
        }
        exitCodes(commandLine.getCommandSpec().usageMessage());
        return commandLine.execute(words);
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
