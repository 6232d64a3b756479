/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.lab.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The results of a run as a Markdown page, with its plots beside it. */
final class Report {
    private final Surroundings where;
    private final List<Scenario> scenarios;
    private final List<Result> results;
    private final List<String> failures;

    /** {@code failures}: what could not be measured, and why. */
    Report(Surroundings where, List<Scenario> scenarios, List<Result> results, List<String> failures) {
        this.where = where;
        this.scenarios = scenarios;
        this.results = results;
        this.failures = failures;
    }

    List<Bar.Row> bars() {
        return Stream.concat(
                        Bar.ALL.stream().map(bar -> bar.judge(results)), Stream.of(LevelBar.TAKEOVER.judge(results)))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Writes page and plots into {@code directory}. */
    void write(Path directory) {
        try {
            Plots.write(results, directory);
            Files.writeString(directory.resolve("README.md"), text());
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, directory + ": " + e.getMessage(), e);
        }
    }

    private String text() {
        StringBuilder text = new StringBuilder("# Side by side\n\n");
        text.append(where.words()).append("""
                        . Both stacks ran in turn in the same lab, which carried clients, servers, both
                        firewalls and the generators on the same processors. Each cell: median (range, runs). *Stall* is how long the
                        machine itself stood still at worst while it was measured: the noise. *Never*: not within half a minute. Raw values: `results.jsonl` beside this page.
                        """);
        bars(text);
        for (Scenario scenario : scenarios) {
            section(text, scenario);
        }
        if (!failures.isEmpty()) {
            text.append("\n## Not measured\n\n");
            failures.forEach(failure -> text.append("- ").append(failure).append('\n'));
        }
        return text.toString();
    }

    private void bars(StringBuilder text) {
        List<Bar.Row> rows = bars();
        if (rows.isEmpty()) {
            return;
        }
        text.append("\n## Bars\n\n| what | Twinwall | the other | ratio | bar | |\n|---|---|---|---|---|---|\n");
        for (Bar.Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s |%n",
                    row.name(),
                    row.ours(),
                    row.theirs(),
                    row.ratio(),
                    row.bar(),
                    row.held() ? "held" : "**missed**"));
        }
    }

    private void section(StringBuilder text, Scenario scenario) {
        List<Result> own = results.stream()
                .filter(result -> result.scenario().equals(scenario.word()))
                .toList();
        if (own.isEmpty()) {
            return;
        }
        List<String> whats = own.stream().map(Result::what).distinct().toList();
        text.append("\n## ").append(scenario.title()).append("\n\n| | | ").append(String.join(" | ", whats));
        text.append(" |\n|---|---|").append("---|".repeat(whats.size())).append('\n');
        for (double at : own.stream().mapToDouble(Result::at).distinct().toArray()) {
            for (Contender contender : Contender.values()) {
                row(text, own, whats, at, contender);
            }
        }
        Plots.of(scenario.word(), results)
                .ifPresent(name -> text.append("\n![")
                        .append(name)
                        .append("](")
                        .append(name)
                        .append(".svg)\n"));
    }

    private static void row(StringBuilder text, List<Result> own, List<String> whats, double at, Contender contender) {
        List<Result> cells = own.stream()
                .filter(result -> result.contender() == contender && result.at() == at)
                .toList();
        if (cells.isEmpty()) {
            return;
        }
        text.append("| ").append(contender.title()).append(" | ").append(at == 0 ? "" : Result.number(at));
        for (String what : whats) {
            text.append(" | ")
                    .append(cells.stream()
                            .filter(cell ->
                                    cell.what().equals(what) && !cell.values().isEmpty())
                            .map(Result::words)
                            .findFirst()
                            .orElse("-"));
        }
        text.append(" |\n");
    }
}
