/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static io.twinwall.linux.Const.AF_PACKET;
import static io.twinwall.linux.Const.MSG_DONTWAIT;
import static io.twinwall.linux.Const.SOCK_CLOEXEC;
import static io.twinwall.linux.Const.SOCK_RAW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.linux.RecvBatch;
import io.twinwall.linux.SockAddr;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How many frames arrive at a host, round by round; the clock of the rate is the test's own. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class AnnouncerIT {
    private static final long MS = 1_000_000;

    private final RecvBatch received = new RecvBatch(64, 128);
    private Announcer announcer;
    private int listener;

    @BeforeEach
    void open(TestNet net) throws Exception {
        Segment segment = new Segment(net);
        List<Vip> vips = new ArrayList<>();
        for (int i = 1; i <= 60; i++) {
            vips.add(Segment.vip("10.10.1." + i, 24, "lan0"));
        }
        announcer = NetNs.call(segment.heir, () -> Announcer.open(vips));
        listener = NetNs.call(segment.host, AnnouncerIT::listen);
    }

    private static int listen() {
        int fd = Posix.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
        int length = SockAddr.linkLayer(address, 0, NeighbourFrames.ETH_P_ARP, Posix.ifNameToIndex("lan0"));
        assertEquals(0, Posix.bind(fd, address, 0, length));
        return fd;
    }

    @AfterEach
    void close() {
        announcer.close();
        Posix.close(listener);
        received.close();
    }

    /** Frames that came since the last call; a virtual wire delivers within the send. */
    private int arrived() {
        int all = 0;
        int count;
        while ((count = received.receive(listener, MSG_DONTWAIT)) > 0) {
            all += count;
        }
        return all;
    }

    @Test
    void shouldSendTheFirstRoundAtOnceAndLaterOnesAtARate() {
        assertEquals("", announcer.announce(0));
        assertEquals(120, arrived(), "request and reply for each");
        assertFalse(announcer.pump(0));
        assertEquals("", announcer.announce(1));
        assertEquals(32, arrived());
        assertTrue(announcer.pump(1000 * MS));
        assertEquals(0, arrived(), "time begins with the first call");
        assertTrue(announcer.pump(1010 * MS));
        assertEquals(10, arrived());
        assertTrue(announcer.pump(1010 * MS + MS / 2));
        assertEquals(0, arrived());
        assertTrue(announcer.pump(1011 * MS));
        assertEquals(1, arrived(), "no part of a frame's time is lost");
        assertTrue(announcer.pump(9000 * MS));
        assertEquals(32, arrived(), "what a late caller missed is not sent in one burst");
        assertTrue(announcer.pump(9020 * MS));
        assertFalse(announcer.pump(9050 * MS));
        assertEquals(120 - 32 - 10 - 1 - 32, arrived(), "each frame once");
        assertFalse(announcer.pump(9900 * MS));
        assertEquals(0, arrived());
    }

    @Test
    void shouldLetALaterRoundFollowTheOneBefore() {
        assertEquals("", announcer.announce(1));
        assertEquals("", announcer.announce(2));
        assertEquals("", announcer.announce(3));
        int all = arrived();
        assertEquals(32, all);
        long nowNs = 0;
        while (announcer.pump(nowNs)) {
            nowNs += 10 * MS;
            int now = arrived();
            assertTrue(now <= 10, "frames in 10 ms: " + now);
            all += now;
        }
        assertEquals(240, all + arrived(), "rounds that had to wait become one");
        assertEquals("", announcer.announce(1));
        assertEquals("", announcer.announce(0));
        assertEquals(32 + 120, arrived(), "a takeover waits for nothing");
        assertEquals("", announcer.announce(1));
        announcer.stop();
        assertFalse(announcer.pump(nowNs + 100 * MS));
        assertEquals(32, arrived());
    }
}
