/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * TCP flows beyond what open files allow: no kernel owns their addresses, a small TCP in this process is both ends of
 * each, and the firewalls between cannot tell the difference.
 */
final class PacketFlows implements FlowSet, AutoCloseable {
    private static final int OPEN = 0;
    private static final int ROUNDS_ENOUGH = 2;
    private static final long REPORT_NS = 200_000_000;

    private final PacketEnds ends;
    private final PacketSide client;
    private final PacketSide server;
    private long allOpenNs;

    PacketFlows(Lab lab, int flows, long seed) {
        if (flows > PacketPlan.FLOWS_MAX) {
            throw new IllegalArgumentException(flows + " packet flows; at most " + PacketPlan.FLOWS_MAX);
        }
        this.ends = new PacketEnds(flows, seed);
        this.client = new PacketSide(lab, Side.CLIENT, ends);
        this.server = new PacketSide(lab, Side.SERVER, ends);
    }

    /** Opens all flows and waits for the last; {@code progress} hears how many are open, now and then. */
    void open(long deadlineMs, IntConsumer progress) {
        long deadlineNs = System.nanoTime() + deadlineMs * 1_000_000;
        long reportNs = System.nanoTime();
        ends.strive(OPEN);
        while (true) {
            int open = ends.reached(OPEN);
            if (open == ends.flows()) {
                break;
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new Fatal(
                        ExitCode.REFUSED,
                        (ends.flows() - open) + " of " + ends.flows() + " packet flows did not open within "
                                + deadlineMs + " ms");
            }
            if (System.nanoTime() - reportNs > REPORT_NS) {
                reportNs = System.nanoTime();
                progress.accept(open);
            }
            LockSupport.parkNanos(5_000_000);
        }
        ends.strive(-1);
        allOpenNs = System.nanoTime();
    }

    @Override
    public void beginCheck(int epoch) {
        ends.strive(epoch);
    }

    @Override
    public int opened(long beforeNs) {
        return allOpenNs - beforeNs <= 0 ? ends.flows() : 0;
    }

    @Override
    public int survived(int epoch, long beforeNs) {
        return ends.reached(epoch);
    }

    @Override
    public boolean exhausted() {
        return ends.roundsDone() >= ROUNDS_ENOUGH;
    }

    @Override
    public void tally(FlowTally tally, int epoch, long beforeNs) {
        for (Path path : Path.values()) {
            int flows = (ends.flows() - path.number() + PacketPlan.PATHS - 1) / PacketPlan.PATHS;
            if (flows > 0) {
                tally.add("packet." + path.label(), flows, ends.reached(epoch, path));
            }
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
