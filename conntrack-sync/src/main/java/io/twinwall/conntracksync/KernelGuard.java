/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowTable;

/**
 * Keeps a mirror's kernel equal to the mirror, whoever else changes it. That an entry ended is heard at once, for the
 * kernel tells of ends (and only of these is it asked: events of beginnings and changes would slow each injection); the
 * rest is found by audits that go on for ever. The sync agent's thread.
 */
final class KernelGuard implements KernelWatcher {
    /** More ends than this at once are no trifle: the copy is not ready until they are repaired. */
    private static final int MANY_ENDS = 1000;

    /** A kernel that is full ends a flow for each that is put in: so much of that is answered at once, no more. */
    private static final int ENDED_BY_KERNEL_MAX = 1_000_000;

    private static final long ENDED_BY_KERNEL_EACH_NS = 100_000;

    private final FlowTable table;
    private final MirrorAudit audit;
    private final Injector injector;
    private final Proof proof;
    private final NanoClock clock;
    private final AuditPace pace = new AuditPace();
    private final Counter overruns;

    private boolean overrun;
    private boolean doubted;
    private long ends;
    private long creditNs;
    private long verifyAsked;
    private long verifying;
    private long verified;

    KernelGuard(
            FlowTable table, MirrorAudit audit, Injector injector, Proof proof, NanoClock clock, Counters counters) {
        this.table = table;
        this.audit = audit;
        this.injector = injector;
        this.proof = proof;
        this.clock = clock;
        overruns = counters.counter(
                "sync_mirror_event_overruns_total",
                "Times a mirror's kernel dropped events of ends; each starts a comparison with the kernel.");
    }

    /** The role begins, or the kernel was read anew. */
    void begin(long nowNs) {
        audit.forget();
        pace.begin(nowNs);
        creditNs = nowNs - ENDED_BY_KERNEL_MAX * ENDED_BY_KERNEL_EACH_NS;
        overrun = false;
        doubted = false;
        ends = 0;
        verifying = 0;
        verifyAsked = 0;
        verified = 0;
    }

    /** The role ended. */
    void end() {
        audit.cancel();
    }

    /** Events of ends were lost. */
    void overrun() {
        overruns.increment();
        overrun = true;
        doubted = true;
        pace.hurry();
    }

    /** A comparison is asked for under {@code token}: one that begins now. */
    void verify(long token) {
        if (token != verified && token != verifying) {
            verifyAsked = token;
            pace.hurry();
        }
    }

    /** True while a comparison is under way. */
    boolean auditing() {
        return audit.running();
    }

    /** The last token that was asked for and compared. */
    long verified() {
        return verified;
    }

    /** True while so much is known to lack in the kernel that a takeover would miss it. */
    boolean doubted() {
        return doubted;
    }

    /** @param trusted as {@link MirrorAudit#step} takes it */
    int work(long nowNs, boolean trusted) {
        int work = 0;
        if (audit.running()) {
            long beganNs = clock.nanoTime();
            work = audit.step(trusted);
            pace.worked(clock.nanoTime() - beganNs);
            if (!audit.running()) {
                ended(nowNs);
            }
        } else if (pace.due(nowNs)) {
            pace.started();
            verifying = verifyAsked;
            overrun = false;
            audit.start();
            work = 1;
        }
        return work;
    }

    /** The injector has done what it could in this cycle: with nothing left, what was found is repaired. */
    void injected() {
        if (table.dirtyCount() == 0) {
            ends = 0;
            doubted &= overrun || audit.running();
        }
    }

    @Override
    public void ended(int slot, boolean byProgram) {
        if (!table.isEligible(slot)) {
            return;
        }
        if (!byProgram && !mayAnswer()) {
            // The next audit finds it.
            return;
        }
        ends++;
        doubted |= ends > MANY_ENDS;
        proof.repaired(byProgram ? RepairWhy.MIRROR_DELETED : RepairWhy.MIRROR_ENDED, 1);
        injector.missing(slot);
    }

    @Override
    public void moved(int slot) {
        injector.moved(slot);
    }

    private void ended(long nowNs) {
        pace.ended(audit.failed() || audit.differing() > 0, nowNs);
        if (audit.failed()) {
            overrun |= doubted;
            return;
        }
        if (verifying != 0) {
            verified = verifying;
            verifyAsked = verifyAsked == verifying ? 0 : verifyAsked;
            verifying = 0;
        }
    }

    private boolean mayAnswer() {
        long nowNs = clock.nanoTime();
        creditNs = Math.max(creditNs, nowNs - ENDED_BY_KERNEL_MAX * ENDED_BY_KERNEL_EACH_NS);
        if (nowNs - creditNs < ENDED_BY_KERNEL_EACH_NS) {
            return false;
        }
        creditNs += ENDED_BY_KERNEL_EACH_NS;
        return true;
    }
}
