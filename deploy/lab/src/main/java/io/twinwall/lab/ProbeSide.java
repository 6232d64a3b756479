/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.BugError;
import io.twinwall.linux.NetNs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.locks.LockSupport;

/** The probes' ends on one side: one thread in that namespace, awake twice a millisecond. */
final class ProbeSide implements AutoCloseable {
    private static final long SEND_PERIOD_NS = 1_000_000;
    private static final long POLL_PERIOD_NS = SEND_PERIOD_NS / 2;
    private static final int STREAM_PERIOD = 5;

    private final String namespace;
    private final List<UdpProbe> datagrams = new ArrayList<>();
    private final List<TcpProbe> streams = new ArrayList<>();
    private final CyclicBarrier bothListen;
    private final Thread thread;
    private volatile boolean running = true;

    /** {@code bothListen}: passed by both sides once they listen, before either connects. */
    ProbeSide(Lab lab, Side side, CyclicBarrier bothListen) {
        this.bothListen = bothListen;
        this.namespace = lab.path(side);
        for (Path path : Path.values()) {
            boolean opener = path.initiator() == side;
            datagrams.add(new UdpProbe(path, opener));
            streams.add(new TcpProbe(path, opener));
        }
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("probes-" + lab.namespace(side))
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Datagrams that did not arrive at this side since the first that did. */
    long lost() {
        return datagrams.stream().mapToLong(UdpProbe::lost).sum();
    }

    /** What arrives at this side. */
    List<ReceiptLog> logs() {
        List<ReceiptLog> logs = new ArrayList<>();
        datagrams.forEach(probe -> logs.add(probe.log()));
        streams.forEach(probe -> logs.add(probe.log()));
        return logs;
    }

    private void run() {
        NetNs.enter(namespace);
        RealTime.claim();
        try {
            for (int i = 0; i < datagrams.size(); i++) {
                datagrams.get(i).open();
                streams.get(i).open();
            }
            bothListen.await();
            for (int i = 0; i < streams.size(); i++) {
                streams.get(i).connect();
            }
            beat();
            for (int i = 0; i < datagrams.size(); i++) {
                datagrams.get(i).close();
                streams.get(i).close();
            }
        } catch (IOException e) {
            throw new BugError("a probe's socket cannot be opened or closed", e);
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new BugError("the other side's probes did not start", e);
        }
    }

    private void beat() {
        long nextSendNs = System.nanoTime();
        for (long beats = 0; running; ) {
            long nowNs = System.nanoTime();
            if (nowNs - nextSendNs >= 0) {
                nextSendNs = Math.max(nextSendNs + SEND_PERIOD_NS, nowNs - SEND_PERIOD_NS);
                beats++;
                for (int i = 0; i < datagrams.size(); i++) {
                    datagrams.get(i).send();
                }
                for (int i = 0; beats % STREAM_PERIOD == 0 && i < streams.size(); i++) {
                    streams.get(i).send();
                }
            }
            for (int i = 0; i < datagrams.size(); i++) {
                datagrams.get(i).receive();
                streams.get(i).receive();
            }
            LockSupport.parkNanos(POLL_PERIOD_NS);
        }
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
