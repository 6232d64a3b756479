/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion scripts for shells, out of the description that the help is made of. */
final class CliCompletion {
    /** Shells whose completion can be printed. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    private CliCompletion() {}

    static String script(Shell shell, CommandLine program) {
        return switch (shell) {
            // What is made for bash loads zsh's emulation of it by itself.
            case BASH, ZSH -> AutoComplete.bash(program.getCommandName(), program);
            case FISH -> fish(program);
        };
    }

    private static String fish(CommandLine program) {
        String name = program.getCommandName();
        StringBuilder text = new StringBuilder("# Completion of " + name + " for fish\n");
        text.append("complete -c ").append(name).append(" -f\n");
        for (Map.Entry<String, CommandLine> verb : program.getSubcommands().entrySet()) {
            String help = String.join(
                    " ", verb.getValue().getCommandSpec().usageMessage().description());
            text.append("complete -c ").append(name).append(" -n __fish_use_subcommand -a ");
            text.append(verb.getKey()).append(" -d ").append(quoted(help)).append('\n');
            String within = "complete -c " + name + " -n '__fish_seen_subcommand_from " + verb.getKey() + "'";
            verb.getValue().getCommandSpec().options().forEach(option -> option(text, within, option));
            verb.getValue().getCommandSpec().positionalParameters().stream()
                    .filter(one -> one.completionCandidates() != null)
                    .forEach(one -> text.append(within)
                            .append(" -a ")
                            .append(quoted(candidates(one)))
                            .append('\n'));
        }
        return text.toString();
    }

    private static void option(StringBuilder text, String within, OptionSpec option) {
        text.append(within);
        for (String name : option.names()) {
            text.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        if (option.arity().min() > 0) {
            text.append(" -r");
            text.append(option.type() == Path.class ? " -F" : "");
        }
        if (option.completionCandidates() != null) {
            text.append(" -a ").append(quoted(candidates(option)));
        }
        text.append(" -d ")
                .append(quoted(String.join(" ", option.description())))
                .append('\n');
    }

    private static String candidates(ArgSpec argument) {
        return StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                .map(word -> word.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String plain) {
        return "'" + plain.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
