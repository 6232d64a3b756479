/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.nio.ByteBuffer;

/**
 * What flows carry, 16 bytes in network order, so that each arrival says which flow, for which check:
 *
 * <pre>
 *   0 flow  4 | 4 epoch  4 | 8 sender's nanoTime  8
 * </pre>
 */
final class FlowMessage {
    static final int BYTES = 16;

    private FlowMessage() {}

    /** Fills {@code buffer} with one message and flips it. */
    static ByteBuffer write(ByteBuffer buffer, int flow, int epoch) {
        return buffer.clear()
                .putInt(flow)
                .putInt(epoch)
                .putLong(System.nanoTime())
                .flip();
    }

    static int flow(ByteBuffer buffer, int offset) {
        return buffer.getInt(offset);
    }

    static int epoch(ByteBuffer buffer, int offset) {
        return buffer.getInt(offset + 4);
    }
}
