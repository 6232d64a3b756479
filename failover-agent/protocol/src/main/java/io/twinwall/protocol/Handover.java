/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * The part of a heartbeat that moves a planned switchover on.
 *
 * @param term the term the passive is to claim (GRANT) or has claimed (CLAIMED), else 0
 * @param token the asker's number of its request (ASK, and in the REFUSE of it), {@link #FORCED} when the passive need not be
 *     ready (GRANT), else 0
 * @param reason number of the {@link Refusal} (REFUSE), {@link #FORCED}, {@link #FAIL_BACK} or 0 (ASK), the origin's (GRANT),
 *     {@link #FORCED} when an operator ordered it against an active node (CLAIMED), else 0
 */
public record Handover(Kind kind, long term, long token, int reason) {
    public static final Handover NONE = new Handover(Kind.NONE, 0, 0, 0);
    /** The reason of an ASK that overrides the checks for readiness and lag. */
    public static final int FORCED = 1;
    /** The reason of an ASK that nobody ordered: the fail-back policy wants it. */
    public static final int FAIL_BACK = 2;

    /** The numbers are those of the wire. */
    public enum Kind {
        NONE,
        /** Passive to active: hand over to me, please. */
        ASK,
        /** Active to passive: the barrier is in your kernel; take over. */
        GRANT,
        /** Passive to active: my gate is open and the addresses are announced. */
        CLAIMED,
        /** Active to passive: no. */
        REFUSE
    }

    static Handover ask(long token, int reason) {
        return new Handover(Kind.ASK, 0, token, reason);
    }

    static Handover grant(long term, int origin, boolean force) {
        return new Handover(Kind.GRANT, term, force ? FORCED : 0, origin);
    }

    /** A GRANT for a passive whose copy of the flows may lack some. */
    boolean forcedGrant() {
        return token == FORCED;
    }

    static Handover claimed(long term, boolean forced) {
        return new Handover(Kind.CLAIMED, term, 0, forced ? FORCED : 0);
    }

    /** An operator ordered the claim, whatever this node thinks. */
    boolean forcedClaim() {
        return kind == Kind.CLAIMED && reason == FORCED;
    }

    static Handover refuse(long token, Refusal refusal) {
        return new Handover(Kind.REFUSE, 0, token, refusal.number());
    }
}
