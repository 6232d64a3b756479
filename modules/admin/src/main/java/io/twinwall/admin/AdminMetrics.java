/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * The program's numbers in Prometheus' text format: every {@link Counter}, as its series says, also those made after the
 * start; what is registered here; and the few of the process itself. All names begin with {@code twinwall_}. Any thread may
 * register; values are read when scraped, by the thread that scrapes.
 */
public final class AdminMetrics {
    /** Media type of {@link #scrape()}. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String PREFIX = "twinwall_";

    private final Counters counters;
    private final MeterSink meters = new MeterSink(PREFIX);
    private final List<Consumer<MetricSink>> sources = new CopyOnWriteArrayList<>();

    public AdminMetrics(Counters counters) {
        this.counters = counters;
        ProcessMetrics.register(this);
    }

    /** Exports {@code value} as {@code twinwall_<name>}; {@code name} is snake_case, its unit last. */
    public AdminMetrics gauge(String name, String help, DoubleSupplier value) {
        return gauge(name, help, Map.of(), value);
    }

    /** As above; gauges of one name differ in the values of {@code labels}, never in their names. */
    public AdminMetrics gauge(String name, String help, Map<String, String> labels, DoubleSupplier value) {
        Check.that(name.matches("[a-z][a-z0-9_]*"), "a gauge's name is snake_case: " + name);
        String[] flat = flat(new TreeMap<>(labels));
        return collect(sink -> sink.gauge(name, help, value.getAsDouble(), flat));
    }

    /** Asks {@code source} at each scrape, on the scraping thread: it must not wait for anybody. */
    public AdminMetrics collect(Consumer<MetricSink> source) {
        sources.add(source);
        return this;
    }

    /** Everything, as text. */
    public synchronized String scrape() {
        meters.begin();
        for (Counter counter : counters.all()) {
            if (counter.series().exported()) {
                export(counter, meters);
            }
        }
        sources.forEach(source -> source.accept(meters));
        return meters.end();
    }

    private static void export(Counter counter, MetricSink sink) {
        String family = counter.series().family();
        String help = counter.series().help();
        String[] labels = flat(counter.series().labels());
        if (counter.gauge()) {
            sink.gauge(family, help, counter.exported(), labels);
        } else {
            sink.counter(family, help, counter.exported(), labels);
        }
    }

    private static String[] flat(Map<String, String> labels) {
        String[] flat = new String[2 * labels.size()];
        int i = 0;
        for (Map.Entry<String, String> label : labels.entrySet()) {
            flat[i++] = label.getKey();
            flat[i++] = label.getValue();
        }
        return flat;
    }
}
