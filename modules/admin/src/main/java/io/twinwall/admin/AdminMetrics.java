/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/**
 * The program's numbers in Prometheus' text format: every {@link Counter}, also those made after the start; the gauges
 * registered here; and the few of the process itself. All names begin with {@code twinwall_}. Any thread may register;
 * values are read when scraped, by the thread that scrapes.
 */
public final class AdminMetrics {
    /** Media type of {@link #scrape()}. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String PREFIX = "twinwall_";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counters counters;
    private int countersExported;

    public AdminMetrics(Counters counters) {
        this.counters = counters;
        ProcessGauges.register(this);
    }

    /** Exports {@code value} as {@code twinwall_<name>}; {@code name} is snake_case, its unit last. */
    public AdminMetrics gauge(String name, String help, DoubleSupplier value) {
        return gauge(name, help, Map.of(), value);
    }

    /** As above; gauges of one name differ in the values of {@code labels}, never in their names. */
    public AdminMetrics gauge(String name, String help, Map<String, String> labels, DoubleSupplier value) {
        Check.that(name.matches("[a-z][a-z0-9_]*"), "a gauge's name is snake_case: " + name);
        List<Tag> tags = new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> Tag.of(label.getKey(), label.getValue()))
                        .toList();
        Gauge.builder(PREFIX + name, value, DoubleSupplier::getAsDouble)
                .description(help)
                .tags(tags)
                .strongReference(true)
                .register(registry);
        return this;
    }

    /** Everything, as text. */
    public synchronized String scrape() {
        List<Counter> all = counters.all();
        while (countersExported < all.size()) {
            export(all.get(countersExported++));
        }
        return registry.scrape();
    }

    private void export(Counter counter) {
        if (counter.gauge()) {
            gauge(counter.name(), counter.help(), counter::get);
        } else {
            FunctionCounter.builder(PREFIX + counter.name(), counter, Counter::get)
                    .description(counter.help())
                    .register(registry);
        }
    }
}
