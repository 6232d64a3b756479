/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.CtSeqAdj;
import io.twinwall.netlink.ExpEncoder;
import io.twinwall.netlink.NlConst;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;

/**
 * Keeps the sequence adjustment of flows that expect true in the table. A helper that rewrites an address in a segment
 * shifts all that follows it, and the kernel tells of that by no event: so each flow that was heard to expect something is
 * asked for, soon after (the segment is rewritten after the event), and then now and then for as long as it lives.
 */
final class ExpectMasters {
    static final int CAPACITY = 1024;

    private static final long[] STEPS_NS = {2_000_000L, 20_000_000L, 200_000_000L, 2_000_000_000L};
    private static final long HURRIED = Long.MIN_VALUE;
    private static final int ABSENT = -1;

    private final FlowTable table;
    private final EntryApplier applier;
    private final ExpectKernel kernel;
    private final FlowImage[] keys = new FlowImage[CAPACITY];
    private final long[] dueNs = new long[CAPACITY];
    private final int[] steps = new int[CAPACITY];
    private final Long2LongHashMap byKey = new Long2LongHashMap(2 * CAPACITY, 0.55f, ABSENT);
    private final long[] hashes = new long[CAPACITY];
    private final long[] asked = new long[ExpectKernel.BATCH];
    private final CtFlyweight entry = new CtFlyweight();
    private final FlowImage read = new FlowImage();
    private final FlowImage news = new FlowImage();
    private final Counter reads;
    private final Counter dropped;
    private int count;
    private int evict;
    private long nextNs = Long.MAX_VALUE;
    private boolean hurried;
    private long nowMs;

    ExpectMasters(FlowTable table, EntryApplier applier, ExpectKernel kernel, Counters counters) {
        this.table = table;
        this.applier = applier;
        this.kernel = kernel;
        for (int i = 0; i < CAPACITY; i++) {
            keys[i] = new FlowImage();
        }
        reads = counters.counter(
                "sync_expectation_masters_read_total",
                "Flows that expect others, read again for their sequence numbers.");
        dropped = counters.counter(
                "sync_expectation_masters_dropped_total",
                "Flows that expect others, too many to be read again: sequence numbers may be missing at a takeover.");
    }

    /** The flow of {@code key} expects something now, or did. */
    void watch(FlowImage key, long hash, long nowNs) {
        int index = (int) byKey.get(hash);
        if (index == ABSENT) {
            index = count < CAPACITY ? count++ : evict();
            keys[index].copyFrom(key);
            hashes[index] = hash;
            byKey.put(hash, index);
        } else if (dueNs[index] == HURRIED) {
            // Still to be asked for at once, and again when the segment was rewritten.
            steps[index] = -1;
            return;
        }
        steps[index] = 0;
        due(index, nowNs + STEPS_NS[0]);
    }

    private int evict() {
        dropped.increment();
        evict = (evict + 1) % CAPACITY;
        byKey.remove(hashes[evict]);
        return evict;
    }

    private void due(int index, long atNs) {
        dueNs[index] = atNs;
        nextNs = Math.min(nextNs, atNs);
    }

    /** All there are now are to be asked for before any other: what the kernel did until now is to be known. */
    void hurry() {
        Arrays.fill(dueNs, 0, count, HURRIED);
        hurried = count > 0;
        nextNs = hurried ? HURRIED : nextNs;
    }

    /** True until those of the last {@link #hurry} were asked for; new ones, that come all the time, do not count. */
    boolean hurried() {
        return hurried;
    }

    /** Asks for those that are due. Returns how many. */
    int step(long nowNs) {
        if (count == 0 || nowNs < nextNs) {
            return 0;
        }
        long dueBy = hurried ? HURRIED : nowNs;
        nowMs = nowNs / 1_000_000;
        ExpEncoder encoder = kernel.begin();
        nextNs = Long.MAX_VALUE;
        // From the end, since what is forgotten is replaced by the last.
        for (int i = count - 1; i >= 0; i--) {
            if (dueNs[i] <= dueBy && !kernel.full()) {
                if (table.find(keys[i]) < 0) {
                    forget(i);
                    continue;
                }
                asked[kernel.requests()] = hashes[i];
                ExpectCodec.getFlow(encoder.entry(), keys[i], NlConst.NLM_F_ACK, kernel.next());
                dueNs[i] = nowNs + STEPS_NS[Math.min(++steps[i], STEPS_NS.length - 1)];
            }
            nextNs = Math.min(nextNs, dueNs[i]);
        }
        hurried = nextNs == HURRIED;
        kernel.exchange();
        for (int i = 0; i < kernel.requests(); i++) {
            if (kernel.errno(i) != 0 && kernel.errno(i) != Errno.ENOENT) {
                int index = (int) byKey.get(asked[i]);
                if (index != ABSENT) {
                    due(index, nowNs + STEPS_NS[1]);
                }
            }
        }
        reads.add(kernel.requests());
        return kernel.requests();
    }

    private void forget(int index) {
        byKey.remove(hashes[index]);
        int last = --count;
        if (index != last) {
            keys[index].copyFrom(keys[last]);
            hashes[index] = hashes[last];
            dueNs[index] = dueNs[last];
            steps[index] = steps[last];
            byKey.put(hashes[index], index);
        }
    }

    /** The kernel's answer; of it only the adjustment is taken, the rest comes by events and in their order. */
    void onEntry(DirectBuffer buffer, int offset, int length) {
        if (!entry.wrap(buffer, offset, length)
                || !(entry.has(CtFlyweight.HAS_SEQADJ_ORIG) || entry.has(CtFlyweight.HAS_SEQADJ_REPLY))) {
            return;
        }
        CtImage.read(entry, read);
        news.clear();
        news.family(read.family()).l4proto(read.l4proto());
        news.orig(read.buffer(), read.origSrcOffset(), read.origDstOffset(), read.origSrcPort(), read.origDstPort());
        if (read.zoneDir() != 0) {
            news.zone(read.zone(), read.zoneDir());
        }
        if (table.find(news) < 0) {
            return;
        }
        // What a merge does not find it takes for none.
        news.reply(
                read.buffer(), read.replySrcOffset(), read.replyDstOffset(), read.replySrcPort(), read.replyDstPort());
        if (entry.has(CtFlyweight.HAS_SEQADJ_ORIG)) {
            CtSeqAdj adjust = entry.seqAdjOrig();
            news.seqAdjOrig(adjust.correctionPos(), adjust.offsetBefore(), adjust.offsetAfter());
        }
        if (entry.has(CtFlyweight.HAS_SEQADJ_REPLY)) {
            CtSeqAdj adjust = entry.seqAdjReply();
            news.seqAdjReply(adjust.correctionPos(), adjust.offsetBefore(), adjust.offsetAfter());
        }
        applier.apply(news, FlowTable.MERGE, nowMs);
    }

    void clear() {
        count = 0;
        byKey.clear();
        hurried = false;
        nextNs = Long.MAX_VALUE;
    }
}
