/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

/** Sequence adjustment of one direction (enum ctattr_seqadj), filled by {@link CtFlyweight}. */
public final class CtSeqAdj {
    private int correctionPos;
    private int offsetBefore;
    private int offsetAfter;

    CtSeqAdj() {}

    /** {@code CTA_SEQADJ_CORRECTION_POS}: the sequence number of the last change of length. */
    public int correctionPos() {
        return correctionPos;
    }

    /** {@code CTA_SEQADJ_OFFSET_BEFORE}: added to sequence numbers before it; signed. */
    public int offsetBefore() {
        return offsetBefore;
    }

    /** {@code CTA_SEQADJ_OFFSET_AFTER}: added to sequence numbers after it; signed. */
    public int offsetAfter() {
        return offsetAfter;
    }

    int parse(NlAttrs attrs, CtFlyweight message) {
        correctionPos = 0;
        offsetBefore = 0;
        offsetAfter = 0;
        int unknown = 0;
        while (attrs.next()) {
            switch (attrs.type()) {
                case CTA_SEQADJ_CORRECTION_POS -> correctionPos = attrs.u32be();
                case CTA_SEQADJ_OFFSET_BEFORE -> offsetBefore = attrs.u32be();
                case CTA_SEQADJ_OFFSET_AFTER -> offsetAfter = attrs.u32be();
                default -> unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }
}
