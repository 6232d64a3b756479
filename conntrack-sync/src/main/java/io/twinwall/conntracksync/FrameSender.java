/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.FrameSealer;
import io.twinwall.wire.Link;
import io.twinwall.wire.PayloadWriter;

/**
 * Seals the payload under way and offers it to the link. A frame the link does not take at once is kept and offered
 * again, never sealed twice: its number is its nonce.
 */
final class FrameSender {
    private final Link link;
    private final PayloadWriter payload;
    private final Counter frames;
    private final Counter bytes;
    private final Counter backPressure;

    private FrameSealer sealer;
    private int pendingLength;
    private boolean sent;

    FrameSender(Link link, Counters counters) {
        this.link = link;
        payload = new PayloadWriter(FrameSealer.payloadBytesMax(link.frameBytesMax()));
        frames = counters.counter("sync_frames_sent_total", "Sealed frames handed to the link.");
        bytes = counters.counter("sync_frame_bytes_sent_total", "Bytes of sealed frames handed to the link.");
        backPressure = counters.counter(
                "sync_frames_back_pressured_total", "Times the link could not take a frame; it is offered again.");
    }

    /** From here on frames are sealed with {@code newSealer}, or none are sent when it is null. */
    void session(FrameSealer newSealer) {
        sealer = newSealer;
        pendingLength = 0;
        payload.reset();
    }

    PayloadWriter payload() {
        return payload;
    }

    /** True when a payload may be filled: there is a session, a peer, and no frame waiting. */
    boolean ready() {
        return sealer != null && link.connected() && offerPending();
    }

    /** Seals and offers what the payload holds. Returns the frame's number, or 0 when the payload was empty. */
    long send(FrameKind kind, long term) {
        if (payload.isEmpty()) {
            return 0;
        }
        int length = payload.length();
        pendingLength = sealer.seal(kind, term, payload.buffer(), 0, length);
        payload.reset();
        long number = sealer.frameNumber();
        offerPending();
        return number;
    }

    private boolean offerPending() {
        if (pendingLength == 0) {
            return true;
        }
        if (link.offer(sealer.buffer(), 0, pendingLength) < 0) {
            backPressure.increment();
            return false;
        }
        frames.increment();
        bytes.add(pendingLength);
        pendingLength = 0;
        sent = true;
        return true;
    }

    /** Whether the link took a frame since this was asked last. */
    boolean takeSent() {
        boolean was = sent;
        sent = false;
        return was;
    }
}
