/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.util.List;

/**
 * What a node knew when its role changed. Every time is how long before the change it was; {@link #NEVER}: it never
 * was.
 *
 * @param event what had just happened, the last straw
 */
public record Evidence(
        String event,
        List<Path> paths,
        List<Peer> peers,
        Lateness lateness,
        Probes probes,
        Health health,
        List<Tracker> trackers,
        Copy copy,
        Gate gate) {
    public static final long NEVER = -1;

    public Evidence {
        paths = List.copyOf(paths);
        peers = List.copyOf(peers);
        trackers = List.copyOf(trackers);
    }

    /**
     * One way by which heartbeats come.
     *
     * @param up its interface has a carrier, its line is open
     * @param heard heartbeats that came by it since the peer's start
     * @param missed heartbeats that came by another path and not by this one, or by none: gaps in their numbers
     * @param arrivalsAgoNs the last ones, newest first
     */
    public record Path(String name, boolean up, long heard, long missed, List<Long> arrivalsAgoNs) {
        public Path {
            arrivalsAgoNs = List.copyOf(arrivalsAgoNs);
        }
    }

    /**
     * The other node as last heard.
     *
     * @param hearsThis it said that it hears this node
     * @param alone its gate was open without a short lease: killed, it would have gone on forwarding
     * @param goneAgoNs when its host first said that its agent is gone
     */
    public record Peer(
            String name,
            boolean alive,
            String role,
            long term,
            String readiness,
            int priority,
            boolean hearsThis,
            boolean gateOpen,
            boolean alone,
            long heardAgoNs,
            long masterHeardAgoNs,
            long goneAgoNs) {}

    /**
     * How late this node's own loop was.
     *
     * @param totalNs since the start
     * @param holdNs for how much longer nobody is called dead because of it
     * @param stalls the last ones, newest first
     */
    public record Lateness(long totalNs, int holds, long holdNs, List<Stall> stalls) {
        public Lateness {
            stalls = List.copyOf(stalls);
        }
    }

    /** The loop came {@code lateNs} late. */
    public record Stall(long agoNs, long lateNs) {}

    /** Questions: who has the virtual addresses, and whether a test address answers. */
    public record Probes(long vipsAskedAgoNs, long vipsAnsweredAgoNs, long reachAskedAgoNs, long reachAnsweredAgoNs) {}

    /** This node's own condition: {@code down} names what is down, {@code fault} the need that is broken. */
    public record Health(int priority, int penalty, String fault, String down, String reach) {}

    /** One tracker, since when it says so, and what was seen. */
    public record Tracker(String name, String state, long sinceNs, String detail) {}

    /** The copy of the flows. */
    public record Copy(String readiness, boolean equal, long lagDeltas, long lagNs, long refused) {}

    /** This node's own gate. */
    public record Gate(boolean open, boolean armed) {}
}
