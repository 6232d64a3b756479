/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * Which flows were seen since when. One number counts the sweeps begun; whatever is applied is stamped with it, so that
 * at the end of a sweep the flows with an older stamp than the sweep's are those that it has not seen. A sweep covers
 * the whole table (an audit) or one bucket; several may be open. Stamps are compared by their difference, so that they
 * may wrap.
 *
 * <p>During an audit it is also kept which attributes events have told: these are newer than what the dump says, or
 * another event that tells them is on its way.
 */
final class Epochs {
    /** No audit. */
    static final int IDLE = 0;
    /** The kernel's dump is being read; destroyed flows are kept as tombstones. */
    static final int DUMPING = 1;
    /** The dump is complete; what it lacked is being removed. */
    static final int SWEEPING = 2;

    private final Slots slots;
    private final int[] bucketEpochs;
    private int epoch = 1;
    private int auditEpoch;
    private int phase = IDLE;

    Epochs(Slots slots, int buckets) {
        this.slots = slots;
        this.bucketEpochs = new int[buckets];
    }

    void beginAudit() {
        auditEpoch = ++epoch;
        phase = DUMPING;
    }

    int phase() {
        return phase;
    }

    void phase(int newPhase) {
        phase = newPhase;
    }

    boolean isDumping() {
        return phase == DUMPING;
    }

    void beginBucket(int bucket) {
        bucketEpochs[bucket] = ++epoch;
    }

    /** Stamps a slot without saying what was told. */
    void stamp(int slot) {
        slots.putInt(slot, SlotLayout.STAMP, epoch);
    }

    /** Stamps a slot and notes the attributes that an event has told; 0 for a dump. */
    void stamp(int slot, int attributes) {
        int touched = phase == DUMPING && isSeenByAudit(slot) ? slots.getInt(slot, SlotLayout.TOUCHED) : 0;
        slots.putInt(slot, SlotLayout.TOUCHED, touched | attributes);
        stamp(slot);
    }

    /** True when the slot was stamped since the audit began. */
    boolean isSeenByAudit(int slot) {
        return slots.getInt(slot, SlotLayout.STAMP) - auditEpoch >= 0;
    }

    /** True when the audit is reading the dump, and the slot was stamped since it began. */
    boolean isFresh(int slot) {
        return phase == DUMPING && isSeenByAudit(slot);
    }

    boolean isSeenByBucket(int slot, int bucket) {
        return slots.getInt(slot, SlotLayout.STAMP) - bucketEpochs[bucket] >= 0;
    }
}
