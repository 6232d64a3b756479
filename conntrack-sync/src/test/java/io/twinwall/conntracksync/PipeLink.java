/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.Link;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One end of a faultless link that allocates nothing: a ring of frames for each direction. */
final class PipeLink implements Link {
    private static final int FRAMES = 256;
    private static final int FRAME_BYTES = 1376;

    private final UnsafeBuffer arriving = SimNode.memory(FRAMES * FRAME_BYTES);
    private final int[] lengths = new int[FRAMES];
    private PipeLink peer;
    private long head;
    private long tail;
    private long frames;

    static PipeLink[] pair() {
        PipeLink[] ends = {new PipeLink(), new PipeLink()};
        ends[0].peer = ends[1];
        ends[1].peer = ends[0];
        return ends;
    }

    long framesOffered() {
        return frames;
    }

    @Override
    public long offer(DirectBuffer frame, int offset, int length) {
        if (peer.tail - peer.head == FRAMES) {
            return BACK_PRESSURED;
        }
        int slot = (int) (peer.tail % FRAMES);
        peer.arriving.putBytes(slot * FRAME_BYTES, frame, offset, length);
        peer.lengths[slot] = length;
        peer.tail++;
        return ++frames;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int polled = 0;
        while (head < tail && polled < limit) {
            int slot = (int) (head % FRAMES);
            handler.onFrame(arriving, slot * FRAME_BYTES, lengths[slot]);
            head++;
            polled++;
        }
        return polled;
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
        return FRAME_BYTES;
    }

    @Override
    public void close() {
        head = tail;
    }
}
