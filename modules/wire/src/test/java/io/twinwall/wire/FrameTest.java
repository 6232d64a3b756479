/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.Seeds;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final int MAX = Samples.FRAME_BYTES_MAX;

    private final FrameCounters counters = new FrameCounters(new Counters());
    private final FrameSealer sealer = new FrameSealer(Samples.keysOfA(), MAX);
    private final FrameOpener opener = new FrameOpener(Samples.keysOfB(), MAX, counters);
    private final UnsafeBuffer payload = Samples.offHeap(MAX);

    private int sealed(long term, int length) {
        return sealer.seal(FrameKind.STATE, term, payload, 0, length);
    }

    @Test
    void shouldOpenWhatPeerSealed() {
        for (int length : new int[] {1, 8, 100, FrameSealer.payloadBytesMax(MAX)}) {
            payload.setMemory(0, length, (byte) length);
            int frame = sealer.seal(FrameKind.REPORT, 9, payload, 0, length);
            assertEquals(length + FrameSealer.OVERHEAD_BYTES, frame);
            assertEquals(length, opener.open(sealer.buffer(), 0, frame));
            assertEquals((byte) length, opener.payload().getByte(length - 1));
            assertEquals(length, opener.payload().capacity());
            assertEquals(FrameKind.REPORT, opener.kind());
            assertEquals(9, opener.term());
            assertEquals(sealer.frameNumber(), opener.frameNumber());
            assertEquals(0, opener.gap());
        }
        assertEquals(0, counters.refused());
    }

    @Test
    void shouldSealAsAnyOtherAesGcmDoes() throws Exception {
        payload.setMemory(0, 50, (byte) 5);
        int length = sealed(3, 50);
        byte[] frame = new byte[length];
        sealer.buffer().getBytes(0, frame);
        Hkdf.Purpose info = Hkdf.info("frames").add(1).add(7).add(1).add(1).add(Samples.SESSION_A);
        byte[] key = Hkdf.expand(Samples.KEY.secret(1), info.add(2).add(Samples.SESSION_B), 32);
        byte[] nonce = new byte[12];
        nonce[11] = 1;
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(frame, 0, 28);
        byte[] text = new byte[50];
        Arrays.fill(text, (byte) 5);
        assertArrayEquals(text, cipher.doFinal(frame, 28, length - 28));
    }

    @Test
    void shouldReportGapAndRefuseReplay() {
        int length = sealed(1, 20);
        UnsafeBuffer first = Samples.offHeap(length);
        first.putBytes(0, sealer.buffer(), 0, length);
        assertEquals(20, opener.open(first, 0, length));
        sealed(1, 20);
        sealed(1, 20);
        length = sealed(1, 20);
        assertEquals(20, opener.open(sealer.buffer(), 0, length));
        assertEquals(2, opener.gap());
        assertEquals(1, counters.gaps.get());
        assertEquals(2, counters.missed.get());
        refused(RefuseReason.REPLAY, opener, sealer.buffer(), length);
        refused(RefuseReason.REPLAY, opener, first, length);
        assertEquals(4, opener.frameNumber());
    }

    @Test
    void shouldRefuseOlderTerm() {
        opener.termMin(5);
        opener.termMin(3);
        refused(RefuseReason.TERM_OLD, opener, sealer.buffer(), sealed(4, 20));
        assertEquals(20, opener.open(sealer.buffer(), 0, sealed(5, 20)));
        assertEquals(1, opener.gap());
    }

    @Test
    void shouldRefuseFramesOfAnyOtherOrigin() {
        LinkIdentity a = Samples.A;
        LinkIdentity otherCluster = new LinkIdentity(8, 1, 2);
        LinkIdentity otherNode = new LinkIdentity(7, 3, 2);
        long sa = Samples.SESSION_A;
        long sb = Samples.SESSION_B;
        ClusterKey wrong = ClusterKey.of(1, Samples.bytes(2));
        ClusterKey second = ClusterKey.of(2, Samples.bytes(1));
        refusedFrom(RefuseReason.CLUSTER, SessionKeys.derive(Samples.KEY, 1, otherCluster, sa, sb));
        refusedFrom(RefuseReason.NODE, SessionKeys.derive(Samples.KEY, 1, otherNode, sa, sb));
        refusedFrom(RefuseReason.KEY_ID, SessionKeys.derive(second, 2, a, sa, sb));
        refusedFrom(RefuseReason.SESSION, SessionKeys.derive(Samples.KEY, 1, a, sa + 1, sb));
        refusedFrom(RefuseReason.SESSION, SessionKeys.derive(Samples.KEY, 1, a, sa, sb + 1));
        refusedFrom(RefuseReason.SESSION, SessionKeys.derive(wrong, 1, a, sa, sb));
        // Our own frames, come back: the direction is part of the key and of the header.
        refusedFrom(RefuseReason.NODE, Samples.keysOfB());
    }

    @Test
    void shouldRefuseWrongKeyThatClaimsTheRightSession() {
        ClusterKey wrong = ClusterKey.of(1, Samples.bytes(2));
        SessionKeys forged = SessionKeys.derive(wrong, 1, Samples.A, Samples.SESSION_A, Samples.SESSION_B);
        try (FrameSealer forger = new FrameSealer(forged, MAX)) {
            int length = forger.seal(FrameKind.STATE, 1, payload, 0, 30);
            new FrameHeaderEncoder()
                    .wrap(forger.buffer(), 0)
                    .sessionTag(Samples.keysOfA().sendTag());
            refused(RefuseReason.TAG, opener, forger.buffer(), length);
        }
    }

    private void refusedFrom(RefuseReason reason, SessionKeys keys) {
        try (FrameSealer other = new FrameSealer(keys, MAX)) {
            int length = other.seal(FrameKind.STATE, 1, payload, 0, 30);
            refused(reason, opener, other.buffer(), length);
        }
    }

    private void refused(RefuseReason reason, FrameOpener by, UnsafeBuffer frame, int length) {
        long before = counters.refused(reason);
        assertEquals(FrameOpener.REFUSED, by.open(frame, 0, length), reason.toString());
        assertEquals(reason, by.lastRefusal());
        assertEquals(before + 1, counters.refused(reason));
    }

    @Test
    void shouldGiveItsSendingKeyAwayOnce() {
        SessionKeys keys = Samples.keysOfA();
        new FrameSealer(keys, MAX).close();
        assertThrows(BugError.class, () -> new FrameSealer(keys, MAX));
    }

    @Test
    void shouldAcceptNoMutatedFrame() {
        SeededRandom random = Seeds.random("frames");
        Seeds.with(random, () -> {
            UnsafeBuffer frame = Samples.offHeap(2 * MAX);
            int mutations = 300_000;
            for (int i = 0; i < mutations; i++) {
                int length = mutate(random, frame, sealed(1, 1 + random.nextInt(200)));
                assertEquals(FrameOpener.REFUSED, opener.open(frame, 0, length), "mutation " + i);
            }
            assertEquals(mutations, counters.refused());
            assertEquals(0, counters.opened.get());
            for (RefuseReason reason : RefuseReason.values()) {
                boolean possible = reason != RefuseReason.VALUE; // which heartbeats alone have
                assertEquals(possible, counters.refused(reason) > 0, reason.toString());
            }
            assertEquals(20, opener.open(sealer.buffer(), 0, sealed(1, 20)));
        });
    }

    /** Changes one to three bits, or the length. */
    private int mutate(SeededRandom random, UnsafeBuffer frame, int length) {
        frame.putBytes(0, sealer.buffer(), 0, length);
        if (random.chance(10)) {
            int other = random.nextInt(frame.capacity() + 1);
            return other == length ? length - 1 : other;
        }
        // The first bits are different ones, so that they do not cancel each other out.
        int range = random.chance(2) ? FrameSealer.HEADER_BYTES : length;
        int bit = random.nextInt(range * 8);
        flip(frame, bit);
        if (random.chance(2)) {
            flip(frame, (bit + 1 + random.nextInt(range * 8 - 1)) % (range * 8));
        }
        return length;
    }

    private static void flip(UnsafeBuffer frame, int bit) {
        frame.putByte(bit / 8, (byte) (frame.getByte(bit / 8) ^ 1 << bit % 8));
    }

    @Test
    void shouldNotAllocateWhileAMillionFramesPass() {
        Runnable work = () -> {
            for (int i = 0; i < 250_000; i++) {
                int length = sealed(1, 100);
                if (opener.open(sealer.buffer(), 0, length) != 100) {
                    throw new AssertionError("refused: " + opener.lastRefusal());
                }
            }
        };
        AllocationMeter.assertSteady(1_000, 4, work);
        assertTrue(counters.opened.get() >= 1_000_000);
    }
}
