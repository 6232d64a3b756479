/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.security.SecureRandom;

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
        /** Fresh, of the established session. */
        HEARD,
        /** Not proven fresh: believe nothing of it. Send the next heartbeat soon; it carries the echo. */
        UNPROVEN,
        /** Its counter is not newer than what we have: a replay, a duplicate, or late. */
        REPLAY
    }

    /** More than the boots anybody will have recorded; see {@link #candidateOf}. */
    private static final int CANDIDATES = 8;

    private static final class Candidate {
        long session;
        long counter;
        long ownCounterWhenMet;
        long lastUse;
    }

    private final long ownSession;
    private final Candidate[] candidates = new Candidate[CANDIDATES];
    private final Counter began;
    private final Counter unproven;
    private final Counter replayed;
    private long ownCounter;
    private long establishedSession;
    private long establishedCounter;
    private long echoSession;
    private long echoCounter;
    private long uses;

    public SessionTracker(long ownSession, Counters counters) {
        Check.that(ownSession != 0, "a session id is never 0");
        this.ownSession = ownSession;
        for (int i = 0; i < CANDIDATES; i++) {
            candidates[i] = new Candidate();
        }
        began = counters.counter("wire_sessions_began_total", "Sessions established with the peer; one for each boot.");
        unproven = counters.counter(
                "wire_heartbeats_unproven_total",
                "Authentic heartbeats of a session not proven alive: a start, or replays.");
        replayed = counters.counter(
                "wire_heartbeats_replayed_total",
                "Authentic heartbeats not newer than the last: duplicates or replays.");
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

    /** Judges a heartbeat that {@link HeartbeatCodec#decode} let through. */
    public Verdict onHeartbeat(Heartbeat heartbeat) {
        return heartbeat.session() == establishedSession ? onEstablished(heartbeat) : onOther(heartbeat);
    }

    private Verdict onEstablished(Heartbeat heartbeat) {
        if (heartbeat.counter() <= establishedCounter) {
            replayed.increment();
            return Verdict.REPLAY;
        }
        establishedCounter = heartbeat.counter();
        echo(establishedSession, establishedCounter);
        return Verdict.HEARD;
    }

    private Verdict onOther(Heartbeat heartbeat) {
        Candidate candidate = candidateOf(heartbeat.session());
        if (heartbeat.counter() <= candidate.counter) {
            replayed.increment();
            return Verdict.REPLAY;
        }
        candidate.counter = heartbeat.counter();
        echo(heartbeat.session(), heartbeat.counter());
        if (heartbeat.peerSession() == ownSession
                && heartbeat.peerCounter() > candidate.ownCounterWhenMet
                && heartbeat.peerCounter() <= ownCounter) {
            establishedSession = heartbeat.session();
            establishedCounter = heartbeat.counter();
            forgetCandidates();
            began.increment();
            return Verdict.BEGAN;
        }
        unproven.increment();
        return Verdict.UNPROVEN;
    }

    /** So that a boot older than the one that just began must prove anew that it lives, which it cannot. */
    private void forgetCandidates() {
        for (Candidate candidate : candidates) {
            candidate.session = 0;
            candidate.lastUse = 0;
        }
    }

    /**
     * Several are kept, the least recently heard replaced: else each replay of an old boot between two heartbeats of a
     * starting peer would make us begin with that peer anew.
     */
    private Candidate candidateOf(long session) {
        Candidate oldest = candidates[0];
        for (Candidate candidate : candidates) {
            if (candidate.session == session) {
                candidate.lastUse = ++uses;
                return candidate;
            }
            if (candidate.lastUse < oldest.lastUse) {
                oldest = candidate;
            }
        }
        oldest.session = session;
        oldest.counter = 0;
        oldest.ownCounterWhenMet = ownCounter;
        oldest.lastUse = ++uses;
        return oldest;
    }

    private void echo(long session, long counter) {
        echoSession = session;
        echoCounter = counter;
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
        return establishedSession != 0;
    }

    /** The peer's session to derive keys from; 0 before {@link #established}. */
    public long peerSession() {
        return establishedSession;
    }
}
