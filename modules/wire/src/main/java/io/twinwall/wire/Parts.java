/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/**
 * The parts of a flow beyond its key: one bit each in the field {@code parts}, and their composites back to back in
 * {@code ext}, in the order of the bits. Bits above {@link #KNOWN} belong to a newer writer; what they mean follows
 * behind all we know, so it can be skipped without being understood. Stateless.
 */
public final class Parts {
    public static final int REPLY = 1;
    public static final int TCP = 1 << 1;
    public static final int SCTP = 1 << 2;
    public static final int MARK = 1 << 3;
    public static final int LABELS = 1 << 4;
    public static final int ZONE = 1 << 5;
    public static final int MASTER = 1 << 6;
    public static final int SEQADJ = 1 << 7;
    public static final int SYNPROXY = 1 << 8;
    public static final int HELPER = 1 << 9;
    public static final int COUNTERS = 1 << 10;
    public static final int START = 1 << 11;
    public static final int SECCTX = 1 << 12;
    /** All bits this version knows. */
    public static final int KNOWN = (SECCTX << 1) - 1;

    private static final int[] LENGTHS_4 = {
        Reply4Encoder.ENCODED_LENGTH,
        TcpEncoder.ENCODED_LENGTH,
        SctpEncoder.ENCODED_LENGTH,
        MarkEncoder.ENCODED_LENGTH,
        LabelsEncoder.ENCODED_LENGTH,
        ZoneEncoder.ENCODED_LENGTH,
        Master4Encoder.ENCODED_LENGTH,
        SeqAdjEncoder.ENCODED_LENGTH,
        SynproxyEncoder.ENCODED_LENGTH,
        HelperEncoder.ENCODED_LENGTH,
        FlowCountersEncoder.ENCODED_LENGTH,
        StartEncoder.ENCODED_LENGTH,
        SecctxEncoder.ENCODED_LENGTH,
    };
    private static final int[] LENGTHS_6 = LENGTHS_4.clone();

    static {
        LENGTHS_6[0] = Reply6Encoder.ENCODED_LENGTH;
        LENGTHS_6[6] = Master6Encoder.ENCODED_LENGTH;
    }

    /** Length of {@code ext} when a flow has every part this version knows; IPv6, the longer. */
    public static final int EXT_BYTES_MAX = length(KNOWN, true);

    private Parts() {}

    /** Bytes that the known ones among {@code parts} take in {@code ext}. */
    public static int length(int parts, boolean v6) {
        int[] lengths = v6 ? LENGTHS_6 : LENGTHS_4;
        int sum = 0;
        for (int left = parts & KNOWN; left != 0; left &= left - 1) {
            sum += lengths[Integer.numberOfTrailingZeros(left)];
        }
        return sum;
    }

    /** Where in {@code ext} the composite of {@code part}, one bit of {@code parts}, begins. */
    public static int offset(int parts, int part, boolean v6) {
        return length(parts & (part - 1), v6);
    }

    /** True when all known parts lie within {@code extLength}; else the entry is malformed. */
    public static boolean fits(int parts, boolean v6, int extLength) {
        return length(parts, v6) <= extLength;
    }
}
