/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import net.openhft.chronicle.bytes.Bytes;

/**
 * Finds the end of what is complete in a file. Each document begins with a word, at a multiple of four: its length and
 * two bits; the word is written last of all, and is 0 where nothing is yet.
 */
final class LastDocument {
    private static final int LENGTH_MASK = 0x3fffffff;
    private static final int NOT_COMPLETE = 0x80000000;
    private static final int WORD_BYTES = Integer.BYTES;

    private LastDocument() {}

    /** From {@code from}, at which a document begins, to the end of the last one. */
    static long end(Bytes<?> bytes, long from) {
        long at = from;
        int header = bytes.readVolatileInt(at);
        while (header != 0 && (header & NOT_COMPLETE) == 0) {
            long behind = at + WORD_BYTES + (header & LENGTH_MASK);
            at = (behind + WORD_BYTES - 1) & -WORD_BYTES;
            header = bytes.readVolatileInt(at);
        }
        return at;
    }
}
