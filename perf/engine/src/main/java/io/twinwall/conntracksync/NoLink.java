/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.engine.FixedSession;
import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.Link;
import org.agrona.DirectBuffer;

/** A link that takes every frame and leads nowhere. */
final class NoLink implements Link {
    private long position;

    @Override
    public long offer(DirectBuffer frame, int offset, int length) {
        position += length;
        return position;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        return 0;
    }

    @Override
    public boolean connected() {
        return true;
    }

    @Override
    public int doWork() {
        return 0;
    }

    @Override
    public int frameBytesMax() {
        return FixedSession.FRAME_BYTES_MAX;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
