/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.AlertPair.SETTLED;
import static io.twinwall.dist.AlertPair.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.AlertKind;
import io.twinwall.dist.AlertDesk.State;
import io.twinwall.dist.AlertDesk.Told;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LabPlan;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What befalls a standby, its active's disk and the network around them; held against what the kernel's tools say of it then. */
final class AlertStandby {
    private static final String WRONG_KEY = "5a".repeat(32);
    private static final String WAN_VIP = LabPlan.WAN_VIP_V4 + "/24";

    /** A node looks once a minute whether heartbeats were refused in that minute or the one before. */
    private static final Duration KEYS_SETTLED = Duration.ofSeconds(170);

    /** More flows than 1 MiB holds events of. */
    private static final int BURST_SOCKETS = 60;

    private static final int BURST_PORT_MIN = 7210;
    private static final int BURST_PORT_MAX = 7249;

    private AlertStandby() {}

    /** The active has a full disk, and a standby that is lost, comes with another key, is incomplete, is deaf. */
    static void play(AlertPair pair) throws Exception {
        List<Path> disks = List.of(fullDisk(pair, FirewallNode.FW_A), fullDisk(pair, FirewallNode.FW_B));
        try {
            pair.start(AgentOptions.defaults().withEventBufferMb(1), "");
            LabAgent a = pair.begins();
            LabAgent b = pair.other(a);
            HostTools here = new HostTools(pair.namespace(a));
            HostTools there = new HostTools(pair.namespace(b));
            String nameB = b.node().nodeName();
            assertTrue(pair.tells(a, AlertKind.JOURNAL_OFF).text().contains("No space left on device"));
            for (Path disk : disks) {
                assertEquals(
                        List.of("Avail", "0"),
                        Cmd.run("df", "--output=avail", disk.toString())
                                .lines()
                                .map(String::strip)
                                .toList());
            }

            b.kill();
            assertEquals(
                    nameB + " is not heard any more",
                    pair.tells(a, AlertKind.PEER_LOST).text());
            assertFalse(there.hasUdp(AlertPair.HEARTBEATS));
            Path key = b.configFile().resolveSibling("cluster.key");
            String right = Files.readString(key);
            Files.writeString(key, WRONG_KEY + "\n");
            pair.start(b);
            pair.tells(b, AlertKind.KEY_TROUBLE, "heartbeats");
            assertTrue(pair.tells(a, AlertKind.KEY_TROUBLE, "heartbeats").text().contains("refused for their key"));
            String told = pair.tells(b, AlertKind.VIP_ANSWERED).text();
            String who = "is answered by (%s on lan0|%s on wan0)"
                    .formatted(here.hardwareAddress("lan0"), here.hardwareAddress("wan0"));
            assertTrue(
                    told.matches("not taking over: the virtual addresses are still answered: [0-9a-f.:]+ " + who),
                    told);
            assertEquals(HostTools.allVips(), here.vips());
            assertEquals(Set.of(), there.vips(), "it does not take what is answered for");

            b.kill();
            for (Path disk : disks) {
                Files.delete(disk.resolve("filler"));
            }
            stall(pair, a);
            Files.writeString(key, right);
            pair.cut(b, "udp dport 47901");
            pair.start(b);
            Told unready = pair.tells(a, AlertKind.PEER_NOT_READY);
            assertTrue(unready.text().contains("its copy of the flows is not complete"), unready::text);
            assertTrue(there.dropped() > 0, "the stream");
            assertTrue(there.hasUdp(AlertPair.HEARTBEATS));
            long losses = losses(Agents.status(a));
            pair.cut(a, "udp dport " + AlertPair.HEARTBEATS);
            assertEquals(
                    a.node().nodeName() + " does not hear this node",
                    pair.tells(b, AlertKind.PEER_DEAF).text());
            Agents.await("it misses the other once more", a, status -> losses(status) > losses);
            pair.mend(a);
            pair.mend(b);
            assertEquals(a, pair.whole());
            strangerWithAnAddress(pair, a);
            deadReceiver(pair, a);
            lostPath(pair, a, b);

            // Lost once more while deaf: one that comes and goes is one. A machine that stands still may add to it.
            assertTrue(pair.recovers(a, AlertKind.PEER_LOST).times() >= 2, pair.desk()::text);
            pair.recovers(b, AlertKind.PEER_DEAF);
            pair.recovers(a, AlertKind.PEER_NOT_READY);
            pair.recovers(a, AlertKind.JOURNAL_OFF);
            for (LabAgent one : List.of(a, b)) {
                pair.recovers(one, AlertKind.PATH_LOST, "heartbeat path wan", SETTLED);
            }
            pair.recovers(a, AlertKind.VIP_CONFLICT, "", SETTLED.multipliedBy(2));
            pair.recovers(a, AlertKind.KEY_TROUBLE, "heartbeats", KEYS_SETTLED);
        } finally {
            disks.forEach(disk -> Cmd.run("umount", "-l", disk.toString()));
        }
    }

    private static long losses(AgentStatus status) {
        return status.json().at("/counters/alarms_peer_lost_total").asLong(-1);
    }

    /** Where the node's journal will be: a file system of its own without a free byte. */
    private static Path fullDisk(AlertPair pair, FirewallNode node) throws IOException {
        Path disk = Files.createDirectories(
                pair.lab().directory().resolve(node.nodeName()).resolve("state/journal"));
        Cmd.run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString());
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            assertThrows(IOException.class, () -> {
                while (true) {
                    filler.write(new byte[4096]);
                }
            });
        }
        return disk;
    }

    /** The active stands still for longer than its lease, alone, while more flows begin than its event buffer holds. */
    private static void stall(AlertPair pair, LabAgent active) throws Exception {
        HostTools host = new HostTools(pair.namespace(active));
        long before = host.netlinkDrops();
        // They begin together, and would end together: a loss again.
        String timeout = "/proc/sys/net/netfilter/nf_conntrack_udp_timeout";
        Cmd.in(pair.namespace(active), "sh", "-c", "echo 600 > " + timeout);
        active.hang();
        try {
            burst(pair, System.nanoTime() + 1_500_000_000L);
        } finally {
            active.resume();
        }
        assertTrue(pair.tells(active, AlertKind.LATE).text().contains("stood still for 1"));
        assertTrue(pair.tells(active, AlertKind.LOSS_WINDOW).text().contains("kernel events were lost for"));
        assertTrue(host.netlinkDrops() > before, "the kernel has dropped events");
    }

    /** New UDP flows through the pair until {@code endNs}. */
    private static void burst(AlertPair pair, long endNs) throws Exception {
        List<DatagramChannel> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < BURST_SOCKETS; i++) {
                sockets.add(NetNs.call(pair.lab().namespace("client"), DatagramChannel::open));
            }
            int port = BURST_PORT_MIN;
            while (System.nanoTime() - endNs < 0) {
                InetSocketAddress to = new InetSocketAddress(LabPlan.SERVER_V4, port);
                for (DatagramChannel socket : sockets) {
                    socket.send(ByteBuffer.allocate(1), to);
                }
                port = port == BURST_PORT_MAX ? BURST_PORT_MIN : port + 1;
            }
        } finally {
            for (DatagramChannel socket : sockets) {
                socket.close();
            }
        }
    }

    /** A stranger on the WAN takes the virtual address, speaks and goes. */
    private static void strangerWithAnAddress(AlertPair pair, LabAgent active) throws Exception {
        String wan = pair.lab().namespace("wan");
        Cmd.in(wan, "ip", "addr", "add", WAN_VIP, "dev", "br0");
        try (DatagramChannel speaker = NetNs.call(wan, DatagramChannel::open)) {
            // Before it can send it asks who has this address, and everybody hears who wants to know.
            speaker.send(ByteBuffer.allocate(1), new InetSocketAddress(LabPlan.Link.WAN.address(active.node()), 9));
            Told told = pair.tells(active, AlertKind.VIP_CONFLICT);
            assertTrue(told.text().contains(new HostTools(wan).hardwareAddress("br0")), told::text);
            assertTrue(told.text().contains(LabPlan.WAN_VIP_V4), told::text);
        } finally {
            Cmd.in(wan, "ip", "addr", "del", WAN_VIP, "dev", "br0");
        }
    }

    /** Heartbeats of one of three links are lost, for longer than happens in peace. */
    private static void lostPath(AlertPair pair, LabAgent a, LabAgent b) {
        for (LabAgent one : List.of(a, b)) {
            pair.cut(one, "iifname \"wan0\" udp dport " + AlertPair.HEARTBEATS);
        }
        for (LabAgent one : List.of(a, b)) {
            Told told = pair.tells(one, AlertKind.PATH_LOST, "heartbeat path wan");
            assertEquals("heartbeat path wan is silent", told.text());
            assertTrue(new HostTools(pair.namespace(one)).dropped() > 0);
        }
        for (LabAgent one : List.of(a, b)) {
            pair.mend(one);
        }
    }

    /** {@code twinwall alert test} reaches every receiver, and names the one that is dead. */
    private static void deadReceiver(AlertPair pair, LabAgent agent) {
        String well = pair.says(0, agent, "alert", "test");
        assertEquals(
                3, well.lines().filter(line -> line.contains(" delivered ")).count(), well);
        pair.desk().expect(agent, AlertKind.TEST, "", State.TEST, SOON);
        pair.desk().closeWeb();
        try {
            String bad = pair.says(1, agent, "alert", "test");
            assertEquals(
                    2, bad.lines().filter(line -> line.contains(" delivered ")).count(), bad);
            String dead = bad.lines()
                    .filter(line -> line.startsWith("webhook "))
                    .findFirst()
                    .orElse("");
            assertTrue(dead.contains("NOT DELIVERED") && dead.contains("refused"), bad);
        } finally {
            pair.desk().openWeb();
        }
        assertTrue(pair.says(1, agent, "alert", "test", "nobody").contains("no [[alert]] is named \"nobody\""));
        assertTrue(pair.says(0, agent, "alert", "test", "webhook").startsWith("webhook "));
        pair.desk().expect(agent, AlertKind.TEST, "", State.TEST, SOON);
    }
}
