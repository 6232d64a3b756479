/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What a {@link DeltaRecorder} writes, and a {@link DeltaReplay} reads, little endian:
 *
 * <pre>
 *    0  u8   version, 1
 *    1  u8   type
 *    2       0
 *    8  i64  milliseconds since 1970, by the clock of the host
 *   16       messages of the wire: flows and ends of flows
 * </pre>
 */
public final class DeltaMessage {
    /** Flows that changed or ended. */
    static final int CHANGES = 1;
    /** From here to the end of the snapshot all flows are told once, between changes. */
    static final int SNAPSHOT_BEGIN = 2;

    static final int SNAPSHOT = 3;
    static final int SNAPSHOT_END = 4;
    /** Changes are missing here, and since the message's time, which is earlier than that of its writing. */
    static final int LOST = 5;

    static final int HEADER_BYTES = 16;
    private static final int VERSION = 1;
    private static final int TYPE_OFFSET = 1;
    private static final int AT_OFFSET = 8;

    private DeltaMessage() {}

    static void header(MutableDirectBuffer buffer, int type, long atMs) {
        buffer.setMemory(0, HEADER_BYTES, (byte) 0);
        buffer.putByte(0, (byte) VERSION);
        buffer.putByte(TYPE_OFFSET, (byte) type);
        buffer.putLong(AT_OFFSET, atMs, ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether this version reads it. */
    static boolean readable(DirectBuffer buffer, int offset, int length) {
        return length >= HEADER_BYTES && buffer.getByte(offset) == VERSION;
    }

    static int type(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + TYPE_OFFSET);
    }

    /** When it was written. */
    public static long atMs(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + AT_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }
}
