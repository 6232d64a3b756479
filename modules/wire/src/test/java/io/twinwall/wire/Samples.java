/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.SeededRandom;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** Keys, heartbeats and payloads for the tests. */
final class Samples {
    static final LinkIdentity A = new LinkIdentity(7, 1, 2);
    static final LinkIdentity B = A.mirrored();
    static final ClusterKey KEY = ClusterKey.of(1, bytes(1));
    static final long SESSION_A = 0xaaaa_0001L;
    static final long SESSION_B = 0xbbbb_0001L;
    static final int FRAME_BYTES_MAX = MemoryLink.FRAME_BYTES_MAX;

    private Samples() {}

    static byte[] bytes(long seed) {
        byte[] bytes = new byte[32];
        new SeededRandom(seed).nextBytes(bytes);
        return bytes;
    }

    static SessionKeys keysOfA() {
        return SessionKeys.derive(KEY, 1, A, SESSION_A, SESSION_B);
    }

    static SessionKeys keysOfB() {
        return SessionKeys.derive(KEY, 1, B, SESSION_B, SESSION_A);
    }

    static UnsafeBuffer offHeap(int bytes) {
        return new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, 64));
    }

    /** Of a node that tells nothing of its keys, and not what it is like. */
    static Heartbeat heartbeat(LinkIdentity from, long session, long counter, long peerSession, long peerCounter) {
        return heartbeat(from, session, counter, peerSession, peerCounter, 0, Likeness.UNTOLD);
    }

    static Heartbeat heartbeat(
            LinkIdentity from,
            long session,
            long counter,
            long peerSession,
            long peerCounter,
            int newestKey,
            Likeness likeness) {
        return new Heartbeat(
                from,
                1,
                WireRole.MASTER,
                WireReadiness.READY,
                100,
                90,
                true,
                true,
                false,
                false,
                true,
                true,
                WireHandover.GRANT,
                3,
                session,
                peerSession,
                counter,
                peerCounter,
                5,
                123_456,
                -77,
                6,
                0xdead_beef_0000_0001L,
                newestKey,
                -newestKey,
                likeness);
    }

    /** Writes plain UDP flows until the payload is full; returns how many. */
    static int fill(PayloadWriter writer) {
        int flows = 0;
        while (writer.hasRoomForFlow(false, 0)) {
            writer.flow4()
                    .origSrc(0x0a000001L + flows)
                    .origDst(0x0a010001L)
                    .origSport(40_000 + flows)
                    .origDport(53)
                    .proto((short) 17)
                    .parts(0)
                    .status(0x188)
                    .timeout(30);
            writer.ext(0);
            flows++;
        }
        return flows;
    }
}
