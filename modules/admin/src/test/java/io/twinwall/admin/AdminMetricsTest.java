/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import io.twinwall.testkit.PromLint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdminMetricsTest {
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
        String page = metrics.scrape();
        assertEquals(List.of(), PromLint.problems(page));
        assertTrue(page.contains("\ntwinwall_path_heard_seconds{path=\"lan\"} 1.0E-9\n"), page);
        assertTrue(page.contains("\ntwinwall_process_resident_memory_bytes "), page);
        assertTrue(page.contains("# TYPE twinwall_process_cpu_seconds_total counter\n"), page);
    }

    @Test
    void shouldShowAFamilyWithItsLabelsAndInBaseUnits() {
        Series refused = Series.of("refused_total", "Frames refused, by reason.");
        counters.counter("refused_tag_total", "Forged.", refused.with("reason", "tag"))
                .add(2);
        counters.counter("refused_kind_total", "Unknown.", refused.with("reason", "kind"));
        counters.counter("refused_total", "All of them.", Series.NONE).add(2);
        counters.gauge(
                        "lag_nanoseconds",
                        "Lag.",
                        Series.of("lag_seconds", "Lag.").scaled(Series.NANOSECONDS))
                .set(1_500_000_000L);
        String page = metrics.scrape();
        assertTrue(page.contains("""
                        # HELP twinwall_refused_total Frames refused, by reason.
                        # TYPE twinwall_refused_total counter
                        twinwall_refused_total{reason="kind"} 0.0
                        twinwall_refused_total{reason="tag"} 2.0
                        """), page);
        assertTrue(page.contains("\ntwinwall_lag_seconds 1.5\n"), page);
        assertFalse(page.contains("nanoseconds") || page.contains("refused_tag"), page);
        assertEquals(List.of(), PromLint.problems(page));
    }

    @Test
    void shouldForgetWhatIsNotToldAnyMore() {
        List<String> hooks = new ArrayList<>(List.of("a", "b"));
        metrics.collect(sink -> hooks.forEach(hook -> sink.gauge("hook_ok", "Ended well.", 1, "command", hook)));
        metrics.collect(sink -> sink.info("node_info", "Names.", "hooks", String.join(",", hooks)));
        assertTrue(metrics.scrape().contains("twinwall_node_info{hooks=\"a,b\"} 1"), metrics.scrape());
        hooks.remove("b");
        String page = metrics.scrape();
        assertTrue(page.contains("{command=\"a\"} 1.0\n") && !page.contains("{command=\"b\"}"), page);
        assertTrue(page.contains("twinwall_node_info{hooks=\"a\"} 1") && !page.contains("a,b"), page);
        assertEquals(List.of(), PromLint.problems(page));
    }

    @Test
    void shouldEscapeWhatAnOperatorNamed() {
        metrics.collect(sink -> {
            sink.gauge("hook_ok", "Whether \"it\" ended well.", 1, "command", "/a \"b\"\\c\nd");
            sink.gauge("hook_ok", "Whether \"it\" ended well.", 0, "command", "/a \"b\"\\c\nd");
            sink.gauge("nothing", "No number.", Double.NaN);
            sink.gauge("much", "More than numbers.", Double.POSITIVE_INFINITY);
        });
        String page = metrics.scrape();
        assertTrue(page.contains("# HELP twinwall_hook_ok Whether \"it\" ended well.\n"), page);
        assertTrue(page.contains("\ntwinwall_hook_ok{command=\"/a \\\"b\\\"\\\\c\\nd\"} 1.0\n"), page);
        assertTrue(page.contains("\ntwinwall_nothing NaN\n") && page.contains("\ntwinwall_much +Inf\n"), page);
        assertEquals(List.of(), PromLint.problems(page));
    }

    @Test
    void shouldReadStatLineWhoseNameHoldsBlanksAndBrackets() {
        String line = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21\n";
        assertEquals(11, ProcessMetrics.field(line, 11));
        assertEquals(21, ProcessMetrics.field(line, 21));
    }
}
