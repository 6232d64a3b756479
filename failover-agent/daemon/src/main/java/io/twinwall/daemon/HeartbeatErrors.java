/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import io.twinwall.linux.Errno;

/** Why heartbeats could not be sent, one counter a reason, over all paths. On the role agent's thread. */
final class HeartbeatErrors {
    private final Counter sum;
    private final Counter closed;
    private final Counter room;
    private final Counter route;
    private final Counter link;
    private final Counter refused;
    private final Counter filtered;
    private final Counter other;

    HeartbeatErrors(Counters counters) {
        sum = counters.counter(
                "heartbeat_send_errors_total",
                "Heartbeats not sent on a path, for any of the reasons below.",
                Series.NONE);
        closed = counter(counters, "closed", "the path is not open");
        room = counter(counters, "room", "the kernel's queue is full");
        route = counter(counters, "route", "there is no way to the peer, or the address is gone");
        link = counter(counters, "link", "the interface or line is down or gone");
        refused = counter(counters, "refused", "the peer's host says that nobody listens");
        filtered = counter(counters, "filtered", "a filter on this host drops it");
        other = counter(counters, "other", "anything else");
    }

    private static Counter counter(Counters counters, String reason, String meaning) {
        Series errors = Series.of("heartbeat_send_errors_total", "Heartbeats not sent, on any path, by reason.");
        return counters.counter(
                "heartbeat_send_errors_" + reason + "_total",
                "Heartbeats not sent: " + meaning + ".",
                errors.with("reason", reason));
    }

    void countClosed() {
        sum.increment();
        closed.increment();
    }

    void count(int errno) {
        sum.increment();
        switch (-errno) {
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM -> room.increment();
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EINVAL, Errno.EADDRNOTAVAIL -> route.increment();
            case Errno.ENETDOWN, Errno.ENODEV, Errno.ENXIO, Errno.EIO -> link.increment();
            case Errno.ECONNREFUSED -> refused.increment();
            case Errno.EPERM -> filtered.increment();
            default -> other.increment();
        }
    }
}
