/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.wire.FrameKind;
import io.twinwall.wire.SideChannel;

/** Puts what rides along into frames of its own, behind everything that concerns flows. On the sync agent's thread. */
final class SideFrames {
    /** Carries nothing. */
    static final SideFrames NONE = new SideFrames(null, null);

    private static final int FRAMES_QUIET = 16;

    /** A stream that never rests must not keep the rest from ever leaving. */
    private static final int FRAMES_BUSY = 1;

    private final SideChannel channel;
    private final FrameSender sender;

    SideFrames(SideChannel channel, FrameSender sender) {
        this.channel = channel;
        this.sender = sender;
    }

    void turn(SideChannel.Side now) {
        if (channel != null) {
            channel.turn(now);
        }
    }

    /** @param quiet no flow waits to be sent */
    int step(FrameKind kind, long term, boolean quiet) {
        if (channel == null) {
            return 0;
        }
        int frames = 0;
        int framesMax = quiet ? FRAMES_QUIET : FRAMES_BUSY;
        while (frames < framesMax && sender.ready() && sender.payload().isEmpty()) {
            byte[] message = channel.next();
            if (message == null) {
                break;
            }
            if (sender.payload().message(message)) {
                sender.send(kind, term);
            }
            frames++;
        }
        return frames;
    }
}
