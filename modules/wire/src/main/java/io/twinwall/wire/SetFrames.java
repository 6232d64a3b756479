/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;

/** Finds the end of messages about sets of nf_tables, and with it whether all their lengths hold. */
final class SetFrames {
    private static final int MALFORMED = -1;
    private static final int LENGTH_BYTES = 2;
    private static final int RUNS = 4;

    private SetFrames() {}

    static boolean is(int template) {
        return template >= SetElementsDecoder.TEMPLATE_ID && template <= SetStateDecoder.TEMPLATE_ID;
    }

    /** End of the message whose block begins at {@code at}, or -1. */
    static int end(DirectBuffer b, int template, int at, int block, int end) {
        int blockMin = switch (template) {
            case SetElementsDecoder.TEMPLATE_ID -> SetElementsDecoder.BLOCK_LENGTH;
            case SetDigestDecoder.TEMPLATE_ID -> SetDigestDecoder.BLOCK_LENGTH;
            case SetRequestDecoder.TEMPLATE_ID -> SetRequestDecoder.BLOCK_LENGTH;
            default -> SetStateDecoder.BLOCK_LENGTH;
        };
        if (block < blockMin || block > end - at) {
            return MALFORMED;
        }
        return switch (template) {
            case SetElementsDecoder.TEMPLATE_ID -> elements(b, at + block, end);
            case SetStateDecoder.TEMPLATE_ID -> runs(b, at + block, 1, end);
            default -> at + block;
        };
    }

    private static int elements(DirectBuffer b, int at, int end) {
        if (end - at < GroupSizeEncodingDecoder.ENCODED_LENGTH) {
            return MALFORMED;
        }
        int block = u16(b, at);
        int count = u16(b, at + 2);
        int entry = at + GroupSizeEncodingDecoder.ENCODED_LENGTH;
        if (block < SetElementsEncoder.ElementsEncoder.sbeBlockLength()) {
            return MALFORMED;
        }
        for (int i = 0; i < count && entry != MALFORMED; i++) {
            entry = block > end - entry ? MALFORMED : runs(b, entry + block, RUNS, end);
        }
        return entry;
    }

    private static int runs(DirectBuffer b, int from, int count, int end) {
        int at = from;
        for (int i = 0; i < count; i++) {
            if (end - at < LENGTH_BYTES || u16(b, at) > end - at - LENGTH_BYTES) {
                return MALFORMED;
            }
            at += LENGTH_BYTES + u16(b, at);
        }
        return at;
    }

    private static int u16(DirectBuffer buffer, int at) {
        return buffer.getShort(at, LITTLE_ENDIAN) & 0xffff;
    }
}
