/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Why a switchover was not made. The numbers travel on the wire; new ones are appended. */
public enum Refusal {
    UNKNOWN(0, "the active gave a reason this version does not know"),
    NO_PEER(1, "no other node is alive that may become active"),
    NOT_READY(2, "the other node is not ready: its copy of the flows is not complete"),
    LAGGING(3, "replication lags behind its bound"),
    BUSY(4, "a takeover or switchover is already under way"),
    NOT_ACTIVE(5, "no active node answers"),
    BARRIER_FAILED(6, "the passive did not confirm that every flow is in its kernel"),
    NOT_CLAIMED(7, "the passive did not claim in time; the active stays active"),
    STOPPING(8, "this node is stopping"),
    NO_ANSWER(9, "the active did not answer in time"),
    FAULTY(10, "this node is in fault"),
    IN_MAINTENANCE(11, "this node is in maintenance"),
    FLAPPING(12, "the role changed too often: no planned move for a while"),
    TOLD(13, "an operator put the role where it is"),
    ISOLATED(14, "this node hears neither a peer nor a test address"),
    TOO_EARLY(15, "another node may still be forwarding"),
    WITHDRAWN(16, "the other node is not configured any more");

    private final int number;
    private final String text;

    Refusal(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** For a person. */
    public String text() {
        return text;
    }

    /** On the wire. */
    public int number() {
        return number;
    }

    static Refusal of(int number) {
        for (Refusal refusal : values()) {
            if (refusal.number == number) {
                return refusal;
            }
        }
        return UNKNOWN;
    }
}
