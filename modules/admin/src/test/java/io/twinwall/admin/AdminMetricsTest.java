/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AdminMetricsTest {
    private static final Pattern SAMPLE = Pattern.compile(
            "(twinwall_[a-z0-9_]+)(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*})? (-?[0-9.]+(E-?[0-9]+)?|NaN)");

    private final Counters counters = new Counters();
    private final AdminMetrics metrics = new AdminMetrics(counters);

    @Test
    void shouldExportCountersMadeBeforeAndAfterTheFirstScrape() {
        counters.counter("events_total", "Events read.").add(3);
        assertTrue(metrics.scrape().contains("\ntwinwall_events_total 3.0\n"), metrics.scrape());
        counters.gauge("flows", "Flows in the table.").set(7);
        assertTrue(metrics.scrape().contains("\ntwinwall_flows 7.0\n"), metrics.scrape());
    }

    @Test
    void shouldExplainEachMetricOnceAndNameItWell() {
        counters.counter("events_total", "Events read.");
        counters.gauge("lag_seconds", "Lag.");
        metrics.gauge("path_heard_seconds", "Since the last heartbeat.", Map.of("path", "sync"), () -> 0.04);
        metrics.gauge("path_heard_seconds", "Since the last heartbeat.", Map.of("path", "lan"), () -> 1e-9);
        Set<String> helped = new HashSet<>();
        Set<String> typed = new HashSet<>();
        Set<String> samples = new HashSet<>();
        for (String line : metrics.scrape().split("\n", -1)) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                assertTrue(helped.add(words[2]), line);
                assertTrue(words[3].endsWith("."), line);
            } else if (line.startsWith("# TYPE ")) {
                assertTrue(typed.add(words[2]), line);
                assertEquals(words[2].endsWith("_total") ? "counter" : "gauge", words[3], line);
            } else if (!line.isEmpty()) {
                Matcher sample = SAMPLE.matcher(line);
                assertTrue(sample.matches(), line);
                assertTrue(helped.contains(sample.group(1)) && typed.contains(sample.group(1)), line);
                assertTrue(samples.add(line.substring(0, line.lastIndexOf(' '))), line);
            }
        }
        assertEquals(helped, typed);
        assertTrue(
                samples.contains("twinwall_path_heard_seconds{path=\"lan\"}")
                        && samples.contains("twinwall_process_resident_bytes"),
                samples.toString());
    }

    @Test
    void shouldReadStatLineWhoseNameHoldsBlanksAndBrackets() {
        String line = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21\n";
        assertEquals(11, ProcessGauges.field(line, 11));
        assertEquals(21, ProcessGauges.field(line, 21));
    }
}
