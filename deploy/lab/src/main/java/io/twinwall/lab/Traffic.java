/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** All flows of a run: opened together, checked together, closed together. One thread uses it. */
final class Traffic implements AutoCloseable {
    private static final int UDP_FLOWS_MAX = 200;
    private static final int UDP_FLOWS_MIN = 4;
    private static final long OPEN_MS = 60_000;
    private static final long LOOK_MS = 10;
    private static final long QUIET_NS = 1_000_000_000L;
    /** A check that still makes progress ends here all the same. */
    private static final long CHECK_MAX_NS = 120_000_000_000L;

    private final EndpointLoop client;
    private final EndpointLoop server;
    private final TcpFlows tcp;
    private final UdpFlows udp;
    private final PacketFlows packets;
    private final List<FlowSet> all = new ArrayList<>();
    private int epoch;

    /** Prepares the ends of up to {@code packetFlows} packet flows and any number of others; opens nothing yet. */
    Traffic(Lab lab, int packetFlows, long seed) {
        this.client = new EndpointLoop(lab, Side.CLIENT);
        this.server = new EndpointLoop(lab, Side.SERVER);
        this.tcp = new TcpFlows(client, server, new SeededRandom(seed));
        this.udp = new UdpFlows(client, server);
        this.packets = new PacketFlows(lab, packetFlows, seed);
        all.add(tcp);
        all.add(udp);
        all.add(packets);
    }

    /** How many of {@code flows} TCP flows are packet flows. */
    static int packetFlows(int flows) {
        return Math.max(0, flows - TcpFlows.FLOWS_MAX);
    }

    /** How many UDP flows there are beside {@code kernelFlows} TCP flows. */
    static int udpFlows(int kernelFlows) {
        return Math.clamp(kernelFlows / 5, UDP_FLOWS_MIN, UDP_FLOWS_MAX);
    }

    /** Opens the packet flows, {@code kernelFlows} TCP flows of the kernel's own and some UDP; waits for all. */
    void open(int packetFlows, int kernelFlows, Consumer<String> progress) {
        packets.open(
                OPEN_MS + packetFlows, open -> progress.accept(open + " of " + packetFlows + " packet flows open"));
        tcp.open(kernelFlows, OPEN_MS);
        udp.open(udpFlows(kernelFlows), OPEN_MS);
    }

    /** Opens {@code flows} TCP flows more, all of which send all the time; waits for all. */
    void openBusy(int flows) {
        tcp.open(flows, OPEN_MS, () -> TcpFlow.Mode.BUSY);
    }

    /** Begins to open one more TCP flow, without waiting for it. */
    void openYoung() {
        tcp.openOne(TcpFlow.Mode.YOUNG);
    }

    int opened(long beforeNs) {
        return all.stream().mapToInt(set -> set.opened(beforeNs)).sum();
    }

    /**
     * Lets every flow that was open at {@code beforeNs} carry fresh bytes. Ends when all have; or else when {@code
     * patienceMs} are over, each had its chance and none came back for a second.
     */
    FlowTally check(long beforeNs, long patienceMs, Consumer<String> progress) {
        int check = ++epoch;
        all.forEach(set -> set.beginCheck(check));
        int opened = opened(beforeNs);
        long startNs = System.nanoTime();
        long[] last = {0, startNs};
        Waiting.until(Long.MAX_VALUE / 4_000_000, LOOK_MS, () -> {
            int survived =
                    all.stream().mapToInt(set -> set.survived(check, beforeNs)).sum();
            long nowNs = System.nanoTime();
            if (survived != last[0]) {
                last[0] = survived;
                last[1] = nowNs;
            }
            progress.accept(survived + " of " + opened + " flows have answered");
            boolean patient = nowNs - startNs < patienceMs * 1_000_000;
            boolean tried = all.stream().allMatch(FlowSet::exhausted);
            boolean quiet = nowNs - last[1] > QUIET_NS;
            return survived == opened || (!patient && tried && quiet) || nowNs - startNs > CHECK_MAX_NS;
        });
        FlowTally tally = new FlowTally();
        all.forEach(set -> set.tally(tally, check, beforeNs));
        return tally;
    }

    /** Why kernel flows failed the last check, and how many for each reason. */
    Map<String, Integer> reasons(long beforeNs) {
        return tcp.reasons(epoch, beforeNs);
    }

    @Override
    public void close() {
        packets.close();
        client.close();
        server.close();
    }
}
