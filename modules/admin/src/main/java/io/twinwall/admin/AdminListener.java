/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.twinwall.admin.AdminConfig.AdminLimits;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;

/**
 * What the connections of one listener share: its routes, its guard, its limits and how many are open. On the admin thread
 * only, but for the counters, which anybody may read, and the credentials, which a reload replaces.
 */
final class AdminListener {
    /** Who tries tokens is told of, but not for each. */
    private static final long TELL_EVERY_NS = 10_000_000_000L;

    final AdminRoutes routes;
    final AdminLimits limits;
    final Tally tally;
    final AdminOutbox outbox;
    private final ChannelGroup streams = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
    private final AdminGuard guard;
    private volatile AdminCredentials credentials;
    private long toldNs = System.nanoTime() - TELL_EVERY_NS;
    int connectionsOpen;

    /** A listener in the clear. */
    AdminListener(AdminRoutes routes, AdminGuard guard, AdminLimits limits, Tally tally, AdminOutbox outbox) {
        this.routes = routes;
        this.guard = guard;
        this.limits = limits;
        this.tally = tally;
        this.outbox = outbox;
    }

    /** A listener by TLS, for those who have a token. */
    static AdminListener remote(
            AdminRoutes routes, AdminCredentials credentials, AdminLimits limits, Tally tally, AdminOutbox outbox) {
        AdminListener listener = new AdminListener(routes, AdminGuard.ANYBODY, limits, tally, outbox);
        listener.credentials = credentials;
        return listener;
    }

    /** Null: in the clear. */
    AdminCredentials credentials() {
        return credentials;
    }

    /** Connections from now on are met with these. */
    void credentials(AdminCredentials next) {
        credentials = next;
    }

    AdminGuard guard() {
        AdminCredentials now = credentials;
        return now == null ? guard : now.tokens();
    }

    /** The answer that {@code channel} is given has no end of its own. */
    void streaming(Channel channel) {
        streams.add(channel);
    }

    /** Ends the answers that have no end of their own; the others go on to theirs. Any thread. */
    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
    void endStreams() {
        streams.close();
    }

    /** Whether it is time for another line in the log about tokens. */
    boolean mayTell() {
        long nowNs = System.nanoTime();
        if (nowNs - toldNs < TELL_EVERY_NS) {
            return false;
        }
        toldNs = nowNs;
        return true;
    }

    /** The counters of all listeners together. */
    record Tally(
            Counter requests,
            Counter refused,
            Counter unauthorized,
            Counter handshakesFailed,
            Counter crowded,
            Counter slow,
            Counter malformed) {
        static Tally of(Counters counters) {
            return new Tally(
                    counters.counter("admin_requests_total", "Requests answered by the admin server."),
                    counters.counter("admin_refused_total", "Requests answered with a status of 400 or above."),
                    counters.counter("admin_unauthorized_total", "Requests refused for want of a good token (401)."),
                    counters.counter(
                            "admin_handshakes_failed_total",
                            "Connections to the remote listener that did not come to TLS."),
                    counters.counter(
                            "admin_crowded_total",
                            "Connections refused because their listener had as many as it may have."),
                    counters.counter(
                            "admin_slow_total", "Connections dropped because the client, or a handler, was too slow."),
                    counters.counter("admin_malformed_total", "Requests that were not HTTP, or larger than allowed."));
        }
    }
}
