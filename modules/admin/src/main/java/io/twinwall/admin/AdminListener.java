/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;

/**
 * What the connections of one listener share: its routes, its limits and how many are open. On the admin thread only,
 * but for the counters, which anybody may read.
 */
final class AdminListener {
    final AdminRoutes routes;
    final AdminConfig config;
    final Tally tally;
    int connectionsOpen;

    AdminListener(AdminRoutes routes, AdminConfig config, Tally tally) {
        this.routes = routes;
        this.config = config;
        this.tally = tally;
    }

    /** The counters of all listeners together. */
    record Tally(Counter requests, Counter refused, Counter crowded, Counter slow, Counter malformed) {
        static Tally of(Counters counters) {
            return new Tally(
                    counters.counter("admin_requests_total", "Requests answered by the admin server."),
                    counters.counter("admin_refused_total", "Requests answered with a status of 400 or above."),
                    counters.counter(
                            "admin_crowded_total",
                            "Connections refused because their listener had as many as it may have."),
                    counters.counter(
                            "admin_slow_total", "Connections dropped because the client, or a handler, was too slow."),
                    counters.counter("admin_malformed_total", "Requests that were not HTTP, or larger than allowed."));
        }
    }
}
