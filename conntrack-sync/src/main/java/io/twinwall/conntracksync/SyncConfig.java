/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/**
 * What the sync agent needs to know.
 *
 * @param flowsMax most flows held, 1,024..6,000,000
 * @param bucketBits the table is compared in 2^bucketBits buckets; the same on both nodes
 * @param hashSeed seed of the table's hash, from the cluster key: the same on both nodes, unknown to others
 * @param lagDeltasMax a source more deltas ahead of its peer's kernel lags, and a mirror more behind is not ready, until
 *     that is down to half
 * @param expectations whether the connections that flows expect are mirrored, too
 */
public record SyncConfig(int flowsMax, int bucketBits, long hashSeed, long lagDeltasMax, boolean expectations) {
    public static final int DEFAULT_BUCKET_BITS = 12;

    /** About a second of the injector's work. */
    public static final long DEFAULT_LAG_DELTAS_MAX = 100_000;

    public SyncConfig(int flowsMax, int bucketBits, long hashSeed) {
        this(flowsMax, bucketBits, hashSeed, DEFAULT_LAG_DELTAS_MAX);
    }

    public SyncConfig(int flowsMax, int bucketBits, long hashSeed, long lagDeltasMax) {
        this(flowsMax, bucketBits, hashSeed, lagDeltasMax, false);
    }

    /** The same with expectations mirrored. */
    public SyncConfig withExpectations() {
        return new SyncConfig(flowsMax, bucketBits, hashSeed, lagDeltasMax, true);
    }
}
