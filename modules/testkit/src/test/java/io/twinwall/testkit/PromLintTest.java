/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PromLintTest {
    @Test
    void shouldFindNothingInAPageAsItShouldBe() {
        assertEquals(List.of(), PromLint.problems("""
                # HELP twinwall_events_total Events, "so called".
                # TYPE twinwall_events_total counter
                twinwall_events_total{path="a, \\"b\\" }",kind="x"} 3
                twinwall_events_total{path="c",kind="x"} 4
                # HELP twinwall_lag_seconds Lag.
                # TYPE twinwall_lag_seconds gauge
                twinwall_lag_seconds 1.0E-9
                """));
    }

    @Test
    void shouldFindWhatIsWrongWithAName() {
        found("_total is for counters", page("events", "counter", "events 1"));
        found("_total is for counters", page("events_total", "gauge", "events_total 1"));
        found("not in seconds", page("lag_milliseconds", "gauge", "lag_milliseconds 1"));
        found("abbreviated unit, ms", page("lag_ms", "gauge", "lag_ms 1"));
        found("abbreviated unit, b", page("path_b_up", "gauge", "path_b_up 1"));
        found("not in snake_case", page("lagSeconds", "gauge", "lagSeconds 1"));
        found("its type is in its name", page("flows_gauge", "gauge", "flows_gauge 1"));
        found("ends as parts of a histogram do", page("flows_count", "gauge", "flows_count 1"));
        found("reserved label", page("flows", "gauge", "flows{le=\"1\"} 1"));
    }

    @Test
    void shouldFindWhatIsWrongWithAPage() {
        found("of no type", "flows 1\n");
        found("no number", page("flows", "gauge", "flows one"));
        found("the same value twice", page("flows", "gauge", "flows 1\nflows 2"));
        found("other labels", page("flows", "gauge", "flows{a=\"1\"} 1\nflows{b=\"1\"} 2"));
        found("no value", page("flows", "gauge", ""));
        found("labels that are none", page("flows", "gauge", "flows{a=1} 1"));
        found("explained twice", page("flows", "gauge", "flows 1") + page("flows", "gauge", "flows 2"));
        found("no sentence", page("flows", "gauge", "flows 1").replace("It.", "It"));
        found("do not follow", page("flows", "gauge", "flows 1\nothers 1"));
        found("does not end", "# HELP flows It.");
    }

    private static String page(String name, String type, String lines) {
        return "# HELP " + name + " It.\n# TYPE " + name + " " + type + "\n" + lines + "\n";
    }

    private static void found(String problem, String page) {
        List<String> problems = PromLint.problems(page);
        assertTrue(problems.stream().anyMatch(one -> one.contains(problem)), problems + " in " + page);
    }
}
