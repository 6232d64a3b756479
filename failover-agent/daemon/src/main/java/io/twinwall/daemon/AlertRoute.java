/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.alerts.AlertTest;
import io.twinwall.base.NanoClock;
import java.util.List;
import java.util.function.Function;

/**
 * Tests of the alerts over HTTP: one at a time is begun by a POST, and GET tells how far it is. On the admin thread.
 */
final class AlertRoute {
    private static final String PATH = "/v1/alert/test";

    /** What an attempt under way, or one that cannot be ended, may take beside the test's own. */
    private static final long MORE_MS = 10_000;

    private final Function<String, AlertTest> begin;
    private final NanoClock clock;
    private AlertTest last;
    private long begunNs;

    /** @param begin begins a test of the receiver of that name, of all when it is null; null when there is none */
    AlertRoute(Function<String, AlertTest> begin, NanoClock clock) {
        this.begin = begin;
        this.clock = clock;
    }

    AdminServer register(AdminServer server) {
        return server.route("POST", PATH, this::begin).route("GET", PATH, request -> AdminResponse.ok(results()));
    }

    private AdminResponse begin(AdminRequest request) {
        String name = request.json(CliAlert.Request.class).name();
        if (last != null && !last.done() && clock.nanoTime() - begunNs < limitMs(last) * 1_000_000) {
            return AdminResponse.ok(new CliAlert.Answer(false, "another test is under way", 0));
        }
        AlertTest test = begin.apply(name);
        if (test == null) {
            String why = name == null ? "no [[alert]] is configured" : "no [[alert]] is named \"" + name + "\"";
            return AdminResponse.ok(new CliAlert.Answer(false, why, 0));
        }
        last = test;
        begunNs = clock.nanoTime();
        return AdminResponse.ok(new CliAlert.Answer(true, null, limitMs(test)));
    }

    private static long limitMs(AlertTest test) {
        return 2 * test.limitMs() + MORE_MS;
    }

    private CliAlert.Results results() {
        List<AlertTest.Result> results = last == null ? List.of() : last.results();
        return new CliAlert.Results(
                last != null && last.done(),
                results.stream()
                        .map(one -> new CliAlert.Result(
                                one.name(), one.kind(), one.to(), one.done(), one.ok(), one.detail(), one.tookMs()))
                        .toList());
    }
}
