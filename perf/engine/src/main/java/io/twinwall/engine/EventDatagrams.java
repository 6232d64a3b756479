/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.netlink.CtEncoder;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Events of the first flows of the workload as {@code recvmmsg} leaves them: each a datagram in a buffer of its own. */
public final class EventDatagrams {
    public static final int EVENTS = 64;

    /** As the event socket has them. */
    private static final int BUFFER_BYTES = 4096;

    private final UnsafeBuffer buffer =
            new UnsafeBuffer(BufferUtil.allocateDirectAligned(EVENTS * BUFFER_BYTES, BUFFER_BYTES));
    private final int[] lengths = new int[EVENTS];

    /** {@code isNew} and {@code mark} as {@link FlowMix#event} takes them. */
    public EventDatagrams(boolean isNew, int mark) {
        FlowMix mix = new FlowMix();
        CtEncoder encoder = new CtEncoder();
        for (int i = 0; i < EVENTS; i++) {
            mix.event(encoder.wrap(buffer, offset(i), BUFFER_BYTES), i, isNew, mark);
            lengths[i] = encoder.length();
        }
    }

    public DirectBuffer buffer() {
        return buffer;
    }

    public int offset(int index) {
        return index * BUFFER_BYTES;
    }

    public int length(int index) {
        return lengths[index];
    }
}
