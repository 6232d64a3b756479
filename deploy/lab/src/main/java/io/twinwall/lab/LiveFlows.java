/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/** Connections through a lab, translated and not, TCP and UDP, for a proof that they live on. One thread uses it. */
public final class LiveFlows implements AutoCloseable {
    private static final long PATIENCE_MS = 8_000;

    private final Traffic traffic;

    /** Opens {@code flows} TCP connections, all of which send all the time, and some UDP; waits for all. */
    public LiveFlows(Lab lab, int flows, long seed) {
        traffic = new Traffic(lab, 0, seed);
        try {
            traffic.open(0, 0, text -> {});
            traffic.openBusy(flows);
        } catch (RuntimeException e) {
            traffic.close();
            throw e;
        }
    }

    /** How many are open. */
    public int open() {
        return traffic.opened(System.nanoTime());
    }

    /** Lets each carry fresh bytes in both directions; the kinds of those that did not, or an empty text. */
    public String lost() {
        return traffic.check(System.nanoTime(), PATIENCE_MS, text -> {}).lost();
    }

    @Override
    public void close() {
        traffic.close();
    }
}
