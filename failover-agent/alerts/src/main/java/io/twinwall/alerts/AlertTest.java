/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A test of the receivers: what became of the one notice that each is sent. Any thread. */
public final class AlertTest {
    /**
     * One receiver's.
     *
     * @param done it is over; else nothing but the names counts
     */
    public record Result(String name, String kind, String to, boolean done, boolean ok, String detail, long tookMs) {}

    private final Map<String, Result> results = new LinkedHashMap<>();
    private final long limitNs;

    /** Of {@code specs}, and nothing done yet. */
    AlertTest(List<AlertSpec> specs) {
        specs.forEach(spec -> results.put(spec.name(), result(spec, false, false, "", 0)));
        limitNs = specs.stream().mapToLong(AlertSpec::timeoutNs).max().orElse(0);
    }

    synchronized void ended(AlertSpec spec, Outcome outcome, long tookNs) {
        results.replace(spec.name(), result(spec, true, outcome.ok(), outcome.detail(), tookNs));
    }

    /** {@code name} is not configured any more. */
    synchronized void gone(String name) {
        results.computeIfPresent(
                name, (key, old) -> new Result(name, old.kind(), old.to(), true, false, "not configured any more", 0));
    }

    private static Result result(AlertSpec spec, boolean done, boolean ok, String detail, long tookNs) {
        String kind = Words.of(spec.target().way());
        return new Result(spec.name(), kind, spec.target().where(), done, ok, detail, tookNs / 1_000_000);
    }

    /** Whether all are through. */
    public synchronized boolean done() {
        return results.values().stream().allMatch(Result::done);
    }

    /** In the configuration's order. */
    public synchronized List<Result> results() {
        return List.copyOf(results.values());
    }

    /** How long an attempt may take; a receiver that was busy needs up to twice as long. */
    public long limitMs() {
        return limitNs / 1_000_000;
    }
}
