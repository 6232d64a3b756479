/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.SeededRandom;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes images for tests. Values come from small ranges, so that a change often changes nothing. */
final class Flows {
    static final int TCP = 6;
    static final int UDP = 17;
    static final int SCTP = 132;

    private static final int[] PROTOCOLS = {TCP, UDP, SCTP, 1};

    private static final UnsafeBuffer ADDRESSES = new UnsafeBuffer(new byte[64]);

    private Flows() {}

    /** The key number {@code n}: the same number gives the same key, another one another. */
    static FlowImage key(FlowImage image, int n) {
        boolean isIpv6 = n % 3 == 0;
        image.clear().family(isIpv6 ? FlowImage.AF_INET6 : FlowImage.AF_INET).l4proto(PROTOCOLS[n & 3]);
        if (n % 5 == 0) {
            image.zone(7, n % 2 == 0 ? FlowImage.ZONE_DIR_BOTH : FlowImage.ZONE_DIR_ORIG);
        }
        addresses(isIpv6, n, 99);
        return image.orig(ADDRESSES, 0, 16, n & 0xffff, 443);
    }

    /** As {@link #key} of one family, with the reply tuple: what every flow has. */
    static FlowImage plain(FlowImage image, int n, boolean isIpv6) {
        image.clear().family(isIpv6 ? FlowImage.AF_INET6 : FlowImage.AF_INET).l4proto(TCP);
        addresses(isIpv6, n, 1 + (n & 7));
        image.orig(ADDRESSES, 0, 16, n & 0xffff, 443).reply(ADDRESSES, 16, 0, 443, n & 0xffff);
        return image.status(0xe)
                .timeoutSeconds(432_000)
                .id(n | 1)
                .tcp(3, 7, 7, 3, 3)
                .mark(5);
    }

    /** Adds random attributes to a key: each with one chance in {@code oneIn}. */
    static void attributes(FlowImage image, SeededRandom random, int oneIn) {
        if (!random.chance(oneIn)) {
            addresses(image.isIpv6(), random.chance(8) ? 1 : 2, 3);
            image.reply(ADDRESSES, 16, 0, 443, 80);
            image.status(0x8 | (random.chance(6) ? 0 : 0x6) | (random.chance(9) ? 0x10 : 0));
            image.timeoutSeconds(random.nextInt(1000));
        }
        if (random.chance(oneIn)) {
            image.mark(random.nextInt(3));
        }
        if (random.chance(oneIn)) {
            image.id(1 + random.nextInt(3));
        }
        if (random.chance(oneIn)) {
            image.tcp(random.nextInt(3), 7, random.nextInt(2), random.nextInt(16), random.nextInt(16));
        }
        if (random.chance(oneIn)) {
            image.sctp(random.nextInt(3), random.nextInt(2), random.nextInt(2));
        }
        if (random.chance(oneIn)) {
            image.startNs(random.nextInt(4));
        }
        rare(image, random, oneIn * 2);
    }

    private static void rare(FlowImage image, SeededRandom random, int oneIn) {
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[64]);
        if (random.chance(oneIn)) {
            bytes.setMemory(0, 64, (byte) random.nextInt(3));
            image.labels(bytes, 0, 1 + random.nextInt(16));
        }
        if (random.chance(oneIn)) {
            image.helper(random.chance(2) ? "ftp" : "");
        }
        if (random.chance(oneIn)) {
            addresses(image.isIpv6(), random.nextInt(2), 8);
            image.master(ADDRESSES, 0, 16, 21, 1, TCP);
        }
        if (random.chance(oneIn)) {
            image.seqAdjOrig(random.nextInt(2), 0, random.nextInt(2));
        }
        if (random.chance(oneIn)) {
            image.seqAdjReply(0, random.nextInt(2), 0);
        }
        if (random.chance(oneIn)) {
            image.synproxy(random.nextInt(2), 0, random.nextInt(2));
        }
        if (random.chance(oneIn)) {
            image.countersOrig(random.nextInt(9), 5).countersReply(1, random.nextInt(9));
        }
        if (random.chance(oneIn)) {
            bytes.setMemory(0, 64, (byte) ('a' + random.nextInt(3)));
            image.secctx(bytes, 0, 1 + random.nextInt(64));
        }
    }

    private static void addresses(boolean isIpv6, int source, int destination) {
        ADDRESSES.setMemory(0, 64, (byte) 0);
        if (isIpv6) {
            ADDRESSES.putInt(0, 0x0000_fd20);
            ADDRESSES.putInt(12, source);
            ADDRESSES.putInt(16, 0x0000_fd20);
            ADDRESSES.putInt(28, destination);
        } else {
            ADDRESSES.putInt(0, source);
            ADDRESSES.putInt(16, destination);
        }
    }
}
