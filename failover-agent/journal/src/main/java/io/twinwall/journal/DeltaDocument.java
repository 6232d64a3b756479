/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * Many messages in one document, big endian:
 *
 * <pre>
 *    0  u8   version, 1
 *    1  u24  0
 *    4  u32  CRC-32C of everything behind it
 *    8       messages: u32 length, bytes
 * </pre>
 */
final class DeltaDocument {
    /** What one message may have. */
    static final int MESSAGE_BYTES_MAX = 2 << 10;

    private static final int BYTES_MAX = 32 << 10;
    private static final int HEADER_BYTES = 8;
    private static final int CRC_OFFSET = 4;
    private static final byte VERSION = 1;

    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX);

    DeltaDocument() {
        clear();
    }

    void clear() {
        bytes.clear().position(HEADER_BYTES);
    }

    boolean isEmpty() {
        return bytes.position() == HEADER_BYTES;
    }

    boolean hasRoom() {
        return messagesMax() > 0;
    }

    /** So many more find room, whatever their length. */
    int messagesMax() {
        return bytes.remaining() / (Integer.BYTES + MESSAGE_BYTES_MAX);
    }

    void add(DirectBuffer source, int offset, int length) {
        bytes.putInt(length);
        source.getBytes(offset, bytes, length);
    }

    /** The document, which then begins anew. */
    byte[] take() {
        int length = bytes.position();
        bytes.put(0, VERSION).putInt(CRC_OFFSET, crc(bytes.array(), length));
        byte[] document = Arrays.copyOf(bytes.array(), length);
        clear();
        return document;
    }

    /** What stands where messages are missing: no document that is whole. */
    static byte[] gap() {
        return new byte[HEADER_BYTES];
    }

    /** The messages of {@code document}, behind one another as {@link #add} put them; null when it is damaged. */
    static ByteBuffer messages(byte[] document) {
        boolean whole = document.length >= HEADER_BYTES
                && document[0] == VERSION
                && ByteBuffer.wrap(document).getInt(CRC_OFFSET) == crc(document, document.length);
        return whole ? ByteBuffer.wrap(document).position(HEADER_BYTES) : null;
    }

    private static int crc(byte[] document, int length) {
        CRC32C crc = new CRC32C();
        crc.update(document, HEADER_BYTES, length - HEADER_BYTES);
        return (int) crc.getValue();
    }
}
