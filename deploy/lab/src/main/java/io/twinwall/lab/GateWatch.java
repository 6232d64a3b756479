/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.NetNs;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Who is open, told by packets alone: on each port of both switches into which a firewall is plugged, the firewall is
 * asked without pause, a packet to let through each millisecond and each VIP each ten, and what passes the port is
 * captured. A gate is open while packets come through it, either way, or it answers for a VIP. What the agents say of
 * themselves plays no part. One thread of its own, before all others, without allocation.
 */
final class GateWatch implements AutoCloseable {
    static final long TRANSIT_NS = 1_000_000;
    private static final int VIP_PERIOD = 10;
    private static final Pattern MAC = Pattern.compile("link/ether ([0-9a-f:]{17})");

    private final List<GatePort> ports = new ArrayList<>();
    private final Thread thread;
    private volatile boolean running = true;
    private volatile long quietNs;

    GateWatch(Lab lab) {
        for (Side side : Side.values()) {
            boolean lan = side == Side.CLIENT;
            String switchPart = lan ? "lan" : "wan";
            for (FirewallNode node : FirewallNode.values()) {
                byte[] mac = mac(lab.namespace(node), switchPart + "0");
                try {
                    ports.add(NetNs.call(lab.namespace(switchPart), () -> new GatePort(node, side, mac)));
                } catch (Fatal e) {
                    throw e;
                } catch (Exception e) {
                    throw new Fatal(ExitCode.ENVIRONMENT, "no capture in " + lab.namespace(switchPart), e);
                }
            }
        }
        thread = Thread.ofPlatform().daemon().name("gates-" + lab.name()).start(this::run);
    }

    /** When packets came through {@code node}, in order. */
    List<Span> through(FirewallNode node) {
        return union(node, GatePort::transit);
    }

    /** When {@code node} answered for a virtual address, in order. */
    List<Span> answering(FirewallNode node) {
        return union(node, GatePort::answers);
    }

    /** When the gate of {@code node} was open, either way, in order. */
    List<Span> open(FirewallNode node) {
        return union(node, port -> Stream.concat(port.transit(), port.answers()));
    }

    private List<Span> union(FirewallNode node, Function<GatePort, Stream<OpenLog>> logs) {
        return Span.union(ports.stream()
                .filter(port -> port.node() == node)
                .flatMap(logs)
                .flatMap(log -> log.spans().stream())
                .toList());
    }

    /** Frames that the captures are known to have missed; with any, the measure says too little. */
    long missed() {
        return ports.stream().mapToLong(GatePort::missed).sum();
    }

    /** Waits until what passed the ports before now has been taken from the captures. */
    void settle() {
        long nowNs = System.nanoTime();
        Waiting.until(1_000, 1, () -> quietNs - nowNs > 0);
    }

    private void run() {
        RealTime.claim();
        long nextNs = System.nanoTime();
        for (long number = 0; running; number++) {
            for (int i = 0; i < ports.size(); i++) {
                ports.get(i).askTransit(number);
            }
            for (int i = 0; number % VIP_PERIOD == 0 && i < ports.size(); i++) {
                ports.get(i).askVips(number / VIP_PERIOD);
            }
            nextNs = Math.max(nextNs + TRANSIT_NS, System.nanoTime());
            while (System.nanoTime() - nextNs < 0) {
                LockSupport.parkNanos(nextNs - System.nanoTime());
            }
            long beforeNs = System.nanoTime();
            for (int i = 0; i < ports.size(); i++) {
                ports.get(i).receive();
            }
            quietNs = beforeNs;
        }
        ports.forEach(GatePort::close);
    }

    private static byte[] mac(String namespace, String device) {
        Matcher matcher = MAC.matcher(Shell.run("ip", "-n", namespace, "-o", "link", "show", device));
        if (!matcher.find()) {
            throw new Fatal(ExitCode.ENVIRONMENT, device + " of " + namespace + " has no hardware address");
        }
        return HexFormat.ofDelimiter(":").parseHex(matcher.group(1));
    }

    @Override
    public void close() {
        running = false;
        LockSupport.unpark(thread);
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
