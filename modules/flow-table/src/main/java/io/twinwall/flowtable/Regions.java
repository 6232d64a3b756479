/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static io.twinwall.flowtable.FlowImageLayout.*;

/** Which rare attribute lies where in a {@link FlowImage}, and which kind of extension chunk it goes into. */
final class Regions {
    /** Kinds up to this one are content. */
    static final int LAST_REPLICATED = 1;

    private static final int[] REGION_AT = {LABELS_BITS, MASTER_SRC, PACKETS_ORIG, SECCTX_NAME, SECCTX_NAME + 56};
    private static final int[] REGION_LENGTH = {56, 56, 32, 56, 8};

    private static final int[] BIT = {
        FlowImage.LABELS,
        FlowImage.HELPER,
        FlowImage.SEQ_ADJ_ORIG,
        FlowImage.SEQ_ADJ_REPLY,
        FlowImage.MASTER,
        FlowImage.SYNPROXY,
        FlowImage.COUNTERS_ORIG,
        FlowImage.COUNTERS_REPLY,
        FlowImage.SECCTX,
        FlowImage.SECCTX
    };
    private static final int[] AT = {
        LABELS_BITS, HELPER_NAME, SEQ_ADJ_ORIG_AT, SEQ_ADJ_REPLY_AT,
        MASTER_SRC, SYNPROXY_AT, PACKETS_ORIG, PACKETS_REPLY,
        SECCTX_NAME, SECCTX_NAME + 56
    };
    private static final int[] LENGTH = {16, 16, 12, 12, 40, 12, 16, 16, 56, 8};

    /** Attributes of kind k are those from {@code FIRST[k]} to {@code FIRST[k + 1] - 1}. */
    private static final int[] FIRST = {0, 4, 6, 8, 9, 10};

    /** Every attribute that lives in a chunk. */
    static final int RARE = FlowImage.LABELS
            | FlowImage.HELPER
            | FlowImage.SEQ_ADJ_ORIG
            | FlowImage.SEQ_ADJ_REPLY
            | FlowImage.MASTER
            | FlowImage.SYNPROXY
            | FlowImage.COUNTERS_ORIG
            | FlowImage.COUNTERS_REPLY
            | FlowImage.SECCTX;

    private static final int[] KIND_BITS = {
        FlowImage.LABELS | FlowImage.HELPER | FlowImage.SEQ_ADJ_ORIG | FlowImage.SEQ_ADJ_REPLY,
        FlowImage.MASTER | FlowImage.SYNPROXY,
        FlowImage.COUNTERS_ORIG | FlowImage.COUNTERS_REPLY,
        FlowImage.SECCTX,
        FlowImage.SECCTX
    };

    private Regions() {}

    /** Presence bits of the attributes of a kind. */
    static int bits(int kind) {
        return KIND_BITS[kind];
    }

    static int regionAt(int kind) {
        return REGION_AT[kind];
    }

    static int regionLength(int kind) {
        return REGION_LENGTH[kind];
    }

    static int first(int kind) {
        return FIRST[kind];
    }

    static int bit(int attribute) {
        return BIT[attribute];
    }

    /** Offset in an image. */
    static int at(int attribute) {
        return AT[attribute];
    }

    static int length(int attribute) {
        return LENGTH[attribute];
    }
}
