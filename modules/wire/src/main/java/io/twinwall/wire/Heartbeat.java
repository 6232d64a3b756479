/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/**
 * One heartbeat, as the schema tells it. Session ids and tokens are 64 random bits (any sign), counters and terms are
 * positive. {@code reason} belongs to {@code handover}. {@code newestKeyId} is 0 when the sender is of a version that does
 * not tell.
 */
public record Heartbeat(
        LinkIdentity from,
        int keyId,
        WireRole role,
        WireReadiness readiness,
        int priority,
        int health,
        boolean gateOpen,
        boolean hearsPeer,
        boolean alone,
        boolean maintenance,
        boolean urgent,
        boolean blind,
        WireHandover handover,
        int reason,
        long session,
        long peerSession,
        long counter,
        long peerCounter,
        long term,
        long tenureMs,
        long sentNanoTime,
        long handoverTerm,
        long handoverToken,
        int newestKeyId,
        int newestKeyTag,
        Likeness likeness) {
    /** Of a sender that tells neither which keys it holds nor what it is like. */
    public Heartbeat(
            LinkIdentity from,
            int keyId,
            WireRole role,
            WireReadiness readiness,
            int priority,
            int health,
            boolean gateOpen,
            boolean hearsPeer,
            boolean alone,
            boolean maintenance,
            boolean urgent,
            boolean blind,
            WireHandover handover,
            int reason,
            long session,
            long peerSession,
            long counter,
            long peerCounter,
            long term,
            long tenureMs,
            long sentNanoTime,
            long handoverTerm,
            long handoverToken) {
        this(
                from,
                keyId,
                role,
                readiness,
                priority,
                health,
                gateOpen,
                hearsPeer,
                alone,
                maintenance,
                urgent,
                blind,
                handover,
                reason,
                session,
                peerSession,
                counter,
                peerCounter,
                term,
                tenureMs,
                sentNanoTime,
                handoverTerm,
                handoverToken,
                0,
                0,
                Likeness.UNTOLD);
    }
}
