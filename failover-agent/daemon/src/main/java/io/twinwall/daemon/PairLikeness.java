/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.wire.Likeness;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;
import org.agrona.concurrent.EpochClock;

/**
 * Holds the two nodes against each other by what their heartbeats tell: the version, the configuration that is the pair's,
 * the clock. Told and heard on the role agent's thread, read on any.
 */
final class PairLikeness {
    /**
     * @param samePair null while either does not know its configuration's digest yet
     * @param clockAheadMs by how much the peer's clock is ahead of this one, less the way of a heartbeat
     */
    record Compared(boolean sameVersion, Boolean samePair, long clockAheadMs) {}

    private final int versionTag;
    private final EpochClock clock;
    private volatile int pairTag;
    private volatile Compared compared;

    PairLikeness(String version, EpochClock clock) {
        CRC32 crc = new CRC32();
        crc.update(version.getBytes(StandardCharsets.UTF_8));
        versionTag = told((int) crc.getValue());
        this.clock = clock;
    }

    /** What runs from now on. Makes a digest of it: for a thread that may take its time. */
    void configured(Config config) {
        pairTag = told(Integer.parseUnsignedInt(PairDigest.of(config), 0, Integer.SIZE / 4, 16));
    }

    /** 0 is the word for none. */
    private static int told(int tag) {
        return tag == 0 ? 1 : tag;
    }

    /** What this node tells now. */
    Likeness own() {
        return new Likeness(versionTag, pairTag, clock.time());
    }

    /** The peer told {@code likeness} in a heartbeat that came just now. */
    void heard(Likeness likeness) {
        int own = pairTag;
        boolean known = own != 0 && likeness.pairTag() != 0;
        Boolean samePair = known ? Boolean.valueOf(own == likeness.pairTag()) : null;
        compared = likeness.told()
                ? new Compared(likeness.versionTag() == versionTag, samePair, likeness.wallMs() - clock.time())
                : null;
    }

    /** How they compare; empty before the peer is heard, and of one whose version does not tell. */
    Optional<Compared> compared() {
        return Optional.ofNullable(compared);
    }
}
