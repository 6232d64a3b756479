/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A record as it lies on disk, one in each document of the queue, big endian:
 *
 * <pre>
 *    0  u8   version, 1
 *    1  u8   kind
 *    2  u16  0
 *    4  u32  CRC-32C of everything behind it
 *    8  u64  number
 *   16  i64  milliseconds since 1970, by the clock of the host
 *   24       JSON, UTF-8, to the end
 * </pre>
 *
 * The check sum is for what kill -9 cannot do and a power failure can: a document whose end never reached the disk.
 *
 * @param number counts the node's records from 1, through restarts
 * @param kind the word of {@link JournalRecord.Kind}
 * @param json an object
 */
public record JournalEntry(long number, long atMs, String kind, String json) {
    static final int HEADER_BYTES = 24;
    private static final int VERSION = 1;
    private static final int CRC_OFFSET = 4;
    private static final int CHECKED_FROM = 8;

    /** The document of a record. */
    static byte[] encode(long number, long atMs, JournalRecord.Kind kind, byte[] json) {
        ByteBuffer document = ByteBuffer.allocate(HEADER_BYTES + json.length);
        document.put((byte) VERSION).put((byte) kind.code()).putShort((short) 0).putInt(0);
        document.putLong(number).putLong(atMs).put(json);
        document.putInt(CRC_OFFSET, crc(document.array()));
        return document.array();
    }

    /** What {@code document} holds; null when it is damaged or of a form this version does not know. */
    static JournalEntry decode(byte[] document) {
        if (document.length < HEADER_BYTES || document[0] != VERSION) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(document);
        if (buffer.getInt(CRC_OFFSET) != crc(document)) {
            return null;
        }
        return new JournalEntry(
                buffer.getLong(8),
                buffer.getLong(16),
                JournalRecord.Kind.word(document[1] & 0xff),
                new String(document, HEADER_BYTES, document.length - HEADER_BYTES, StandardCharsets.UTF_8));
    }

    private static int crc(byte[] document) {
        CRC32C crc = new CRC32C();
        crc.update(document, CHECKED_FROM, document.length - CHECKED_FROM);
        return (int) crc.getValue();
    }

    /** As one JSON object: number, time and kind, then what the record says of itself. */
    public void appendTo(StringBuilder text) {
        text.append("{\"number\":").append(number).append(",\"atMs\":").append(atMs);
        text.append(",\"kind\":\"")
                .append(kind)
                .append("\",\"record\":")
                .append(json)
                .append('}');
    }
}
