/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.Check;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabPlan;
import io.twinwall.lab.Segment;
import io.twinwall.lab.Shell;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * New flows through the active at a steady rate, each another pair of address and port: a UDP datagram that nobody answers,
 * which is one event, or a TCP handshake, which is three. The packets are made here and leave by raw sockets of client and
 * server, so that the firewall sees what it would see of real hosts, and no host's own limits are what is measured. The
 * firewall does its work on the processor that sends, so UDP comes from two threads; TCP from that of the caller.
 */
final class FlowRain implements AutoCloseable {
    /** Flows of each kind that there are addresses for. */
    static final int FLOWS_MAX = 1_200_000;

    private static final int PORTS = 40_000;
    private static final int PORT_MIN = 20_000;
    private static final int UDP_SERVICE = LabPlan.PORT_PACKETS;
    private static final int TCP_SERVICE = LabPlan.PORT_PACKETS + 1;
    /** Behind the client, routed without translation, and nobody's. */
    private static final int CLIENT_NET = 10 << 24 | 11 << 16 | 128 << 8;

    private static final int SERVER = 10 << 24 | 21 << 16 | 128 << 8 | 1;
    private static final long TICK_NS = 1_000_000;
    /** Ticks between the steps of a handshake: the one before has passed the firewall by then. */
    private static final int STEP_TICKS = 3;

    private static final int SETTLE_STEPS = 3;

    private final RawOutlet client;
    private final RawOutlet secondClient;
    private final RawOutlet server;

    /** Unanswered flows of the firewalls shall live for an hour, so that none ends while others begin. */
    FlowRain(Lab lab) {
        for (FirewallNode node : FirewallNode.values()) {
            timeouts(lab, node, 3_600);
        }
        client = new RawOutlet(lab.namespace("client"), LabPlan.SERVER_V4);
        secondClient = new RawOutlet(lab.namespace("client"), LabPlan.SERVER_V4);
        server = new RawOutlet(lab.namespace("server"), LabPlan.WAN_VIP_V4);
    }

    /** How long UDP flows live that were never answered; those made from now on. */
    static void timeouts(Lab lab, FirewallNode node, int seconds) {
        Shell.run(
                "",
                List.of(
                        "ip",
                        "netns",
                        "exec",
                        lab.namespace(node),
                        "sysctl",
                        "-qw",
                        "net.netfilter.nf_conntrack_udp_timeout=" + seconds));
    }

    /** Opens flows {@code first} to {@code first + count - 1}; the nanoseconds it took. */
    long udp(int first, int count, int perSecond) {
        int half = count / 2;
        CompletableFuture<Long> second =
                CompletableFuture.supplyAsync(() -> udp(secondClient, first + half, count - half, perSecond / 2));
        return Math.max(udp(client, first, half, perSecond / 2), second.join());
    }

    private static long udp(RawOutlet outlet, int first, int count, int perSecond) {
        return rain(
                first,
                count,
                perSecond,
                1,
                (flow, step) -> outlet.udp(source(flow), SERVER, port(flow), UDP_SERVICE),
                outlet);
    }

    /** As {@link #udp}, with TCP's handshake. */
    long tcp(int first, int count, int perSecond) {
        return rain(first, count, perSecond, SETTLE_STEPS, this::handshake, client, server);
    }

    private void handshake(int flow, int step) {
        int iss = flow * 7;
        int irs = flow * 13;
        switch (step) {
            case 0 -> client.tcp(source(flow), SERVER, port(flow), TCP_SERVICE, iss, 0, Segment.SYN);
            case 1 ->
                server.tcp(SERVER, source(flow), TCP_SERVICE, port(flow), irs, iss + 1, Segment.SYN | Segment.ACK);
            default -> client.tcp(source(flow), SERVER, port(flow), TCP_SERVICE, iss + 1, irs + 1, Segment.ACK);
        }
    }

    /** Each tick begins its share of flows, and takes those of some ticks before a step further. */
    private static long rain(int first, int count, int perSecond, int steps, Packet packet, RawOutlet... outlets) {
        Check.that(first >= 0 && first + count <= FLOWS_MAX, "no addresses for flows up to", first + count);
        long beginNs = System.nanoTime();
        int[] done = new int[steps];
        int[][] reached = new int[steps][STEP_TICKS];
        for (int tick = 1; done[steps - 1] < count; tick++) {
            long dueNs = beginNs + tick * TICK_NS;
            for (int step = steps - 1; step >= 0; step--) {
                int until = step == 0
                        ? (int) Math.min(count, (long) perSecond * tick / 1_000)
                        : reached[step - 1][tick % STEP_TICKS];
                while (done[step] < until) {
                    packet.send(first + done[step]++, step);
                }
                for (RawOutlet outlet : outlets) {
                    outlet.flush();
                }
            }
            for (int step = 0; step < steps; step++) {
                reached[step][tick % STEP_TICKS] = done[step];
            }
            while (dueNs - System.nanoTime() > 0) {
                LockSupport.parkNanos(dueNs - System.nanoTime());
            }
        }
        return System.nanoTime() - beginNs;
    }

    private static int source(int flow) {
        return CLIENT_NET + 1 + flow / PORTS;
    }

    private static int port(int flow) {
        return PORT_MIN + flow % PORTS;
    }

    @Override
    public void close() {
        client.close();
        secondClient.close();
        server.close();
    }

    /** The packet of a flow that is its {@code step}. */
    private interface Packet {
        void send(int flow, int step);
    }
}
