/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * The beginning of a life, before any peer was heard. That nobody is heard says little then: the port of the switch may not
 * forward yet (up to half a minute with spanning tree), while another node is active. So a node waits a little longer, longest
 * while no path has carrier; and one that becomes active all the same is <em>blind</em>: its claim counts for nothing against
 * an active that is not, however high its term ({@link Rivals}).
 */
final class Outsets {
    /** How long a network card may need to agree with the other end. */
    private static final long LINK_NS = 5_000_000_000L;

    private Outsets() {}

    /** Whether any peer was heard in this life. */
    static boolean met(Draft d) {
        return d.peers.stream().anyMatch(PeerView::heard);
    }

    /** The gate of an earlier life is still as open as the kernel said. */
    static boolean forwards(Draft d) {
        return d.forwarding && d.inherited && !d.master();
    }

    /** A takeover that nobody ordered and nobody granted begins. */
    static boolean blind(Draft d) {
        return !met(d) && !forwards(d);
    }

    static void pathChanged(Draft d, RoleEvent.PathChanged e) {
        boolean had = d.pathsUp.contains(true);
        d.pathsUp.set(e.path(), e.up());
        if (!had && e.up()) {
            d.linkNs = d.nowNs;
        }
    }

    /** How long nobody is to be heard at the least, when nobody ever was. */
    static long waitNs(Draft d) {
        RoleConfig.Timing t = d.config.timing();
        return met(d) ? 0 : t.deadNs() + Math.min(t.leaseNs(), t.deadNs());
    }

    /** In real time, what carrier says of when to take over, {@code waitNs} being due anyway. */
    static long dueNs(Draft d, long waitNs) {
        if (met(d)) {
            return Moments.NEVER;
        }
        long boundNs = d.roleSinceAwakeNs()
                + d.lateNs
                + Math.max(LINK_NS, 2 * d.config.timing().deadNs());
        // A carrier that comes and goes puts it off no further than that.
        return d.pathsUp.contains(true) ? Math.min(d.linkNs, boundNs) + waitNs : boundNs;
    }
}
