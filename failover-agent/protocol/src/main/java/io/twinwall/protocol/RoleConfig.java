/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything the protocol is configured by.
 *
 * @param node this node's number, 1..255
 * @param preferred configured role {@code master}: first to become active when both start
 * @param priority 1..255, the higher the better
 * @param peers the other nodes; one in a pair
 * @param paths how many heartbeat paths there are
 * @param probeVips whether silence alone is not enough to take over: nobody may answer for the addresses either
 * @param beforeHooks whether hooks are to be through before this node becomes active
 */
public record RoleConfig(
        int node,
        String name,
        boolean preferred,
        int priority,
        List<Peer> peers,
        int paths,
        Timing timing,
        Fence fence,
        Limits limits,
        boolean probeVips,
        boolean beforeHooks,
        FailBack failBack,
        Flap flap) {
    public RoleConfig {
        peers = List.copyOf(peers);
    }

    /** Another node. */
    public record Peer(int node, String name) {}

    /**
     * When a node takes the role back though nothing is wrong with the active one.
     *
     * @param delayNs how long the node must have been ready and the better one (PRIORITY only)
     */
    public record FailBack(Policy policy, long delayNs) {
        public static final FailBack NEVER = new FailBack(Policy.NEVER, 0);

        /** Equal health never moves a role. */
        public enum Policy {
            NEVER,
            /** The configured {@code master}, as soon as it is ready. */
            ALWAYS,
            /** The node of the higher health, after the delay. */
            PRIORITY
        }
    }

    /** More than {@code max} role changes of this node within {@code windowNs} that no operator asked for: no planned move for {@code holdNs}. */
    public record Flap(int max, long windowNs, long holdNs) {
        public static final Flap DEFAULT = new Flap(6, 600_000_000_000L, 600_000_000_000L);
    }

    /**
     * The times everything is judged by.
     *
     * @param heartbeatNs between two heartbeats, and between two renewals of the lease
     * @param leaseNs how long the kernel's gate stays open after a renewal
     * @param deadNs silence after which a master is dead
     * @param slopNs what transit, clocks and the packet path may add to a lease
     * @param lingerNs how long a node that handed over still forwards what reaches it
     */
    public record Timing(long heartbeatNs, long leaseNs, long deadNs, long slopNs, long lingerNs) {
        /** Slop: half of what the dead time leaves over heartbeat and lease; linger: at most 50 ms and half a lease. */
        public static Timing of(long heartbeatNs, long leaseNs, long deadNs) {
            long slop = Math.clamp(deadNs - heartbeatNs - leaseNs, 0, 2 * heartbeatNs) / 2;
            return new Timing(heartbeatNs, leaseNs, deadNs, slop, Math.min(50_000_000L, leaseNs / 2));
        }
    }

    /**
     * How long things may take.
     *
     * @param drainNs for the injector to empty its queue
     * @param effectNs for any other step of a takeover
     * @param timeoutsNs for the correction of timeouts, which delays nothing but the report
     * @param barrierNs for the passive to confirm a barrier
     * @param grantNs for the passive to claim
     * @param lagDeltasMax replication lag up to which an unforced switchover is made
     * @param beforeHooksNs for the hooks before a takeover
     * @param unfitNs how long a peer may be alive and not ready before an active node alarms
     * @param unreadyNs how long an active node in fault waits for its peer to become ready, before it hands over regardless
     * @param refreshVipsNs between two prolongations of the addresses' lifetimes
     * @param countdownNs how long a takeover from a lost master waits for a veto, 0: not at all
     */
    public record Limits(
            long drainNs,
            long effectNs,
            long timeoutsNs,
            long barrierNs,
            long grantNs,
            long lagDeltasMax,
            long beforeHooksNs,
            long unfitNs,
            long unreadyNs,
            long refreshVipsNs,
            long countdownNs) {
        public static final Limits DEFAULT = new Limits(
                100_000_000L,
                500_000_000L,
                10_000_000_000L,
                2_000_000_000L,
                1_000_000_000L,
                100_000,
                5_000_000_000L,
                10_000_000_000L,
                5_000_000_000L,
                3_000_000_000L,
                0);

        /** These, with another countdown. */
        public Limits withCountdown(long otherNs) {
            return new Limits(
                    drainNs,
                    effectNs,
                    timeoutsNs,
                    barrierNs,
                    grantNs,
                    lagDeltasMax,
                    beforeHooksNs,
                    unfitNs,
                    unreadyNs,
                    refreshVipsNs,
                    otherNs);
        }
    }

    /** Why this configuration is not safe or not sound, each a sentence; empty when it is. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        check(problems, node >= 1 && node <= 255, "node id " + node + " is not within 1..255");
        check(problems, priority >= 1 && priority <= 255, "priority " + priority + " is not within 1..255");
        check(problems, !peers.isEmpty(), "there is no peer");
        check(problems, paths >= 1, "there is no heartbeat path");
        Set<Integer> nodes = new HashSet<>();
        nodes.add(node);
        for (Peer peer : peers) {
            check(problems, peer.node() >= 1 && peer.node() <= 255, "node id " + peer.node() + " is not within 1..255");
            check(problems, nodes.add(peer.node()), "node id " + peer.node() + " is given twice");
        }
        check(problems, failBack.delayNs() >= 0, "the fail-back delay is negative");
        check(problems, limits.countdownNs() >= 0, "the countdown is negative");
        check(problems, flap.max() >= 1 && flap.windowNs() >= 0 && flap.holdNs() >= 0, "flap damping is not sound");
        checkTiming(problems);
        return problems;
    }

    private void checkTiming(List<String> problems) {
        Timing t = timing;
        check(problems, t.heartbeatNs() >= 1_000_000, "the heartbeat interval is under 1 ms");
        check(
                problems,
                t.deadNs() >= 3 * t.heartbeatNs(),
                "dead time is under 3 heartbeats: one lost packet would be a takeover");
        check(problems, t.lingerNs() < t.deadNs(), "the old active would linger beyond the dead time");
        if (fence == Fence.OFF) {
            return;
        }
        check(
                problems,
                2 * t.leaseNs() >= 5 * t.heartbeatNs(),
                "the lease (" + millis(t.leaseNs()) + ") is under 2.5 heartbeats (" + millis(t.heartbeatNs())
                        + "): one late renewal would close the gate");
        check(
                problems,
                t.heartbeatNs() + t.leaseNs() + t.slopNs() < t.deadNs(),
                "heartbeat + lease + slop (" + millis(t.heartbeatNs()) + " + " + millis(t.leaseNs()) + " + "
                        + millis(t.slopNs()) + ") is not under the dead time (" + millis(t.deadNs())
                        + "): a peer could take over while the kernel of a hung node still forwards");
        check(problems, t.lingerNs() <= t.leaseNs(), "the old active would linger beyond its lease");
    }

    private static void check(List<String> problems, boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }

    static String millis(long ns) {
        return ns / 1_000_000 + " ms";
    }
}
