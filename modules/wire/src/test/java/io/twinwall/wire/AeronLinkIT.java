/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.WaitSet;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.TestNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes, each a thread in a namespace of its own, over a veth pair. */
@ExtendWith(NetNsExtension.class)
class AeronLinkIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final long REST_NS = 500_000;

    @TempDir
    Path directory;

    private String east;
    private String west;

    @BeforeEach
    void shouldHaveWire(TestNet net) {
        east = net.namespace();
        west = net.namespace();
        net.veth(east, "sync0", west, "sync0");
        net.address(east, "sync0", "10.99.0.1/24");
        net.address(west, "sync0", "10.99.0.2/24");
    }

    /** A node: an agent's loop that sends numbered frames up to {@code wanted} and counts what comes in. */
    private final class Node implements AutoCloseable {
        final LinkCounters counters = new LinkCounters(new Counters());
        final AtomicLong wanted = new AtomicLong();
        final AtomicLong sent = new AtomicLong();
        final AtomicLong received = new AtomicLong();
        final AtomicLong outOfOrder = new AtomicLong();
        final AtomicLong woken = new AtomicLong();
        final Set<Integer> sockets = ConcurrentHashMap.newKeySet();
        private final WaitSet waits = new WaitSet();
        private final UnsafeBuffer frame = Samples.offHeap(MemoryLink.FRAME_BYTES_MAX);
        private final Thread thread;
        volatile boolean connected;
        private volatile boolean stop;
        private volatile long stallNs;
        private long last;

        Node(String netNs, String name, String local, String peer) {
            AeronLinkConfig config = new AeronLinkConfig(directory.resolve(name), local, peer, 7);
            thread = Thread.ofPlatform().name(name).start(() -> {
                NetNs.enter(netNs);
                try (AeronLink link = new AeronLink(config, NanoClock.SYSTEM, counters, this::watch)) {
                    assertEquals(MemoryLink.FRAME_BYTES_MAX, link.frameBytesMax());
                    while (!stop) {
                        cycle(link);
                    }
                }
            });
        }

        private void watch(int socket) {
            sockets.add(socket);
            waits.add(socket);
        }

        private void cycle(AeronLink link) {
            int work = link.doWork() + link.poll(this::onFrame, 64);
            connected = link.connected();
            for (int i = 0; i < 64 && sent.get() < wanted.get(); i++) {
                frame.putLong(0, sent.get() + 1);
                if (link.offer(frame, 0, frame.capacity()) < 0) {
                    break;
                }
                sent.incrementAndGet();
                work++;
            }
            if (stallNs > 0) {
                stall(System.nanoTime() + stallNs);
                stallNs = 0;
            }
            if (work == 0 && waits.await(REST_NS)) {
                woken.incrementAndGet();
            }
        }

        private static void stall(long endNs) {
            while (System.nanoTime() < endNs) {
                Thread.onSpinWait();
            }
        }

        private void onFrame(DirectBuffer buffer, int offset, int length) {
            long number = buffer.getLong(offset);
            if (number != last + 1) {
                outOfOrder.incrementAndGet();
            }
            last = number;
            received.incrementAndGet();
        }

        @Override
        public void close() {
            stop = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            waits.close();
        }
    }

    private Node eastNode() {
        return new Node(east, "east", "10.99.0.1:47901", "10.99.0.2:47901");
    }

    private Node westNode() {
        return new Node(west, "west", "10.99.0.2:47901", "10.99.0.1:47901");
    }

    private static void connected(Node a, Node b) {
        Await.until("both connected", SOON, () -> a.connected && b.connected);
    }

    @Test
    void shouldCarryFramesBothWaysInOrder() {
        try (Node a = eastNode();
                Node b = westNode()) {
            connected(a, b);
            long beganNs = System.nanoTime();
            a.wanted.set(20_000);
            b.wanted.set(20_000);
            Await.until("all frames", SOON, () -> a.received.get() == 20_000 && b.received.get() == 20_000);
            double seconds = (System.nanoTime() - beganNs) / 1e9;
            System.out.printf("AeronLink: 2 x 20000 frames of 1376 B in %.2f s%n", seconds);
            assertEquals(0, a.outOfOrder.get() + b.outOfOrder.get());
            assertEquals(0, a.counters.errors() + b.counters.errors());
        }
        assertFalse(Files.exists(directory.resolve("east")), "Aeron's directory is left behind");
    }

    @Test
    void shouldTellByWhichDescriptorsSomethingComes() throws IOException {
        try (Node a = eastNode();
                Node b = westNode()) {
            connected(a, b);
            assertEquals(2, a.sockets.size(), "one to receive by, one on which the receiver answers");
            for (int socket : a.sockets) {
                Path kind = Files.readSymbolicLink(Path.of("/proc/self/fd/" + socket));
                assertTrue(kind.toString().startsWith("socket:"), kind::toString);
            }
            long before = a.woken.get();
            Await.until("something at them", SOON, () -> a.woken.get() > before);
        }
    }

    @Test
    void shouldRepairLossOfOneFrameInTwenty() {
        Cmd.inWithInput(west, """
                table inet loss {
                  chain in { type filter hook input priority 0;
                    udp dport 47901 numgen random mod 100 < 5 counter drop
                  }
                }
                """, "nft", "-f", "-");
        try (Node a = eastNode();
                Node b = westNode()) {
            connected(a, b);
            a.wanted.set(5_000);
            Await.until("all frames", Duration.ofSeconds(30), () -> b.received.get() == 5_000);
            assertEquals(0, b.outOfOrder.get());
            String dropped = Cmd.in(west, "nft", "list", "table", "inet", "loss");
            assertFalse(dropped.contains("packets 0 "), dropped);
        }
    }

    @Test
    void shouldReconnectWhenPeerRestarts() {
        try (Node a = eastNode()) {
            try (Node b = westNode()) {
                connected(a, b);
                a.wanted.set(100);
                Await.until("first frames", SOON, () -> b.received.get() == 100);
            }
            Await.until("peer noticed gone", SOON, () -> !a.connected);
            long beganNs = System.nanoTime();
            try (Node b = westNode()) {
                connected(a, b);
                System.out.printf("AeronLink: reconnected in %.0f ms%n", (System.nanoTime() - beganNs) / 1e6);
                a.wanted.set(200);
                b.wanted.set(50);
                Await.until("frames to the new peer", SOON, () -> b.received.get() == 100);
                Await.until("frames of the new peer", SOON, () -> a.received.get() == 50);
            }
            assertEquals(1, a.counters.opened.get());
        }
    }

    @Test
    void shouldSurviveStallOfTheMachine() {
        try (Node a = eastNode();
                Node b = westNode()) {
            connected(a, b);
            a.wanted.set(1_000_000);
            Await.until("under way", SOON, () -> b.received.get() > 1_000);
            for (Node stalled : new Node[] {b, a, b}) {
                stalled.stallNs = 700_000_000L;
                Await.until("stall over", SOON, () -> stalled.stallNs == 0);
            }
            long sofar = b.received.get();
            Await.until("still under way", SOON, () -> b.received.get() > sofar + 1_000);
            assertEquals(0, b.outOfOrder.get());
            assertEquals(1, a.counters.opened.get());
            assertEquals(1, b.counters.opened.get());
        }
    }

    @Test
    void shouldOpenOnceItsAddressIsThere(TestNet net) {
        Cmd.in(east, "ip", "address", "del", "10.99.0.1/24", "dev", "sync0");
        try (Node a = eastNode();
                Node b = westNode()) {
            Await.until("failed to open", SOON, () -> a.counters.openFailures.get() > 0);
            assertTrue(a.counters.errors() > 0);
            net.address(east, "sync0", "10.99.0.1/24");
            connected(a, b);
        }
    }

    @Test
    void shouldGoOnAfterTheWireWasDown(TestNet net) {
        try (Node a = eastNode();
                Node b = westNode()) {
            connected(a, b);
            a.wanted.set(100);
            Await.until("first frames", SOON, () -> b.received.get() == 100);
            net.down(east, "sync0");
            Await.until("peer noticed gone", SOON, () -> !a.connected);
            net.up(east, "sync0");
            connected(a, b);
            a.wanted.set(200);
            Await.until("frames after the outage", SOON, () -> b.received.get() >= 190);
        }
    }
}
