/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.Counters;
import io.twinwall.protocol.Handover;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.SessionTracker;

/** The sessions of one life of a node: the real tracker decides which heartbeats are fresh. */
final class Sessions {
    private final int number;
    private final SessionTracker tracker;
    private boolean begun;

    Sessions(int number, long session) {
        this.number = number;
        tracker = new SessionTracker(session, new Counters());
    }

    long own() {
        return tracker.ownSession();
    }

    long peer() {
        return tracker.peerSession();
    }

    /** What the protocol hears of it; null when it is not fresh. */
    RoleEvent.HeartbeatHeard hear(Datagram datagram) {
        SessionTracker.Verdict verdict = tracker.onHeartbeat(datagram.path(), onTheWire(datagram));
        begun |= verdict == SessionTracker.Verdict.BEGAN;
        boolean fresh = verdict == SessionTracker.Verdict.BEGAN || verdict == SessionTracker.Verdict.HEARD;
        if (!fresh) {
            return null;
        }
        // What is acknowledged of another boot of ours says nothing of this one.
        long acknowledged = datagram.echoSession() == tracker.ownSession() ? datagram.echoCounter() : 0;
        Heartbeat heartbeat = Forgery.with(
                datagram.heartbeat(), acknowledged, datagram.heartbeat().term());
        return new RoleEvent.HeartbeatHeard(datagram.from(), datagram.session(), datagram.path(), heartbeat);
    }

    /** Once after the peer's boot changed. */
    boolean takeBegun() {
        boolean taken = begun;
        begun = false;
        return taken;
    }

    Datagram send(Heartbeat heartbeat, long sentNs, long sentHeardNs) {
        tracker.nextCounter();
        return new Datagram(
                number, 0, own(), tracker.echoSession(), tracker.echoCounter(), heartbeat, sentNs, sentHeardNs);
    }

    private static io.twinwall.wire.Heartbeat onTheWire(Datagram d) {
        Handover none = Handover.NONE;
        return new io.twinwall.wire.Heartbeat(
                new LinkIdentity(7, d.from(), 3 - d.from()),
                1,
                null,
                null,
                0,
                0,
                false,
                false,
                false,
                false,
                false,
                false,
                null,
                none.reason(),
                d.session(),
                d.echoSession(),
                d.heartbeat().counter(),
                d.echoCounter(),
                d.heartbeat().term(),
                0,
                0,
                none.term(),
                none.token());
    }
}
