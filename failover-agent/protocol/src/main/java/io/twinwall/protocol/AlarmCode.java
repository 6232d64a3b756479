/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Kinds of alarm, for counters and filters. */
public enum AlarmCode {
    /** Took over without a complete copy of the flows. */
    UNREADY_TAKEOVER,
    /** Took over from a node whose lease was not armed: its kernel may still forward if only its agent died. */
    UNFENCED_PEER,
    /** Another node claims to be active too. */
    TWO_ACTIVES,
    /** A step of a takeover or step-down failed or gave no answer in time. */
    STEP_FAILED,
    /** The other node is not heard any more. */
    PEER_LOST,
    /** The other node does not hear this one. */
    PEER_DEAF,
    /** This node's loop came late by more than a lease; its gate may have been closed. */
    LATE,
    /** The kernel's gate was lost and is opened again. */
    GATE_LOST,
    /** No takeover, because the virtual addresses are still answered. */
    VIP_ANSWERED,
    /** This node is active and somebody else answers for its addresses. */
    VIP_CONFLICT,
    /** This node hears neither a peer nor any test address: it does not take over, or yields. */
    ISOLATED,
    /** The role changed too often: no planned move for a while. */
    FLAPPING,
    /** A need of this node is broken that is marked as fault. */
    FAULT,
    /** This node is active and its peer has not been fit to take over for long. */
    PEER_NOT_READY,
    /** Hands the role to a peer that is not ready, since this node must not keep it: flows will be lost. */
    UNREADY_HANDOVER,
    /** The gate cannot be opened or kept. */
    GATE_FAILING,
    /** An operator made this node active against the protocol's judgement. */
    FORCED,
    /** A takeover is decided and waits, so that an operator may veto it. */
    COUNTDOWN
}
