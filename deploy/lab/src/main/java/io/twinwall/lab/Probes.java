/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.locks.LockSupport;

/**
 * The streams whose silence is the dark time: on each path, in both directions, a UDP packet each millisecond and a few
 * bytes of TCP each five. One thread a side sends and receives, before all other threads and without allocation.
 */
public final class Probes implements AutoCloseable {
    private final ProbeSide client;
    private final ProbeSide server;

    /** Starts the probes and waits until all streams arrive. */
    public Probes(Lab lab, long deadlineMs) {
        CyclicBarrier bothListen = new CyclicBarrier(2);
        this.client = new ProbeSide(lab, Side.CLIENT, bothListen);
        this.server = new ProbeSide(lab, Side.SERVER, bothListen);
        server.start();
        client.start();
        long deadlineNs = System.nanoTime() + deadlineMs * 1_000_000;
        while (!allSince(0)) {
            if (System.nanoTime() - deadlineNs > 0) {
                String silent = silentSince(0);
                close();
                throw new Fatal(ExitCode.REFUSED, "probes did not arrive within " + deadlineMs + " ms: " + silent);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** All streams, in order of name. */
    public List<ReceiptLog> streams() {
        List<ReceiptLog> streams = new ArrayList<>(client.logs());
        streams.addAll(server.logs());
        streams.sort(Comparator.comparing(ReceiptLog::stream));
        return streams;
    }

    /** UDP probes that were sent and never arrived, of all streams since they began. */
    public long lost() {
        return client.lost() + server.lost();
    }

    /** Whether each stream had an arrival at or after {@code ns}; 0 asks for any arrival. */
    public boolean allSince(long ns) {
        return silentSince(ns).isEmpty();
    }

    private String silentSince(long ns) {
        StringBuilder silent = new StringBuilder();
        for (ReceiptLog log : streams()) {
            if (!(ns == 0 ? log.any() : log.since(ns))) {
                silent.append(silent.isEmpty() ? "" : ", ").append(log.stream());
            }
        }
        return silent.toString();
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
