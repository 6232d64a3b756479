/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * What was sent to a peer, and what of it the peer is known to have heard.
 *
 * @param counter counter of the last heartbeat sent to it
 * @param recent the last heartbeats sent to it, oldest first
 * @param lastNs when the last was sent
 * @param answeredNs when the last was sent at once, in answer
 * @param ackNs when the newest heartbeat that it is known to have heard was sent
 * @param ackAwakeNs the same in awake time
 */
public record Sending(long counter, List<Sent> recent, long lastNs, long answeredNs, long ackNs, long ackAwakeNs) {
    static final Sending NONE = new Sending(0, List.of(), Moments.NEVER, Moments.NEVER, Moments.NEVER, Moments.NEVER);
    private static final int RECENT_MAX = 48;

    /** A heartbeat on its way. */
    public record Sent(long counter, long sentNs, long awakeNs) {}

    Sending one(long nowNs, long awakeNs) {
        List<Sent> next = new ArrayList<>(recent.size() < RECENT_MAX ? recent : recent.subList(1, recent.size()));
        next.add(new Sent(counter + 1, nowNs, awakeNs));
        return new Sending(counter + 1, List.copyOf(next), nowNs, answeredNs, ackNs, ackAwakeNs);
    }

    Sending answering(long nowNs) {
        return new Sending(counter, recent, lastNs, nowNs, ackNs, ackAwakeNs);
    }

    /** The peer says that it heard {@code peerCounter}, and so everything up to it or nothing newer. */
    Sending acknowledged(long peerCounter) {
        Sent newest = null;
        for (Sent one : recent) {
            newest = one.counter() <= peerCounter && one.sentNs() > ackNs ? one : newest;
        }
        return newest == null
                ? this
                : new Sending(counter, recent, lastNs, answeredNs, newest.sentNs(), newest.awakeNs());
    }

    /** Only a heartbeat sent from now on counts. */
    Sending forgotten() {
        return new Sending(counter, List.of(), lastNs, answeredNs, Moments.NEVER, Moments.NEVER);
    }
}
