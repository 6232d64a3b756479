/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.SeededRandom;
import io.twinwall.flowtable.FlowImage;
import org.agrona.concurrent.UnsafeBuffer;

/** Flows with any mix of attributes, zero and absent ones among them. */
final class RandomFlow {
    private final SeededRandom random;
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[64]);

    RandomFlow(SeededRandom random) {
        this.random = random;
    }

    void fill(FlowImage image, int number) {
        boolean v6 = random.chance(2);
        int proto = random.chance(3) ? 6 : random.chance(2) ? 17 : 132;
        image.clear().family(v6 ? FlowImage.AF_INET6 : FlowImage.AF_INET).l4proto(proto);
        shuffle(v6);
        image.orig(bytes, 0, 16, number & 0xffff, random.nextInt(65536));
        if (random.chance(2)) {
            Inverse.setPlain(image);
        } else {
            image.reply(bytes, random.chance(2) ? 16 : 32, random.chance(2) ? 0 : 32, random.nextInt(65536), 7);
        }
        image.status(random.nextInt(1 << 11) & CtImage.STATUS_MASK).timeoutSeconds(random.nextInt(1000));
        if (random.chance(3)) {
            image.zone(random.nextInt(4), 1 + random.nextInt(3));
        }
        if (random.chance(2)) {
            image.mark(random.chance(3) ? 0 : (int) random.nextLong());
        }
        if (proto == 6) {
            image.tcp(random.nextInt(10), random.nextInt(15), random.nextInt(15), random.nextInt(8), random.nextInt(8));
        } else if (proto == 132) {
            image.sctp(random.nextInt(8), (int) random.nextLong(), (int) random.nextLong());
        }
        rare(image, v6);
    }

    private void rare(FlowImage image, boolean v6) {
        if (random.chance(3)) {
            shuffle(true);
            if (random.chance(3)) {
                bytes.setMemory(0, 16, (byte) 0);
            }
            image.labels(bytes, 0, 16);
        }
        if (random.chance(4)) {
            image.helper(random.chance(2) ? "ftp" : "sixteen-chars-ok");
        }
        if (random.chance(4)) {
            shuffle(v6);
            image.master(bytes, 0, 16, random.nextInt(65536), 21, 6);
        }
        if (random.chance(4)) {
            image.seqAdjOrig(zeroOr(), zeroOr(), zeroOr());
        }
        if (random.chance(4)) {
            image.seqAdjReply(zeroOr(), zeroOr(), zeroOr());
        }
        if (random.chance(4)) {
            image.synproxy(zeroOr(), zeroOr(), zeroOr());
        }
        if (random.chance(4)) {
            image.countersOrig(random.nextInt(1000), 5).startNs(random.nextInt(1 << 30));
        }
    }

    private int zeroOr() {
        return random.chance(2) ? 0 : (int) random.nextLong();
    }

    /** Three addresses of a family at 0, 16 and 32. */
    private void shuffle(boolean v6) {
        bytes.setMemory(0, 64, (byte) 0);
        for (int at = 0; at < 48; at += 16) {
            for (int i = 0; i < (v6 ? 16 : 4); i++) {
                bytes.putByte(at + i, (byte) random.nextInt(256));
            }
        }
    }
}
