/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Says which authentic heartbeats are fresh. A tag proves who made a heartbeat, not when: one recorded in an earlier
 * boot, ours or the peer's, is still authentic. So a session of the peer is believed only when one of its heartbeats
 *
 * <ul>
 *   <li>echoes our own session, which was drawn at random by this boot, and
 *   <li>has heard a heartbeat of ours that we sent after we first heard of that session,
 * </ul>
 *
 * which only a living peer can. From then on counters must rise. Heartbeats of sessions not proven yet are answered,
 * by echoing them, and believed in nothing else; so replaying an old boot changes nothing, not even a session that is
 * established. Pure: no clock, no I/O; one thread.
 *
 * <p>The same heartbeat, under the same counter, comes by every path, and by a slow one late. So counters rise on each path
 * by itself: what is not above all that came by its own path is a replay, and so is what is older than any path could make it.
 * A heartbeat that another path brought before is fresh here, as a sign that this path works; that it says nothing new its counter
 * tells, and whoever judges the peer's life must go by that.
 *
 * <pre>
 *   A (session a)                                   B (session b)
 *   counter 1, echoes none     -------------------> candidate a, first heard at B's counter 0
 *   candidate b, at A's 1      <------------------- counter 1, echoes a, heard 1
 *   counter 2, echoes b, heard 1 -----------------> 1 > 0: a is established
 *   2 > 1: b is established    <------------------- counter 2, echoes a, heard 2
 * </pre>
 */
public final class SessionTracker {
    /** What a heartbeat turned out to be. */
    public enum Verdict {
        /** Fresh, and the first of a new session: forget what was known of the peer, derive {@link SessionKeys}. */
        BEGAN,
        /** Fresh on its path, of the established session; new only if its counter is above all that were heard. */
        HEARD,
        /** Not proven fresh: believe nothing of it. Send the next heartbeat soon; it carries the echo. */
        UNPROVEN,
        /** Its counter is not above what came by this path, or far too old: a replay or a duplicate. */
        REPLAY
    }

    /** Most paths there may be. */
    public static final int PATHS_MAX = 16;

    /** By how many heartbeats one path may be later than another: at 1 ms between urgent ones, a second. */
    static final int LATE_MAX = 1_000;

    /** More than the boots anybody will have recorded; see {@link #candidateOf}. */
    private static final int CANDIDATES = 8;

    /** What was heard of one session of the peer. */
    private static final class Heard {
        final long[] counters = new long[PATHS_MAX];
        long session;
        long newest;
        long ownCounterWhenMet;
        long lastUse;

        void begin(long newSession, long ownCounter) {
            Arrays.fill(counters, 0);
            session = newSession;
            newest = 0;
            ownCounterWhenMet = ownCounter;
        }

        boolean take(int path, long counter) {
            if (counter <= Math.max(counters[path], newest - LATE_MAX)) {
                return false;
            }
            counters[path] = counter;
            newest = Math.max(newest, counter);
            return true;
        }
    }

    private final long ownSession;
    private final Heard[] candidates = new Heard[CANDIDATES];
    private final Counter began;
    private final Counter unproven;
    private final Counter replayed;
    private long ownCounter;
    private Heard established = new Heard();
    private long echoSession;
    private long echoCounter;
    private long uses;

    public SessionTracker(long ownSession, Counters counters) {
        Check.that(ownSession != 0, "a session id is never 0");
        this.ownSession = ownSession;
        for (int i = 0; i < CANDIDATES; i++) {
            candidates[i] = new Heard();
        }
        began = counters.counter("wire_sessions_began_total", "Sessions established with the peer; one for each boot.");
        unproven = counters.counter(
                "wire_heartbeats_unproven_total",
                "Authentic heartbeats of a session not proven alive: a start, or replays.");
        replayed = counters.counter(
                "wire_heartbeats_replayed_total",
                "Authentic heartbeats not newer than the last of their path: duplicates or replays.");
    }

    /** Draws the id of this boot. */
    public static long newSession() {
        SecureRandom random = new SecureRandom();
        long session = random.nextLong();
        while (session == 0) {
            session = random.nextLong();
        }
        return session;
    }

    /** Judges a heartbeat that came by {@code path} and that {@link HeartbeatCodec#decode} let through. */
    public Verdict onHeartbeat(int path, Heartbeat heartbeat) {
        Check.inRange(path, 0, PATHS_MAX - 1, "path");
        Heard heard = heartbeat.session() == established.session ? established : candidateOf(heartbeat.session());
        if (!heard.take(path, heartbeat.counter())) {
            replayed.increment();
            return Verdict.REPLAY;
        }
        echoSession = heard.session;
        echoCounter = heard.newest;
        return heard == established ? Verdict.HEARD : onOther(heard, heartbeat);
    }

    private Verdict onOther(Heard candidate, Heartbeat heartbeat) {
        if (heartbeat.peerSession() == ownSession
                && heartbeat.peerCounter() > candidate.ownCounterWhenMet
                && heartbeat.peerCounter() <= ownCounter) {
            establish(candidate);
            began.increment();
            return Verdict.BEGAN;
        }
        unproven.increment();
        return Verdict.UNPROVEN;
    }

    /** The memory of the session before serves the next candidate. */
    private void establish(Heard candidate) {
        for (int i = 0; i < CANDIDATES; i++) {
            if (candidates[i] == candidate) {
                candidates[i] = established;
            }
        }
        established = candidate;
        forgetCandidates();
    }

    /** So that a boot older than the one that just began must prove anew that it lives, which it cannot. */
    private void forgetCandidates() {
        for (Heard candidate : candidates) {
            candidate.session = 0;
            candidate.lastUse = 0;
        }
    }

    /**
     * Several are kept, the least recently heard replaced: else each replay of an old boot between two heartbeats of a
     * starting peer would make us begin with that peer anew.
     */
    private Heard candidateOf(long session) {
        Heard oldest = candidates[0];
        for (Heard candidate : candidates) {
            if (candidate.session == session) {
                candidate.lastUse = ++uses;
                return candidate;
            }
            if (candidate.lastUse < oldest.lastUse) {
                oldest = candidate;
            }
        }
        oldest.begin(session, ownCounter);
        oldest.lastUse = ++uses;
        return oldest;
    }

    /** Counter of the heartbeat about to be sent; from 1. */
    public long nextCounter() {
        return ++ownCounter;
    }

    public long ownSession() {
        return ownSession;
    }

    /** The {@code peerSession} of our next heartbeat: the session heard last, proven or not; 0 none. */
    public long echoSession() {
        return echoSession;
    }

    /** The {@code peerCounter} of our next heartbeat. */
    public long echoCounter() {
        return echoCounter;
    }

    /** True once a session with the peer began; it stays so when the peer falls silent. */
    public boolean established() {
        return established.session != 0;
    }

    /** The peer's session to derive keys from; 0 before {@link #established}. */
    public long peerSession() {
        return established.session;
    }
}
