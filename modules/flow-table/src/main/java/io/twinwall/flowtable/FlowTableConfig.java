/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.Check;

/**
 * Shape of a {@link FlowTable}. Both nodes of a pair must use the same {@code bucketBits}, {@code hashSeed} and masks,
 * or their digests never agree.
 *
 * @param flowsMax most flows held at once, of any mix of families; 1..{@link #FLOWS_LIMIT}
 * @param bucketBits the table is digested in {@code 2^bucketBits} buckets; 1..16
 * @param hashSeed secret of the cluster, the same on both nodes: nobody else can tell which flows share a bucket
 * @param statusMask status bits that are replicated ({@code IPS_*}); the others are stored but are no content
 * @param tcpFlagsMask bits of {@code CTA_PROTOINFO_TCP_FLAGS_*} that are replicated
 */
public record FlowTableConfig(int flowsMax, int bucketBits, long hashSeed, int statusMask, int tcpFlagsMask) {
    /** Largest {@code flowsMax}: keeps each region of memory below 2^31 bytes. */
    public static final int FLOWS_LIMIT = 6_000_000;

    /** SEEN_REPLY, ASSURED, SRC_NAT, DST_NAT, FIXED_TIMEOUT: what a create or update can hand to the other kernel. */
    public static final int STATUS_MASK_DEFAULT = 0x2 | 0x4 | 0x10 | 0x20 | 0x400;

    /** WINDOW_SCALE, SACK_PERM, CLOSE_INIT. Not BE_LIBERAL, which the injector sets on every flow it creates. */
    public static final int TCP_FLAGS_MASK_DEFAULT = 0x1 | 0x2 | 0x4;

    public FlowTableConfig {
        Check.inRange(flowsMax, 1, FLOWS_LIMIT, "flowsMax");
        Check.inRange(bucketBits, 1, 16, "bucketBits");
        Check.inRange(tcpFlagsMask, 0, 0xff, "tcpFlagsMask");
    }

    /** With the default masks. */
    public FlowTableConfig(int flowsMax, int bucketBits, long hashSeed) {
        this(flowsMax, bucketBits, hashSeed, STATUS_MASK_DEFAULT, TCP_FLAGS_MASK_DEFAULT);
    }

    /** Number of buckets. */
    public int buckets() {
        return 1 << bucketBits;
    }
}
