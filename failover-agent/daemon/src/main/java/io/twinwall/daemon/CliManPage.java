/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Manual pages (man(7), roff) out of the description that the help and the completion are made of: one for the program,
 * one for each verb. Without a date, so that the same program makes the same pages.
 */
final class CliManPage {
    private final CommandSpec spec;
    private final String name;
    private final StringBuilder text = new StringBuilder();

    private CliManPage(CommandSpec spec) {
        this.spec = spec;
        name = spec.qualifiedName("-");
    }

    /** File names and what is to be in them. */
    static Map<String, String> pages(CommandLine program, String version) {
        Map<String, String> pages = new LinkedHashMap<>();
        put(pages, program, version);
        program.getSubcommands().values().forEach(verb -> put(pages, verb, version));
        return pages;
    }

    private static void put(Map<String, String> pages, CommandLine command, String version) {
        CliManPage page = new CliManPage(command.getCommandSpec());
        pages.put(page.name + ".1", page.write(command, version));
    }

    private String write(CommandLine command, String version) {
        List<String> description = List.of(spec.usageMessage().description());
        macro("TH", name.toUpperCase(Locale.ROOT), "1", "", "twinwall " + version, "Twinwall");
        section("NAME");
        line(name + " - " + firstSentence(description));
        section("SYNOPSIS");
        line(command.getHelp().synopsis(0).strip().replaceAll("\\s+", " "));
        section("DESCRIPTION");
        description.forEach(this::line);
        arguments();
        options();
        verbs(command);
        section("EXIT STATUS");
        spec.usageMessage().exitCodeList().forEach((code, meaning) -> item(bold(code), List.of(meaning)));
        seeAlso();
        return text.toString();
    }

    private static String firstSentence(List<String> description) {
        String all = String.join(" ", description);
        int end = all.indexOf(". ");
        String first = end < 0 ? all : all.substring(0, end);
        return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
    }

    private void arguments() {
        List<PositionalParamSpec> all = spec.positionalParameters();
        if (!all.isEmpty()) {
            section("ARGUMENTS");
            all.forEach(one -> item(italic(one.paramLabel()), List.of(one.description())));
        }
    }

    private void options() {
        List<OptionSpec> all =
                spec.options().stream().filter(option -> !option.hidden()).toList();
        if (!all.isEmpty()) {
            section("OPTIONS");
            all.forEach(one -> item(names(one), List.of(one.description())));
        }
    }

    private static String names(OptionSpec option) {
        String names = List.of(option.names()).stream().map(CliManPage::bold).collect(Collectors.joining(", "));
        return names + parameter(option);
    }

    private static String parameter(ArgSpec option) {
        if (option.arity().max() == 0) {
            return "";
        }
        String label = italic(option.paramLabel());
        return option.arity().min() == 0 ? " [" + label + "]" : " " + label;
    }

    private void verbs(CommandLine command) {
        Map<String, CommandLine> verbs = command.getSubcommands();
        if (!verbs.isEmpty()) {
            section("COMMANDS");
            verbs.forEach((verb, sub) -> item(
                    bold(name + "-" + verb) + "(1)",
                    List.of(sub.getCommandSpec().usageMessage().description())));
        }
    }

    private void seeAlso() {
        section("SEE ALSO");
        if (spec.parent() == null) {
            spec.subcommands().keySet().forEach(verb -> line(name + "-" + verb + "(1)"));
        } else {
            line(spec.root().name() + "(1)");
        }
        line("docs/OPERATING.md: every setting, state, alarm and number, and what to do.");
    }

    // roff

    private void section(String title) {
        macro("SH", title);
    }

    /** A term, already in roff, and what it means. */
    private void item(String term, List<String> meaning) {
        text.append(".TP\n").append(term).append('\n');
        meaning.forEach(this::line);
    }

    private void macro(String request, String... arguments) {
        text.append('.').append(request);
        for (String argument : arguments) {
            text.append(" \"").append(escaped(argument).replace("\"", "\\(dq")).append('"');
        }
        text.append('\n');
    }

    /** A line of text, which must not look like a request. */
    private void line(String plain) {
        String escaped = escaped(plain);
        text.append(escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" : "")
                .append(escaped)
                .append('\n');
    }

    private static String bold(String plain) {
        return "\\fB" + escaped(plain) + "\\fR";
    }

    private static String italic(String plain) {
        return "\\fI" + escaped(plain) + "\\fR";
    }

    private static String escaped(String plain) {
        return plain.replace("\\", "\\e").replace("-", "\\-").replace("\n", " ");
    }
}
