/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Does a test address answer <em>now</em>? The trackers' verdict is some failed tries old, longer than a dead time: a node whose cables
 * have just been cut would still be told that it reaches everybody. So from the first missed heartbeat on a backup has the addresses
 * asked, again and again, and takes over out of silence only with an answer to a question that began after the last heartbeat. Asked
 * that early, it costs no time. A verdict that none answers, or none at all, is not improved by asking.
 */
final class Enquiries {
    private Enquiries() {}

    /** A test address answered a try that began at {@code begunNs}, after it had been asked for. */
    static void answered(Draft d, RoleEvent.ReachAnswered e) {
        if (e.begunNs() > d.reachBegunNs) {
            d.reachBegunNs = e.begunNs();
            d.reachAnsweredNs = e.answeredNs();
            d.reachNews = true;
        }
    }

    /** A backup's tick. */
    static void ask(Draft d) {
        if (d.nowNs >= dueNs(d)) {
            d.emit(new RoleEffect.AskReach());
            d.reachAskedNs = d.nowNs;
        }
    }

    /**
     * From the first missed heartbeat on, each interval until somebody answers, then somewhat less often: an answer that came long before
     * the takeover, which may be put off for whatever reason, says little.
     */
    private static long dueNs(Draft d) {
        if (d.reach != Reach.ANSWERED) {
            return Moments.FAR;
        }
        RoleConfig.Timing t = d.config.timing();
        long missedNs = t.heartbeatNs() + t.heartbeatNs() / 4;
        long fromNs = Math.max(Silence.takeoverDueNs(d) - t.deadNs(), heardNs(d)) + missedNs;
        long againNs = answeredSince(d) ? d.reachAnsweredNs + t.deadNs() / 4 : Moments.NEVER;
        return Math.max(fromNs, Math.max(againNs, d.reachAskedNs + t.heartbeatNs()));
    }

    /** In real time, when a backup has to look after it. */
    static long lookNs(Draft d) {
        boolean waited = d.reachNews && d.nowNs >= Silence.takeoverDueNs(d);
        return waited ? d.nowNs : Math.max(dueNs(d), d.nowNs);
    }

    /** Whether nothing is known that an answer of a test address should confirm, or one did. */
    static boolean confirmed(Draft d) {
        boolean fresh = answeredSince(d)
                && d.nowNs - d.reachAnsweredNs < d.config.timing().deadNs() / 2;
        return d.reach != Reach.ANSWERED || d.anyAlive() || fresh;
    }

    private static boolean answeredSince(Draft d) {
        return d.reachBegunNs != Moments.NEVER && d.reachBegunNs > heardNs(d);
    }

    /** When anybody was last heard. */
    private static long heardNs(Draft d) {
        long heardNs = Moments.NEVER;
        for (PeerView peer : d.peers) {
            heardNs = Math.max(heardNs, peer.heardNs());
        }
        return heardNs;
    }
}
