/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.journal.Evidence;
import io.twinwall.protocol.Enquiry;
import io.twinwall.protocol.Lateness;
import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.Probing;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Standing;
import io.twinwall.protocol.Sync;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Remembers what the role protocol has no need of, but people have who ask afterwards why the role changed: which
 * heartbeats came by which path and when, and when this node's own loop was late; and puts the evidence of a change
 * together. On the role agent's thread; to remember costs a few words of memory and allocates nothing.
 */
final class Witness {
    /** Before this nothing was, as the protocol writes "never". */
    private static final long EVER = Long.MIN_VALUE / 8;

    private static final int ARRIVALS = 16;
    private static final int STALLS = 8;
    private static final long STALL_NS_MIN = 1_000_000L;

    private final List<String> names;
    private final PathLog[] paths;
    private final Supplier<List<Evidence.Tracker>> trackers;
    private final long[] stallAtNs = new long[STALLS];
    private final long[] stallNs = new long[STALLS];
    private int stalls;

    /** {@code trackers}: asked when a role changes, and answers at once. */
    Witness(List<String> names, Supplier<List<Evidence.Tracker>> trackers) {
        this.names = List.copyOf(names);
        this.trackers = trackers;
        paths = new PathLog[names.size()];
        for (int i = 0; i < paths.length; i++) {
            paths[i] = new PathLog();
        }
    }

    /** A heartbeat came by {@code path}. */
    void heard(int path, long session, long counter, long nowNs) {
        for (PathLog one : paths) {
            one.newest(session, counter);
        }
        paths[path].heard(counter, nowNs);
    }

    /** The loop came round {@code lateNs} later than it meant to. */
    void late(long nowNs, long lateNs) {
        if (lateNs >= STALL_NS_MIN) {
            stallAtNs[stalls % STALLS] = nowNs;
            stallNs[stalls % STALLS] = lateNs;
            stalls++;
        }
    }

    /** What is known of a change that {@code event} brought, from {@code before} to {@code after}. */
    Evidence evidence(RoleState before, RoleState after, RoleEvent event, long nowNs, RoleConfig config) {
        Probing probing = after.probing();
        Enquiry enquiry = after.enquiry();
        Standing standing = after.standing();
        Sync copy = before.sync();
        return new Evidence(
                event.getClass().getSimpleName(),
                paths(after, nowNs),
                after.peers().stream()
                        .map(peer -> peer(after, peer, nowNs, config))
                        .toList(),
                lateness(after.lateness(), nowNs),
                new Evidence.Probes(
                        ago(probing.sentNs(), nowNs),
                        ago(probing.answeredNs(), nowNs),
                        ago(enquiry.sentNs(), nowNs),
                        ago(enquiry.answeredNs(), nowNs)),
                new Evidence.Health(
                        after.health(config),
                        standing.penalty(),
                        standing.fault(),
                        standing.detail(),
                        standing.reach().name()),
                trackers.get(),
                new Evidence.Copy(
                        copy.readiness().name(), copy.equal(), copy.lagDeltas(), copy.lagNs(), copy.refused()),
                new Evidence.Gate(before.gateOpen(nowNs), before.gate().armed()));
    }

    private List<Evidence.Path> paths(RoleState state, long nowNs) {
        List<Evidence.Path> told = new ArrayList<>();
        for (int i = 0; i < paths.length; i++) {
            PathLog path = paths[i];
            told.add(new Evidence.Path(
                    names.get(i), state.pathsUp().get(i), path.heard, path.missed(), path.arrivalsAgoNs(nowNs)));
        }
        return told;
    }

    private static Evidence.Peer peer(RoleState state, PeerView peer, long nowNs, RoleConfig config) {
        return new Evidence.Peer(
                peer.name(),
                state.alive(peer, nowNs, config),
                peer.last().role().name(),
                peer.last().term(),
                peer.last().readiness().name(),
                peer.last().priority(),
                peer.last().hearsPeer(),
                peer.last().gateOpen(),
                peer.last().alone(),
                ago(peer.heardNs(), nowNs),
                ago(peer.masterAwakeNs(), nowNs - state.lateness().totalNs()),
                ago(peer.goneNs(), nowNs));
    }

    private Evidence.Lateness lateness(Lateness lateness, long nowNs) {
        List<Evidence.Stall> told = new ArrayList<>();
        for (int i = stalls - 1; i >= 0 && i >= stalls - STALLS; i--) {
            told.add(new Evidence.Stall(nowNs - stallAtNs[i % STALLS], stallNs[i % STALLS]));
        }
        return new Evidence.Lateness(
                lateness.totalNs(), lateness.holds(), Math.max(0, ahead(lateness.holdUntilNs(), nowNs)), told);
    }

    private static long ago(long atNs, long nowNs) {
        return atNs < EVER ? Evidence.NEVER : Math.max(0, nowNs - atNs);
    }

    private static long ahead(long untilNs, long nowNs) {
        return untilNs < EVER ? 0 : untilNs - nowNs;
    }

    /** What came by one path from the peer's present boot. */
    private static final class PathLog {
        private final long[] arrivedNs = new long[ARRIVALS];
        private long session;
        private long heard;
        private long first;
        private long newest;

        /** The peer has sent {@code counter}, by whatever path it came. */
        void newest(long ofSession, long counter) {
            if (ofSession != session) {
                session = ofSession;
                heard = 0;
                first = counter;
                newest = counter;
            }
            newest = Math.max(newest, counter);
        }

        void heard(long counter, long nowNs) {
            arrivedNs[(int) (heard % ARRIVALS)] = nowNs;
            heard++;
            first = Math.min(first, counter);
        }

        /** Of all that the peer is known to have sent since the first that came. */
        long missed() {
            return session == 0 ? 0 : Math.max(0, newest - first + 1 - heard);
        }

        List<Long> arrivalsAgoNs(long nowNs) {
            List<Long> ago = new ArrayList<>();
            for (long i = heard - 1; i >= 0 && i >= heard - ARRIVALS; i--) {
                ago.add(nowNs - arrivedNs[(int) (i % ARRIVALS)]);
            }
            return ago;
        }
    }
}
