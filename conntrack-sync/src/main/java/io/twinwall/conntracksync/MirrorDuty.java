/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowTable;

/**
 * What the sync agent does as mirror: it learns what its kernel holds already, follows the source, injects, and keeps
 * the injected alive. On the sync agent's thread.
 */
final class MirrorDuty {
    private static final int FLOWS_INJECTED = 2048;
    private static final long RENEW_EVERY_NS = 100_000_000L;
    private static final int RENEW_SLOTS_MIN = 1024;

    /** Renewals a pass of the whole table takes at the most: at eight a second well within half the hold. */
    private static final int RENEW_TURNS_MAX = 1000;

    private final FlowTable table;
    private final Mirror mirror;
    private final Adoption adoption;
    private final Injector injector;
    private final KernelGuard guard;
    private final Verification verification;
    private final NanoClock clock;
    private final WorkLoad load;
    private final Answers answers;
    private final int renewSlots;

    private long renewAtNs;
    private SyncCommand.DrainInjector draining;

    MirrorDuty(
            FlowTable table,
            SyncConfig config,
            Mirror mirror,
            Adoption adoption,
            Injector injector,
            KernelGuard guard,
            Verification verification,
            NanoClock clock,
            WorkLoad load,
            Answers answers) {
        this.table = table;
        this.mirror = mirror;
        this.adoption = adoption;
        this.injector = injector;
        this.guard = guard;
        this.verification = verification;
        this.clock = clock;
        this.load = load;
        this.answers = answers;
        renewSlots = Math.max(RENEW_SLOTS_MIN, config.flowsMax() / RENEW_TURNS_MAX);
    }

    int work(long nowNs, long term) {
        if (adoption.reading()) {
            return load.limited(adoption.read(EventAdapter.CYCLE_BATCHES, nowNs), EventAdapter.CYCLE_SATURATED);
        }
        int work = load.limited(adoption.watch(EventAdapter.CYCLE_BATCHES, nowNs), EventAdapter.CYCLE_SATURATED);
        if (adoption.lost() && draining == null) {
            adoption.again();
            return work + 1;
        }
        if (adoption.takeLostEnds()) {
            guard.overrun();
        }
        if (draining == null) {
            work += guard.work(nowNs, mirror.trusted(nowNs));
        }
        verification.done(guard.verified());
        work += load.limited(mirror.step(FLOWS_INJECTED, nowNs, term, draining != null), FLOWS_INJECTED);
        guard.injected();
        passDrain(nowNs);
        if (nowNs - renewAtNs > RENEW_EVERY_NS) {
            renewAtNs = nowNs;
            injector.renew(renewSlots);
        }
        return work;
    }

    /** True while kernel and mirror are compared, a slice each cycle. */
    boolean auditing() {
        return guard.auditing();
    }

    /** True while this node reads what its kernel holds: it does not follow the source meanwhile. */
    boolean reading() {
        return adoption.reading();
    }

    /** This node has just started. */
    void begin() {
        adoption.begin();
    }

    /** This node was the source until now; {@code known} as {@link SourceDuty#knowsItsKernel} says. */
    void follow(HoldBack holdBack, boolean known, long nowNs) {
        adoption.follow(holdBack, known, nowNs);
    }

    /** This node is to be the source. */
    void end() {
        adoption.cutShort(clock.nanoTime());
        adoption.leave();
        guard.end();
    }

    /** What was under way will not be finished; its asker is told. */
    void abandon() {
        if (draining != null) {
            answers.done(draining.token(), false, Answers.ROLE_CHANGED);
            draining = null;
        }
    }

    /** From here on the injector is being drained; everything that has arrived is to go into the mirror before. */
    void drain(SyncCommand.DrainInjector asked) {
        adoption.cutShort(clock.nanoTime());
        if (draining != null) {
            answers.superseded(draining.token());
        }
        draining = asked;
    }

    /** A frame's number, before its payload goes to the {@link Mirror}. */
    void onFrame(long number, long missed) {
        mirror.onFrame(number, missed, clock.nanoTime());
    }

    private void passDrain(long nowNs) {
        if (draining != null && (table.dirtyCount() == 0 || nowNs > draining.deadlineNs())) {
            boolean all = table.dirtyCount() == 0;
            answers.done(draining.token(), all, all ? "" : table.dirtyCount() + " flows not installed in time");
            draining = null;
        }
    }
}
