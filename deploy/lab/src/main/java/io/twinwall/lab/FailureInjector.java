/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/**
 * Makes the active fail. Everything slow is done in the constructor, so that {@link #strike} takes effect within a
 * fraction of a millisecond: the time it returns is the time of the failure.
 */
public final class FailureInjector implements AutoCloseable {
    private final Failure failure;
    private final Victim active;
    private final boolean force;
    private final IpBatch inFirewall;
    private final IpBatch inLan;
    private final IpBatch inWan;
    private String outcome = "";

    public FailureInjector(Failure failure, Victim active, boolean force) {
        this.failure = failure;
        this.active = active;
        this.force = force;
        Lab lab = active.lab();
        this.inFirewall = new IpBatch(lab.namespace(active.node()));
        this.inLan = new IpBatch(lab.namespace("lan"));
        this.inWan = new IpBatch(lab.namespace("wan"));
    }

    /** Strikes; answers {@link System#nanoTime()} of the instant before. */
    public long strike() {
        String port = active.node().nodeName();
        long failureNs = System.nanoTime();
        switch (failure) {
            case POWER -> losePower(port);
            case KILL -> active.kill();
            case HANG -> active.hang();
            case LINK -> inFirewall.send("link set lan0 down\n");
            case SWITCHOVER -> outcome = active.switchover(force);
        }
        return failureNs;
    }

    /**
     * A host without power says nothing more, not even that nobody listens: its agent stands still before the first link
     * goes down, and ends when the last has.
     */
    private void losePower(String port) {
        active.hang();
        inLan.send("link set " + port + " down\n");
        inWan.send("link set " + port + " down\n");
        inFirewall.send("link set lan0 down\nlink set wan0 down\nlink set sync0 down\n");
        Lab lab = active.lab();
        Carrier.awaitDown(lab.namespace("lan"), port);
        Carrier.awaitDown(lab.namespace("wan"), port);
        Carrier.awaitDown(lab.namespace(active.node()), "sync0");
        active.kill();
    }

    /** What the active answered, when it was asked. */
    public String outcome() {
        return outcome;
    }

    @Override
    public void close() {
        inFirewall.close();
        inLan.close();
        inWan.close();
    }
}
