/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * Walks the slots of one bucket along the index: from the first home of the bucket to the first empty place at or after
 * its last home, passing over what belongs to other buckets ({@link FlowIndex} says why this finds all). Reused for
 * every walk, so one walk at a time.
 */
final class BucketWalk {
    private final FlowIndex index;
    private final BucketDigests buckets;
    private int bucket;
    private int place;
    private int last;
    private boolean isPastLast;

    BucketWalk(FlowIndex index, BucketDigests buckets) {
        this.index = index;
        this.buckets = buckets;
    }

    void begin(int wanted) {
        bucket = wanted;
        place = index.home(buckets.firstHash(wanted));
        last = index.home(buckets.lastHash(wanted));
        isPastLast = false;
    }

    /** The next slot of the bucket, or -1. */
    int next() {
        while (true) {
            long entry = index.entry(place);
            isPastLast |= place == last;
            if (entry == 0 && isPastLast) {
                return -1;
            }
            place = index.next(place);
            if (entry != 0 && buckets.bucketOf(FlowIndex.hashOf(entry)) == bucket) {
                return FlowIndex.slotOf(entry);
            }
        }
    }

    /** The slot last returned has left the index, which shifted another entry, or nothing, to its place: look again. */
    void removed() {
        place = index.previous(place);
        isPastLast = isPastLast && place != last;
    }
}
