/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.BugError;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.conntracksync.SyncAgent;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncConfig;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.SessionKeys;

/**
 * The real sync agent of one life of a node, and its thread: it comes round soon while there is work, and now and then
 * when there is none.
 */
final class SyncSide {
    private static final int FLOWS_MAX = 1024;
    private static final int BUCKET_BITS = 4;
    private static final int HASH_SEED = 42;
    private static final long BUSY_NS = 150 * World.US;
    private static final long POLL_NS = World.MS;
    private static final long IDLE_NS = 25 * World.MS;
    private static final ClusterKey KEY = key();
    private static final LinkIdentity IDENTITY = new LinkIdentity(7, 1, 2);

    private final World world;
    private final Node node;
    private final Memory.Lease memory;
    private final SyncAgent agent;
    private final Counters counters = new Counters();
    private final Counter mode;
    private final Counter lag;
    private final Counter dirty;
    private final Counter losses;
    private final Counter framesOpened;
    private long dueNs = Long.MAX_VALUE;
    private long lossesMended;
    /** Extra time each round of the thread takes: a busy machine. */
    long slowNs;
    /** The two boots whose session this agent has, as one number; 0 none. */
    long pair;
    /** The last readiness told while it was a mirror. */
    SyncReport.Changed told;
    /** The term it was last told to be source under. */
    long sourceTerm;
    /** When it began to read kernel events as source. */
    long sourceSinceNs = Long.MAX_VALUE;

    boolean closed;

    SyncSide(World world, Node node, Memory memory) {
        this.world = world;
        this.node = node;
        this.memory = memory.lease();
        agent = new SyncAgent(
                new SyncConfig(FLOWS_MAX, BUCKET_BITS, HASH_SEED),
                node.host,
                world.wire.end(node.number),
                this.memory,
                node::mono,
                counters,
                this::reported);
        mode = gauge("sync_mode");
        lag = gauge("sync_lag_deltas");
        dirty = gauge("sync_dirty");
        losses = gauge("sync_loss_windows_total");
        framesOpened = gauge("wire_frames_opened_total");
        wake(IDLE_NS);
    }

    private Counter gauge(String name) {
        for (Counter counter : counters.all()) {
            if (counter.name().equals(name)) {
                return counter;
            }
        }
        throw new BugError("no counter " + name);
    }

    private static ClusterKey key() {
        byte[] bytes = new byte[32];
        new SeededRandom(1).nextBytes(bytes);
        return ClusterKey.of(1, bytes);
    }

    void offer(SyncCommand command) {
        agent.offer(command);
        wake(BUSY_NS);
    }

    void session(long own, long peer, long term) {
        LinkIdentity identity = node.number == 1 ? IDENTITY : IDENTITY.mirrored();
        pair = node.number == 1 ? SeededRandom.mix(own) ^ peer : SeededRandom.mix(peer) ^ own;
        offer(new SyncCommand.SessionUp(SessionKeys.derive(KEY, 1, identity, own, peer), term));
    }

    /** Something is there for it, which it finds with its next poll. */
    void poke() {
        wake(world.between(BUSY_NS, POLL_NS));
    }

    private void wake(long inNs) {
        long atNs = world.now() + inNs + slowNs;
        if (atNs < dueNs) {
            dueNs = atNs;
            world.at(atNs, () -> come(atNs));
        }
    }

    private void come(long atNs) {
        if (closed || atNs != dueNs) {
            return;
        }
        dueNs = Long.MAX_VALUE;
        if (!node.awake()) {
            world.at(node.wakesNs(), () -> wake(BUSY_NS));
            return;
        }
        int work = agent.doWork();
        if (work > 0) {
            world.trace.mix(world.now(), node.number, 80, work);
        }
        wake(work > 0 ? BUSY_NS : IDLE_NS);
        world.checks.flows.synced(node);
    }

    private void reported(SyncReport report) {
        switch (report) {
            case SyncReport.Changed changed -> {
                told = mirror() ? changed : told;
                // A loss that was still to be mended ended with the role: the new source's kernel is the truth now.
                lossesMended = mirror() ? losses.get() : lossesMended;
                sourceTerm = source() ? changed.term() : sourceTerm;
            }
            case SyncReport.LossWindowClosed closedLoss -> lossesMended++;
            case SyncReport.Done done -> world.trace.line(world.now(), node.name(), () -> "sync: " + done);
        }
        if (report instanceof SyncReport.Changed) {
            world.trace.line(world.now(), node.name(), () -> "sync: " + report);
        }
        node.reported(report);
    }

    /** How many frames of the other it took for good. */
    long framesOpened() {
        return framesOpened.get();
    }

    boolean source() {
        return mode.get() == 1;
    }

    boolean mirror() {
        return mode.get() == 2;
    }

    /** As source: everything it knows is acknowledged, and nothing it should know is lost. */
    boolean caughtUp() {
        return source() && lag.get() == 0 && dirty.get() == 0 && losses.get() == lossesMended;
    }

    String describe() {
        return "mode " + mode.get() + ", lag " + lag.get() + ", dirty " + dirty.get() + ", losses " + losses.get()
                + " of which mended " + lossesMended + ", told " + told;
    }

    /** As mirror: proven equal, and everything in the kernel. */
    boolean ready() {
        return mirror()
                && told != null
                && told.readiness() == SyncReport.Readiness.READY
                && told.equal()
                && dirty.get() == 0;
    }

    void close() {
        closed = true;
        agent.onClose();
        memory.close();
    }
}
