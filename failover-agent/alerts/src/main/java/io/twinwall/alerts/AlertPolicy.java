/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.List;

/**
 * What a receiver wants to be told.
 *
 * @param kinds these alone; empty: all
 * @param least nothing below it
 * @param repeatNs between two notices of a condition that goes on; 0: its opening and its end alone
 * @param perHour notices an hour in the long run; a third of them, ten at most, may come at once
 */
public record AlertPolicy(List<AlertKind> kinds, Severity least, long repeatNs, int perHour) {
    private static final int BURST_MAX = 10;
    private static final long HOUR_NS = 3_600_000_000_000L;

    public AlertPolicy {
        kinds = List.copyOf(kinds);
    }

    boolean wants(AlertKind kind) {
        return kind.severity().compareTo(least) >= 0 && (kinds.isEmpty() || kinds.contains(kind));
    }

    RateLimit limit() {
        return new RateLimit(Math.clamp(perHour / 3, 1, BURST_MAX), HOUR_NS / perHour);
    }
}
