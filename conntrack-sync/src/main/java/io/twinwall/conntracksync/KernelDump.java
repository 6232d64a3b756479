/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlError;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlTransport;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Audits the table against a dump of the kernel's: what the dump has and the table has not is learnt, what the table has
 * and the dump has not is removed, what differs is corrected; only differences become deltas. A dump is not a snapshot,
 * so the table keeps tombstones while it runs (see {@link FlowTable#beginAudit}). One slice a cycle, on the sync agent's
 * thread, while events go on being read.
 */
final class KernelDump implements NlDatagramHandler, AutoCloseable {
    private static final int AF_UNSPEC = 0;
    private static final int SWEEP_SLOTS = 20_000;
    private static final int REQUEST_BYTES = 1024;

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
    private final Supplier<NlTransport> opener;
    private final NanoClock clock;
    private final CtEncoder request = new CtEncoder();
    private final UnsafeBuffer requestBuffer;
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private final CtFlyweight entry = new CtFlyweight();
    private final FlowImage image = new FlowImage();
    private final Counter audits;
    private final Counter failures;
    private final Counter entries;
    private final Counter swept;
    private final IntPredicate onSweep = this::ends;

    private NlTransport transport;
    private Phase phase = Phase.IDLE;
    private boolean failed;
    private boolean unread;
    private long backOffNs = BACK_OFF_MIN_NS;
    private long againAtNs;
    private int seq;
    private long nowMs;
    private long repaired;

    KernelDump(
            FlowTable table,
            EntryApplier applier,
            HoldBack holdBack,
            Supplier<NlTransport> opener,
            UnsafeBuffer requestBuffer,
            NanoClock clock,
            Counters counters) {
        this.table = table;
        this.applier = applier;
        this.holdBack = holdBack;
        this.opener = opener;
        transport = opener.get();
        this.requestBuffer = requestBuffer;
        this.clock = clock;
        audits = counters.counter("sync_audits_total", "Audits of the table against a dump of the kernel's begun.");
        failures = counters.counter("sync_audit_failures_total", "Audits that a dump's error cut short; begun again.");
        entries = counters.counter("sync_audit_entries_total", "Conntrack entries read in audits.");
        swept = counters.counter("sync_audit_swept_total", "Flows removed by audits: the kernel no longer had them.");
    }

    static int requestBytes() {
        return REQUEST_BYTES;
    }

    /** Begins an audit; one that runs already begins anew, since what it saw so far may be too old. */
    void start() {
        cancel();
        discardOldDump();
        seq++;
        request.wrap(requestBuffer, 0, REQUEST_BYTES);
        request.beginDump(seq, AF_UNSPEC);
        request.end();
        table.beginAudit();
        holdBack.spare();
        audits.increment();
        phase = Phase.DUMPING;
        if (transport.send(requestBuffer, 0, request.length()) < 0) {
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
        start();
        return 1;
    }

    private int read() {
        nowMs = clock.nanoTime() / 1_000_000;
        int read = transport.poll(this);
        if (read < 0 || failed) {
            rest();
        }
        return Math.max(read, 1);
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

    @Override
    public void onDatagram(DirectBuffer buffer, int offset, int length) {
        reader.wrap(buffer, offset, length);
        while (reader.next()) {
            if (reader.seq() != seq || phase != Phase.DUMPING) {
                continue;
            }
            if (reader.type() == NlConst.NLMSG_DONE || reader.type() == NlConst.NLMSG_ERROR) {
                onEnd();
            } else if (entry.wrap(buffer, reader.offset(), reader.length())) {
                entries.increment();
                CtImage.read(entry, image);
                if (applier.apply(image, FlowTable.REPLACE | FlowTable.FROM_DUMP, nowMs)) {
                    repaired++;
                }
                int slot = applier.slot();
                if (slot >= 0 && table.id(slot) == image.id()) {
                    // Not when an event told meanwhile of a later entry under the same key.
                    CtImage.noteWindows(entry, table, slot);
                }
            }
        }
    }

    @Override
    public void close() {
        transport.close();
    }

    private boolean ends(int slot) {
        if (holdBack.holdMissing(slot, clock.nanoTime())) {
            return false;
        }
        swept.increment();
        repaired++;
        return true;
    }

    private void onEnd() {
        unread = false;
        failed = error.wrap(reader) && error.errno() != 0;
        if (!failed) {
            phase = Phase.SWEEPING;
        }
    }

    /**
     * The kernel makes a dump as it is read, so one given up earlier would have to be read to its end before the next
     * may begin: closing its socket ends it at once.
     */
    private void discardOldDump() {
        if (unread) {
            transport.close();
            transport = opener.get();
        }
        unread = true;
        phase = Phase.IDLE;
        failed = false;
    }
}
