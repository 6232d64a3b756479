/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import java.util.Arrays;

/**
 * Per bucket the wrapping sum of its flows' content hashes, and their number. A sum does not depend on the order of its
 * terms and is kept up to date by subtracting the old hash and adding the new.
 */
final class BucketDigests {
    private final int shift;
    private final long[] sums;
    private final int[] counts;

    BucketDigests(int bucketBits) {
        shift = 32 - bucketBits;
        sums = new long[1 << bucketBits];
        counts = new int[1 << bucketBits];
    }

    /** The bucket of a key hash: its highest bits. */
    int bucketOf(int keyHash) {
        return keyHash >>> shift;
    }

    void add(int keyHash, long contentHash) {
        int bucket = bucketOf(keyHash);
        sums[bucket] += contentHash;
        counts[bucket]++;
    }

    void subtract(int keyHash, long contentHash) {
        int bucket = bucketOf(keyHash);
        sums[bucket] -= contentHash;
        counts[bucket]--;
    }

    long sum(int bucket) {
        return sums[bucket];
    }

    int count(int bucket) {
        return counts[bucket];
    }

    int buckets() {
        return sums.length;
    }

    /** Lowest key hash of a bucket. */
    int firstHash(int bucket) {
        return bucket << shift;
    }

    /** Highest key hash of a bucket, as an unsigned number. */
    int lastHash(int bucket) {
        return bucket << shift | (1 << shift) - 1;
    }

    void clear() {
        Arrays.fill(sums, 0);
        Arrays.fill(counts, 0);
    }
}
