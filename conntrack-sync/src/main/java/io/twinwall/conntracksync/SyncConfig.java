/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/**
 * What the sync agent needs to know.
 *
 * @param flowsMax most flows held, 1,024..6,000,000
 * @param bucketBits the table is compared in 2^bucketBits buckets; the same on both nodes
 * @param hashSeed seed of the table's hash, from the cluster key: the same on both nodes, unknown to others
 */
public record SyncConfig(int flowsMax, int bucketBits, long hashSeed) {
    public static final int DEFAULT_BUCKET_BITS = 12;
}
