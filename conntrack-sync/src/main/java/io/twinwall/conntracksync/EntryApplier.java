/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.flowtable.SlotCursor;

/**
 * Puts a flow of the own kernel into the table, unless it is the node's own or the rules never let it travel, and decides
 * whether it is replicated. While rules let flows travel once they are old enough, it also looks, a slice at a time,
 * which of those held have become so.
 */
final class EntryApplier {
    private static final int NEWS = FlowTable.CREATED | FlowTable.CHANGED | FlowTable.RECREATED;
    private static final long MILLISECOND_NS = 1_000_000;

    /** A pass over the whole table takes at most two seconds, and a second at least. */
    private static final long SLICE_EVERY_MS = 50;

    private static final int SLICES = 40;
    private static final int SLICE_MIN = 1024;
    private static final long PASS_EVERY_MS = 1000;

    private final FlowTable table;
    private final Counter skipped;
    private final Counter rulesGauge;
    private final FlowImage before = new FlowImage();
    private final SlotCursor held;
    private final SlotConsumer onHeld = this::review;
    private FlowFilter filter;
    private FlowRules rules = FlowRules.NONE;
    private int slot = -1;
    private int result;
    private long sliceAtMs;
    private long passAtMs;

    EntryApplier(FlowTable table, FlowFilter filter, Counters counters) {
        this.table = table;
        this.filter = filter;
        held = table.cursor();
        skipped = counters.counter(
                "sync_skipped_total", "Events, and entries read in audits, of flows that sync.filter keeps here.");
        rulesGauge = counters.gauge("sync_filter_rules", "Rules of sync.filter in place.");
    }

    void filter(FlowFilter newFilter) {
        filter = newFilter;
    }

    /** What is in the table already is judged anew when an event or an audit shows it. */
    void rules(FlowRules newRules) {
        rules = newRules;
        rulesGauge.set(newRules.rules().size());
    }

    /**
     * Applies {@code image}; {@code how} as in {@link FlowTable#apply}, without REPLICATE, which is decided here. True
     * when that brought news.
     */
    boolean apply(FlowImage image, int how, long nowMs) {
        slot = -1;
        result = FlowTable.UNCHANGED;
        if (!filter.accepts(image)) {
            return false;
        }
        int verdict = rules.changeable() ? judgeNow(image, how) : rules.judge(image, 0, FlowRules.NO_STATE, 0);
        if (verdict != FlowRules.TRAVELS) {
            skipped.increment();
        }
        if (verdict == FlowRules.NEVER) {
            return false;
        }
        boolean replicated = verdict == FlowRules.TRAVELS && settled(image);
        result = table.apply(image, replicated ? how | FlowTable.REPLICATE : how, nowMs);
        slot = table.appliedSlot();
        return (result & NEWS) != 0;
    }

    /** The slot of the last flow applied, or -1 when that was the node's own or not taken. */
    int slot() {
        return slot;
    }

    /** What the last {@link #apply} did, as {@link FlowTable#apply} says it. */
    int result() {
        return result;
    }

    /**
     * True when the flow travels, as it is, were this node the source: it is not the node's alone, nor masqueraded by it, and
     * no rule has it wait. What lacks a start is of an unknown age, and waits where age decides.
     */
    boolean isThePairs(FlowImage image) {
        return filter.accepts(image)
                && !filter.isAnsweredToOwn(image)
                && rules.judge(image, image.mark(), stateOf(image), image.has(FlowImage.START) ? ageMs(image) : 0)
                        == FlowRules.TRAVELS;
    }

    /** A slice of the look at which held flows have grown old enough. Returns how many flows it looked at. */
    int review(long nowNs) {
        long nowMs = nowNs / MILLISECOND_NS;
        if (!rules.ages() || nowMs - sliceAtMs < SLICE_EVERY_MS) {
            return 0;
        }
        sliceAtMs = nowMs;
        if (held.done()) {
            if (nowMs - passAtMs < PASS_EVERY_MS) {
                return 0;
            }
            passAtMs = nowMs;
            held.restart();
        }
        return held.advance(Math.max(SLICE_MIN, table.flowsMax() / SLICES), onHeld);
    }

    /** The same for the flow of {@code image}, before a dump shows it: that it has grown old enough is no news of the kernel's. */
    void review(FlowImage image) {
        int at = rules.ages() ? table.find(image) : -1;
        if (at >= 0) {
            review(at);
        }
    }

    private void review(int at) {
        if (table.isEligible(at)) {
            return;
        }
        table.read(at, before);
        if ((before.l4proto() != CtImage.IPPROTO_TCP || before.has(FlowImage.TCP))
                && CtImage.settled(before)
                && rules.judge(before, before.mark(), stateOf(before), ageMs(before)) == FlowRules.TRAVELS) {
            table.replicate(at, true);
        }
    }

    /** An event says only what has changed; the rest is as the table knows it. */
    private int judgeNow(FlowImage image, int how) {
        int known = known(image, how);
        boolean merges = known >= 0 && (how & FlowTable.REPLACE) == 0;
        before.clear();
        if (known >= 0) {
            table.read(known, before);
        }
        int mark = (image.has(FlowImage.MARK) || !merges ? image : before).mark();
        int state = stateOf(image.has(FlowImage.TCP) || !merges ? image : before);
        long ageMs = Long.MAX_VALUE;
        if (rules.ages()) {
            if (!image.has(FlowImage.START)) {
                long startNs = before.has(FlowImage.START) ? before.startNs() : rules.epochMs() * MILLISECOND_NS;
                image.startNs(startNs);
            }
            // What travels is not called back for its age: clocks are set, and the peer has it.
            ageMs = known >= 0 && table.isEligible(known) ? Long.MAX_VALUE : ageMs(image);
        }
        return rules.judge(image, mark, state, ageMs);
    }

    /** A start in the future tells that the clock was set back: nobody knows the age, so the flow travels. */
    private long ageMs(FlowImage image) {
        long ageMs = rules.epochMs() - image.startNs() / MILLISECOND_NS;
        return ageMs < 0 ? Long.MAX_VALUE : ageMs;
    }

    /** The slot in which the table holds the very flow of {@code image}, not another under its key; or -1. */
    private int known(FlowImage image, int how) {
        int at = table.find(image);
        if (at < 0) {
            return -1;
        }
        int id = table.id(at);
        boolean told = id != 0 && image.has(FlowImage.ID) && image.id() != 0;
        boolean same = told ? id == image.id() : (how & FlowTable.NEW) == 0;
        return same ? at : -1;
    }

    private static int stateOf(FlowImage image) {
        return image.l4proto() == CtImage.IPPROTO_TCP && image.has(FlowImage.TCP)
                ? image.tcpState()
                : FlowRules.NO_STATE;
    }

    private boolean settled(FlowImage image) {
        if (image.l4proto() != CtImage.IPPROTO_TCP || image.has(FlowImage.TCP)) {
            return CtImage.settled(image);
        }
        // An update that does not speak of the state leaves it as it was.
        if (rules.changeable()) {
            return before.has(FlowImage.TCP) && CtImage.settled(before);
        }
        int known = table.find(image);
        return known >= 0 && table.isEligible(known);
    }
}
