/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.SlotConsumer;

/**
 * How a mirror knows what its kernel holds that it did not put there: by a dump, from an earlier life; and when it was the
 * source until now, by the events of the next seconds, since late packets, and its addresses' end, still change flows.
 * When such events are lost, a dump has to tell again. After that it listens to ends alone, for the {@link KernelGuard}.
 * On the sync agent's thread.
 */
final class Adoption {
    /** How long a source that became mirror watches its kernel. */
    private static final long AFTERMATH_NS = 10_000_000_000L;

    private final EventAdapter events;
    private final KernelDump dump;
    private final Injector injector;
    private final Mirror mirror;
    private final KernelGuard guard;
    private final SlotConsumer missingFlow;

    private boolean reading;
    private boolean watching;
    private long watchEndNs;
    private boolean lost;

    Adoption(EventAdapter events, KernelDump dump, Injector injector, Mirror mirror, KernelGuard guard) {
        this.events = events;
        this.dump = dump;
        this.injector = injector;
        this.mirror = mirror;
        this.guard = guard;
        missingFlow = injector::missing;
    }

    /** True while the dump is being read: the mirror neither follows its source nor is compared with it. */
    boolean reading() {
        return reading;
    }

    /** A mirror that has just started reads first what its kernel holds already. */
    void begin() {
        events.openEnds(injector.portId());
        read();
    }

    /**
     * The source has become mirror.
     *
     * @param known its table is what its kernel holds: no event was lost and no audit still to come
     */
    void follow(HoldBack holdBack, boolean known, long nowNs) {
        injector.adopt();
        // What this kernel tore the peer has, since its end was kept back: this node is to hold it again.
        holdBack.handOver(missingFlow);
        watching = true;
        watchEndNs = nowNs + AFTERMATH_NS;
        if (known) {
            events.onlyWatch(guard);
            guard.begin(nowNs);
        } else {
            events.follow();
            read();
        }
    }

    /**
     * One slice of the dump by which a mirror learns what its kernel holds. Only then does it compare itself with the
     * source: what is right stays, and what the source no longer has is swept from the kernel.
     */
    int read(int batchesMax, long nowNs) {
        int work = listen(batchesMax) + dump.step();
        if (!dump.running()) {
            end(nowNs);
        }
        return work;
    }

    /** Listens: for a while to all that this kernel does, then only to ends. Returns how many datagrams were read. */
    int watch(int batchesMax, long nowNs) {
        int read = listen(batchesMax);
        if (watching && nowNs - watchEndNs > 0) {
            watching = false;
            events.onlyEnds();
        }
        return read;
    }

    /** True once after events were lost, when those that matter for ever were alone listened to. */
    boolean takeLostEnds() {
        boolean was = lost && !watching && !reading;
        lost &= !was;
        return was;
    }

    private void read() {
        reading = true;
        dump.start();
    }

    private int listen(int batchesMax) {
        int read = events.poll(batchesMax);
        lost |= events.takeLost();
        return read;
    }

    /** True when events were lost that would have told of flows torn or moved: {@link #again} is due. */
    boolean lost() {
        return lost && watching;
    }

    /** Reads all anew; the mirror is not ready meanwhile. */
    void again() {
        events.readQueued();
        lost = false;
        events.follow();
        read();
        mirror.reset();
    }

    /** From here on the mirror follows the source, however much of the kernel it has read. */
    void cutShort(long nowNs) {
        if (reading) {
            end(nowNs);
        }
    }

    /** The role ends: what happens in the kernel is the source's to know. */
    void leave() {
        watching = false;
        lost = false;
    }

    private void end(long nowNs) {
        reading = false;
        dump.cancel();
        injector.dropMarks();
        injector.adopt();
        mirror.reset();
        events.onlyWatch(guard);
        guard.begin(nowNs);
    }
}
