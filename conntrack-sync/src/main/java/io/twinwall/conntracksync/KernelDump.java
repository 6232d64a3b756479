/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtFlyweight;
import java.util.function.IntPredicate;

/**
 * Audits the table against a dump of the kernel's: what the dump has and the table has not is learnt, what the table has
 * and the dump has not is removed, what differs is corrected; only differences become deltas. A dump is not a snapshot,
 * so the table keeps tombstones while it runs (see {@link FlowTable#beginAudit}). One slice a cycle, on the sync agent's
 * thread, while events go on being read.
 */
final class KernelDump implements AutoCloseable {
    private static final int SWEEP_SLOTS = 20_000;

    /** An entry with less to live, by what is believed, may have run out by now. */
    private static final long EXPIRED_MS = 2_000;

    /** An error that stays must not make this a loop without rest. */
    private static final long BACK_OFF_MIN_NS = 10_000_000L;

    private static final long BACK_OFF_MAX_NS = 2_000_000_000L;

    private enum Phase {
        IDLE,
        RESTING,
        DUMPING,
        SWEEPING
    }

    private final FlowTable table;
    private final EntryApplier applier;
    private final HoldBack holdBack;
    private final DumpSocket socket;
    private final NanoClock clock;
    private final DumpRequest asked = new DumpRequest();
    private final FlowImage image = new FlowImage();
    private final Counter audits;
    private final Counter failures;
    private final Counter entries;
    private final Counter swept;
    private final Counter timeouts;
    private final IntPredicate onSweep = this::ends;
    private final DumpSocket.EntryHandler onEntry = this::onEntry;

    private Phase phase = Phase.IDLE;
    private long backOffNs = BACK_OFF_MIN_NS;
    private long againAtNs;
    private long nowMs;
    private long repaired;
    private long compared;
    private long begun;
    private long changed;
    private long ended;

    KernelDump(
            FlowTable table,
            EntryApplier applier,
            HoldBack holdBack,
            DumpSocket socket,
            NanoClock clock,
            Counters counters) {
        this.table = table;
        this.applier = applier;
        this.holdBack = holdBack;
        this.socket = socket;
        this.clock = clock;
        audits = counters.counter("sync_audits_total", "Audits of the table against a dump of the kernel's begun.");
        failures = counters.counter("sync_audit_failures_total", "Audits that a dump's error cut short; begun again.");
        entries = counters.counter("sync_audit_entries_total", "Conntrack entries read in audits.");
        swept = counters.counter("sync_audit_swept_total", "Flows removed by audits: the kernel no longer had them.");
        timeouts = counters.counter(
                "sync_audit_timeouts_total",
                "Flows told of anew because their remaining time was off by a minute or a sixteenth.");
    }

    /** What of the kernel's entries is asked for; all of them once it refused less. */
    void rules(FlowRules rules) {
        asked.rules(rules);
    }

    /** Begins an audit; one that runs already begins anew, since what it saw so far may be too old. */
    void start() {
        begun = 0;
        changed = 0;
        ended = 0;
        dump();
    }

    /** What a dump that failed has brought is there, and stays counted: the next shows it no more. */
    private void dump() {
        cancel();
        table.beginAudit();
        compared = 0;
        holdBack.spare();
        audits.increment();
        phase = Phase.DUMPING;
        if (!socket.start(asked)) {
            rest();
        }
    }

    /** Gives this dump up, and begins another after a while; longer each time until one succeeds. */
    private void rest() {
        failures.increment();
        table.cancelAudit();
        phase = Phase.RESTING;
        againAtNs = clock.nanoTime() + backOffNs;
        backOffNs = Math.min(2 * backOffNs, BACK_OFF_MAX_NS);
    }

    boolean running() {
        return phase != Phase.IDLE;
    }

    /** Flows that audits have brought, changed or removed since this was asked last. */
    long takeRepaired() {
        long taken = repaired;
        repaired = 0;
        return taken;
    }

    /** Of the last audit: the flows that the dump showed. */
    long compared() {
        return compared;
    }

    /** Of the last audit: flows of the kernel that the table had not. */
    long begun() {
        return begun;
    }

    /** Of the last audit: flows that the table had otherwise. */
    long changed() {
        return changed;
    }

    /** Of the last audit: flows that the kernel has no more, and whose time was not up. */
    long ended() {
        return ended;
    }

    /** One slice. Returns the work done; the audit is over when {@link #running} turns false. */
    int step() {
        return switch (phase) {
            case IDLE -> 0;
            case RESTING -> wake();
            case DUMPING -> read();
            case SWEEPING -> sweep();
        };
    }

    private int wake() {
        if (clock.nanoTime() - againAtNs < 0) {
            return 0;
        }
        dump();
        return 1;
    }

    private int read() {
        nowMs = clock.nanoTime() / 1_000_000;
        switch (socket.read(onEntry)) {
            case GOING_ON -> {}
            case COMPLETE -> phase = Phase.SWEEPING;
            case FAILED -> {
                if (socket.errno() == Errno.EINVAL || socket.errno() == Errno.EOPNOTSUPP) {
                    asked.forAll();
                }
                rest();
            }
        }
        return Math.max(socket.lastRead(), 1);
    }

    private int sweep() {
        if (table.sweepAudit(SWEEP_SLOTS, onSweep)) {
            phase = Phase.IDLE;
            backOffNs = BACK_OFF_MIN_NS;
        }
        return 1;
    }

    /** Gives up; the table keeps what it has. */
    void cancel() {
        if (phase == Phase.DUMPING || phase == Phase.SWEEPING) {
            table.cancelAudit();
        }
        phase = Phase.IDLE;
    }

    private void onEntry(CtFlyweight entry) {
        entries.increment();
        CtImage.read(entry, image);
        applier.review(image);
        if (applier.apply(image, FlowTable.REPLACE | FlowTable.FROM_DUMP, nowMs)) {
            count(applier.result());
        }
        int slot = applier.slot();
        compared += slot >= 0 ? 1 : 0;
        if (slot >= 0 && table.id(slot) == image.id()) {
            // Not when an event told meanwhile of a later entry under the same key.
            CtImage.noteWindows(entry, table, slot);
        }
    }

    private void count(int result) {
        if ((result & FlowTable.TIMEOUT_MOVED) != 0) {
            timeouts.increment();
            return;
        }
        repaired++;
        if ((result & FlowTable.CREATED) != 0) {
            begun++;
        } else {
            changed++;
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private boolean ends(int slot) {
        if (holdBack.holdMissing(slot, clock.nanoTime())) {
            return false;
        }
        // The kernel passes over entries whose time is up, though it may tell of their end only seconds later.
        ended += table.remainingMs(slot, nowMs) > EXPIRED_MS ? 1 : 0;
        swept.increment();
        repaired++;
        return true;
    }
}
