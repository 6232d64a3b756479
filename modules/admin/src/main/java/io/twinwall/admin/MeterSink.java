/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Info;
import io.twinwall.base.Check;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes the values of scrapes into Micrometer's registry: the first time a value is told it gets a meter, which goes with
 * the first scrape in which nobody tells of it. A value that comes twice in one scrape counts once, the first. One thread
 * at a time.
 */
final class MeterSink implements MetricSink {
    private static final String INFO_END = "_info";

    /** A name and the values of its labels. */
    private record Key(String name, List<String> labels) {}

    /** What was told last. */
    private static final class Reading {
        private double value;
        private long scrape;
        private Meter meter;

        private double value() {
            return value;
        }
    }

    private final String prefix;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<Key, Reading> readings = new HashMap<>();
    private final Map<String, Info> infos = new HashMap<>();
    private long scrape;

    MeterSink(String prefix) {
        this.prefix = prefix;
        registry.config()
                .onMeterRegistrationFailed(
                        (id, why) -> Check.that(false, "meters of one name with other labels: " + id + ": " + why));
    }

    /** A scrape begins. */
    void begin() {
        scrape++;
    }

    /** All that was told since {@link #begin}, in Prometheus' text format, version 0.0.4. */
    String end() {
        readings.values().removeIf(reading -> {
            boolean gone = reading.scrape != scrape;
            if (gone) {
                registry.remove(reading.meter);
            }
            return gone;
        });
        return registry.scrape(AdminMetrics.CONTENT_TYPE);
    }

    @Override
    public void gauge(String name, String help, double value, String... labels) {
        Reading reading = reading(name, value, labels);
        if (reading.meter == null) {
            reading.meter = Gauge.builder(prefix + name, reading, Reading::value)
                    .description(help)
                    .tags(Tags.of(labels))
                    .strongReference(true)
                    .register(registry);
        }
    }

    @Override
    public void counter(String name, String help, double value, String... labels) {
        Reading reading = reading(name, value, labels);
        if (reading.meter == null) {
            reading.meter = FunctionCounter.builder(prefix + name, reading, Reading::value)
                    .description(help)
                    .tags(Tags.of(labels))
                    .register(registry);
        }
    }

    /** Micrometer has no such meters, and takes the ending off a gauge's name. */
    @Override
    public void info(String name, String help, String... labels) {
        Check.that(name.endsWith(INFO_END), "no name of an info: " + name);
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < labels.length; i += 2) {
            names.add(labels[i]);
            values.add(labels[i + 1]);
        }
        infos.computeIfAbsent(
                        name,
                        key -> Info.builder()
                                .name(prefix + name.substring(0, name.length() - INFO_END.length()))
                                .help(help)
                                .labelNames(names.toArray(String[]::new))
                                .register(registry.getPrometheusRegistry()))
                .setLabelValues(values.toArray(String[]::new));
    }

    private Reading reading(String name, double value, String... labels) {
        Reading reading = readings.computeIfAbsent(new Key(name, List.of(labels)), key -> new Reading());
        if (reading.scrape != scrape) {
            reading.scrape = scrape;
            reading.value = value;
        }
        return reading;
    }
}
