/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.flowtable.SlotCursor;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtFlyweight;
import java.util.BitSet;
import org.agrona.collections.Long2LongHashMap;

/**
 * Compares a mirror with its kernel, of which the mirror is right: what the kernel lacks or has otherwise is marked for the
 * injector, what it has beyond is removed. The table is not changed by it.
 *
 * <pre>
 *   clearing: each flow's note that it was seen goes
 *   dumping:  each entry of the kernel's is noted and compared; so is what the injector puts there meanwhile
 *   sweeping: a flow that is to be in the kernel, and was not noted, is missing
 * </pre>
 *
 * Passed over is what is under way: a flow that waits for the injector, and one whose end does. The kernel makes the next
 * datagram of a dump while the last is read, so what it shows may be a cycle old, and the injector was at work since: what
 * differs in one look counts, and is repaired, only when it differs in a second that follows at once. The sync agent's
 * thread, one slice a cycle.
 */
final class MirrorAudit {
    private static final int SLOTS = 20_000;

    /** The injector's time and the kernel's need not agree to the second, and an adopted entry's is only believed. */
    private static final long TIMEOUT_SLACK_MS = 120_000;

    private static final int TIMEOUT_SLACK_SHARE = 8;

    /** A new address of the node's own is known after ten seconds; until then its flows look like another's. */
    private static final long FOREIGN_NS = 12_000_000_000L;

    /** What was never answered and ends so soon is left to end: a broadcast is heard by both kernels. */
    private static final long SHORT_LIVED_SECONDS = 120;

    private static final int ADDRESS_BYTES = 16;
    private static final int FOREIGN_MAX = 1 << 16;
    private static final int BINDING_STATUS = CtConst.IPS_SEEN_REPLY | CtConst.IPS_ASSURED;

    private enum Phase {
        IDLE,
        CLEARING,
        DUMPING,
        SWEEPING
    }

    private final FlowTable table;
    private final EntryApplier applier;
    private final DumpSocket socket;
    private final DumpRequest everything = new DumpRequest();
    private final Injector injector;
    private final Proof proof;
    private final NanoClock clock;
    private final FlowImage wanted = new FlowImage();
    private final FlowImage found = new FlowImage();
    private final SlotCursor cursor;
    private final SlotConsumer onClear;
    private final SlotConsumer onSweep = this::sweepSlot;
    private final DumpSocket.EntryHandler onEntry = this::onEntry;
    private final Counter audits;
    private final Counter failures;

    /** Slots that differed in the look before. */
    private final BitSet suspects;

    /** By id of a foreign entry: when a look saw it first. What is not seen again is forgotten with the next look. */
    private Long2LongHashMap foreign = new Long2LongHashMap(Long.MIN_VALUE);

    private Long2LongHashMap foreignBefore = new Long2LongHashMap(Long.MIN_VALUE);

    private Phase phase = Phase.IDLE;
    private boolean failed;
    private boolean trusted;
    private boolean confirming;
    private boolean suspected;
    private long nowNs;
    private long nowMs;
    private long compared;
    private long missing;
    private long changed;
    private long foreigners;
    private long removed;

    MirrorAudit(
            FlowTable table,
            EntryApplier applier,
            DumpSocket socket,
            Injector injector,
            Proof proof,
            NanoClock clock,
            Counters counters) {
        this.table = table;
        this.applier = applier;
        this.socket = socket;
        this.injector = injector;
        this.proof = proof;
        this.clock = clock;
        cursor = table.cursor();
        suspects = new BitSet(table.flowsMax());
        onClear = table::takeChecked;
        audits = counters.counter(
                "sync_mirror_audits_total", "Comparisons of the mirror with a dump of this kernel's begun.");
        failures = counters.counter(
                "sync_mirror_audit_failures_total",
                "Such comparisons that a dump's error cut short; begun again later.");
    }

    void start() {
        audits.increment();
        failed = false;
        missing = 0;
        changed = 0;
        foreigners = 0;
        removed = 0;
        suspects.clear();
        look(false);
    }

    private void look(boolean again) {
        confirming = again;
        suspected = false;
        compared = 0;
        phase = Phase.CLEARING;
        foreign.clear();
        cursor.restart();
    }

    boolean running() {
        return phase != Phase.IDLE;
    }

    void cancel() {
        phase = Phase.IDLE;
    }

    /** Another life of this mirror: what was foreign to the last may be known to this one's source. */
    void forget() {
        cancel();
        foreign.clear();
        foreignBefore.clear();
    }

    /** True when the last audit came to no end. */
    boolean failed() {
        return failed;
    }

    /** Of the last audit: everything in which mirror and kernel differed. */
    long differing() {
        return missing + changed + foreigners;
    }

    /**
     * One slice. Returns the work done.
     *
     * @param isTrusted the mirror is equal to a source that speaks: only then is anything foreign
     */
    int step(boolean isTrusted) {
        trusted = isTrusted;
        nowNs = clock.nanoTime();
        nowMs = nowNs / 1_000_000;
        return switch (phase) {
            case IDLE -> 0;
            case CLEARING -> clear();
            case DUMPING -> read();
            case SWEEPING -> sweep();
        };
    }

    private int clear() {
        cursor.advance(SLOTS, onClear);
        if (cursor.done()) {
            cursor.restart();
            phase = Phase.DUMPING;
            if (!socket.start(everything)) {
                fail();
            }
        }
        return 1;
    }

    private int read() {
        switch (socket.read(onEntry)) {
            case GOING_ON -> {}
            case COMPLETE -> phase = Phase.SWEEPING;
            case FAILED -> fail();
        }
        injector.flush();
        return Math.max(socket.lastRead(), 1);
    }

    private int sweep() {
        cursor.advance(SLOTS, onSweep);
        if (cursor.done()) {
            Long2LongHashMap before = foreignBefore;
            foreignBefore = foreign;
            foreign = before;
            if (suspected && !confirming) {
                look(true);
            } else {
                phase = Phase.IDLE;
                tellRepairs();
                proof.mirrorKernel.compared(compared, differing(), nowNs);
            }
        }
        return 1;
    }

    private void fail() {
        failures.increment();
        failed = true;
        phase = Phase.IDLE;
        tellRepairs();
    }

    private void tellRepairs() {
        proof.repaired(RepairWhy.MIRROR_MISSING, missing);
        proof.repaired(RepairWhy.MIRROR_CHANGED, changed);
        proof.repaired(RepairWhy.MIRROR_FOREIGN, removed);
    }

    /** True when the slot was suspected before; the first time it is only noted. */
    private boolean isConfirmed(int slot) {
        if (!confirming) {
            suspects.set(slot);
            suspected = true;
        }
        return confirming && suspects.get(slot);
    }

    private void onEntry(CtFlyweight entry) {
        CtImage.read(entry, found);
        int slot = table.find(found);
        if (slot < 0) {
            if (!table.knows(found)) {
                unknown();
            }
            return;
        }
        table.checked(slot);
        if (!table.isEligible(slot) || table.isUnderWay(slot) || !table.inKernel(slot)) {
            return;
        }
        table.read(slot, wanted);
        boolean isAnother = isAnother();
        if ((isAnother || isMoved(slot)) && isConfirmed(slot)) {
            changed++;
            if (isAnother) {
                injector.missing(slot);
            } else {
                injector.moved(slot);
            }
        }
    }

    private void unknown() {
        boolean passes =
                (found.status() & CtConst.IPS_SEEN_REPLY) == 0 && found.timeoutSeconds() <= SHORT_LIVED_SECONDS;
        if (!trusted || passes || !CtImage.settled(found) || !applier.isThePairs(found)) {
            return;
        }
        long firstNs = foreignBefore.get(found.id());
        boolean isSeenBefore = firstNs != foreignBefore.missingValue();
        suspected = true;
        foreigners += confirming && isSeenBefore ? 1 : 0;
        if (confirming && isSeenBefore && nowNs - firstNs > FOREIGN_NS) {
            removed++;
            injector.evict(found);
        } else if (foreign.size() < FOREIGN_MAX) {
            foreign.put(found.id(), isSeenBefore ? firstNs : nowNs);
        }
    }

    /** An update would not do: another translation. */
    private boolean isAnother() {
        return wanted.replySrcPort() != found.replySrcPort()
                || wanted.replyDstPort() != found.replyDstPort()
                || differ(wanted.replySrcOffset(), ADDRESS_BYTES)
                || differ(wanted.replyDstOffset(), ADDRESS_BYTES);
    }

    private boolean isMoved(int slot) {
        int marked = found.has(FlowImage.MARK) ? found.mark() : 0;
        return marked != (wanted.has(FlowImage.MARK) ? wanted.mark() : 0)
                || (wanted.status() & ~found.status() & BINDING_STATUS) != 0
                || (wanted.has(FlowImage.TCP) && found.has(FlowImage.TCP) && wanted.tcpState() != found.tcpState())
                || (wanted.has(FlowImage.LABELS)
                        && found.has(FlowImage.LABELS)
                        && differ(wanted.labelsOffset(), FlowImage.LABELS_BYTES))
                || isOtherwiseTimed(slot);
    }

    private boolean isOtherwiseTimed(int slot) {
        long untilMs = table.kernelDeadlineMs(slot);
        if (!found.has(FlowImage.TIMEOUT) || untilMs == 0 || untilMs == Long.MAX_VALUE) {
            return false;
        }
        long remainingMs = found.timeoutSeconds() * 1000;
        long slackMs = Math.max(TIMEOUT_SLACK_MS, remainingMs / TIMEOUT_SLACK_SHARE);
        return Math.abs(untilMs - nowMs - remainingMs) > slackMs;
    }

    private boolean differ(int offset, int bytes) {
        for (int i = 0; i < bytes; i += 4) {
            if (wanted.buffer().getInt(offset + i) != found.buffer().getInt(offset + i)) {
                return true;
            }
        }
        return false;
    }

    private void sweepSlot(int slot) {
        if (!table.isEligible(slot)) {
            return;
        }
        compared++;
        boolean isSeen = table.takeChecked(slot);
        if (isSeen || table.isUnderWay(slot) || !table.inKernel(slot) || hasRunOut(slot)) {
            return;
        }
        if (isConfirmed(slot)) {
            missing++;
            injector.missing(slot);
        }
    }

    /** A fixed timeout cannot be held, and ends here when it does there. */
    private boolean hasRunOut(int slot) {
        return table.kernelDeadlineMs(slot) == Long.MAX_VALUE && table.remainingMs(slot, nowMs) < 1000;
    }
}
