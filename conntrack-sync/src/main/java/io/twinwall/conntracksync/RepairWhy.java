/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/**
 * Why flows were repaired, and between which two of the four tables they differed. The numbers travel, see the schema's
 * RepairNote: they are never given anew.
 */
enum RepairWhy {
    // On the active the kernel is right.
    DELETED(1, SyncProof.KERNEL_TABLE, "kernel_deleted", "deleted in the kernel by another program"),
    CREATED(2, SyncProof.KERNEL_TABLE, "kernel_created", "created in the kernel by another program"),
    CHANGED(3, SyncProof.KERNEL_TABLE, "kernel_changed", "changed in the kernel by another program"),
    BEGIN_MISSED(4, SyncProof.KERNEL_TABLE, "begin_missed", "in the kernel, though no event told of it"),
    CHANGE_MISSED(5, SyncProof.KERNEL_TABLE, "change_missed", "changed in the kernel, though no event told of it"),
    END_MISSED(6, SyncProof.KERNEL_TABLE, "end_missed", "gone from the kernel, though no event told of it"),

    DIGEST(16, SyncProof.TABLE_MIRROR, "mirror_differed", "in buckets whose digest differed from the source's"),

    // On the passive the mirror is right.
    MIRROR_DELETED(32, SyncProof.MIRROR_KERNEL, "mirror_deleted", "deleted in the kernel by another program"),
    MIRROR_ENDED(33, SyncProof.MIRROR_KERNEL, "mirror_ended", "ended by the kernel itself"),
    MIRROR_MISSING(34, SyncProof.MIRROR_KERNEL, "mirror_missing", "not in the kernel any more"),
    MIRROR_CHANGED(35, SyncProof.MIRROR_KERNEL, "mirror_changed", "changed in the kernel by another program"),
    MIRROR_FOREIGN(36, SyncProof.MIRROR_KERNEL, "mirror_foreign", "in the kernel, and unknown to the source");

    final int number;
    final String stage;
    final String metric;
    final String text;

    RepairWhy(int number, String stage, String metric, String text) {
        this.number = number;
        this.stage = stage;
        this.metric = metric;
        this.text = text;
    }

    /** The reason of that number, or null when only a newer version knows it. */
    static RepairWhy of(int number) {
        for (RepairWhy why : ALL) {
            if (why.number == number) {
                return why;
            }
        }
        return null;
    }

    private static final RepairWhy[] ALL = values();
}
