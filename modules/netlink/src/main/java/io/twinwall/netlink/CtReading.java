/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** A ctnetlink message that is being read: what its parts find wrong refuses the whole of it. */
abstract class CtReading {
    CtReason reason = CtReason.TRUNCATED;

    /** Refuses the message for what {@code walked} found wrong, if anything. */
    void check(NlAttrs walked) {
        if (walked.error() == NlAttrs.SHORT_VALUE) {
            refuse(CtReason.SHORT_VALUE);
        } else if (walked.error() != NlAttrs.OK) {
            refuse(CtReason.LYING_LENGTH);
        }
    }

    /** The first reason stands. */
    void refuse(CtReason why) {
        if (reason == CtReason.OK) {
            reason = why;
        }
    }
}
