/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.ExpEncoder;
import io.twinwall.netlink.ExpFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.wire.ExpectDigestDecoder;
import io.twinwall.wire.ExpectSweepDecoder;
import io.twinwall.wire.ExpectationDecoder;
import io.twinwall.wire.ExpectsDecoder;
import io.twinwall.wire.FrameKind;
import java.util.BitSet;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The passive's half: brings the source's expectations into this kernel, each behind the flow that expects it, and asks for
 * all when they do not come to what the source's do. A flow that is made anew takes its expectations with it, so the kernel
 * is asked each second what it has. On the sync agent's thread.
 */
final class ExpectMirror {
    private static final long AUDIT_EVERY_NS = 1_000_000_000L;
    private static final long AGAIN_NS = 10_000_000L;
    private static final long REQUEST_EVERY_NS = 300_000_000L;
    private static final int ATTEMPTS_MAX = 100;
    private static final int REQUESTS_EACH = 3;

    private static final int CLEAR = 1;
    private static final int CREATE = 2;
    private static final int TIMEOUT = 3;

    private final ExpectTable expectations;
    private final FlowTable flows;
    private final ExpectCodec codec;
    private final ExpectKernel kernel;
    private final FrameSender sender;
    private final ExpectCounters counters;
    private final ExpFlyweight expectation = new ExpFlyweight();
    private final FlowImage master = new FlowImage();
    private final UnsafeBuffer record = new UnsafeBuffer(new byte[ExpectTable.RECORD_BYTES]);
    private final BitSet inKernel = new BitSet(ExpectTable.CAPACITY);
    private final int[] attempts = new int[ExpectTable.CAPACITY];
    private final BitSet seen = new BitSet(ExpectTable.CAPACITY);

    // The batch under way.
    private final int[] slots = new int[ExpectKernel.BATCH];
    private final int[] operations = new int[ExpectKernel.BATCH];
    private int cursor;

    private long nowNs;
    private long againNs;
    private long auditNs;
    private boolean auditing;
    private boolean sweeping;
    private boolean equal;
    private boolean requestDue;
    private long requestNs;

    ExpectMirror(
            ExpectTable expectations,
            FlowTable flows,
            ExpectCodec codec,
            ExpectKernel kernel,
            FrameSender sender,
            ExpectCounters counters) {
        this.expectations = expectations;
        this.flows = flows;
        this.codec = codec;
        this.kernel = kernel;
        this.sender = sender;
        this.counters = counters;
    }

    /** The role begins: whatever this kernel has of what is known is found out by the first audit. */
    void begin() {
        inKernel.clear();
        for (int slot = expectations.nextLive(0); slot >= 0; slot = expectations.nextLive(slot + 1)) {
            inKernel.set(slot);
            attempts[slot] = 0;
        }
        reset();
        auditing = false;
        auditNs = nowNs - AUDIT_EVERY_NS;
    }

    /** Another session, or frames were lost: what comes next need not follow what was. */
    void reset() {
        sweeping = false;
        equal = false;
        requestDue = false;
    }

    // ------------------------------------------------------------------ the source's word

    void onExpects(ExpectsDecoder message) {
        for (ExpectsDecoder.EachDecoder each : message.each()) {
            ExpectationDecoder sent = each.expectation();
            if (!codec.valid(sent.buffer(), sent.offset())) {
                counters.malformed.increment();
                continue;
            }
            counters.applied.increment();
            if (each.lives() == 0) {
                int slot = expectations.find(sent.buffer(), sent.offset());
                if (slot >= 0) {
                    end(slot);
                }
            } else {
                int slot = expectations.apply(sent.buffer(), sent.offset(), each.timeout(), nowNs / 1_000_000);
                if (slot < 0) {
                    counters.overflow.increment();
                } else if (expectations.isRenewed(slot)) {
                    attempts[slot] = 0;
                }
            }
        }
        againNs = nowNs;
    }

    void onDigest(ExpectDigestDecoder message) {
        equal = message.count() == expectations.count() && message.digest() == expectations.digest();
        if (!equal) {
            counters.differed.increment();
            requestDue = true;
        }
    }

    void onSweep(ExpectSweepDecoder message) {
        if (message.ends() == 0) {
            sweeping = true;
            expectations.newGeneration();
        } else if (sweeping) {
            sweeping = false;
            for (int slot = expectations.nextLive(0); slot >= 0; slot = expectations.nextLive(slot + 1)) {
                if (expectations.isStale(slot)) {
                    end(slot);
                }
            }
        }
    }

    private void end(int slot) {
        expectations.remove(slot);
        if (!inKernel.get(slot)) {
            expectations.free(slot);
        }
        againNs = nowNs;
    }

    // ------------------------------------------------------------------ this kernel

    /** Does what is due. Returns the work done. */
    int step(long atNs, long term) {
        nowNs = atNs;
        int work = audit();
        if (expectations.anyDirty() && nowNs >= againNs) {
            againNs = nowNs + AGAIN_NS;
            work += inject();
        }
        if (requestDue && nowNs - requestNs >= REQUEST_EVERY_NS && sender.ready()) {
            requestDue = false;
            requestNs = nowNs;
            sender.payload().expectRequest(expectations.count(), expectations.digest());
            sender.send(FrameKind.REPORT, term);
            work++;
        }
        counters.installed.set(inKernel.cardinality());
        return work;
    }

    /** The role ends: what can be brought in is brought in now. */
    void finish() {
        if (expectations.anyDirty()) {
            inject();
        }
    }

    /** One go at all that is dirty. */
    private int inject() {
        int done = 0;
        cursor = expectations.nextDirty(0);
        while (cursor >= 0) {
            ExpEncoder encoder = kernel.begin();
            while (cursor >= 0 && kernel.requests() + REQUESTS_EACH <= ExpectKernel.BATCH) {
                encode(encoder, cursor);
                cursor = expectations.nextDirty(cursor + 1);
            }
            done += kernel.requests();
            kernel.exchange();
            settle();
        }
        return done;
    }

    private void encode(ExpEncoder encoder, int slot) {
        DirectBuffer records = expectations.records();
        int offset = expectations.offset(slot);
        boolean lives = expectations.isLive(slot);
        if (lives && !masterInKernel(records, offset)) {
            failed(slot, Errno.ENOENT);
            return;
        }
        boolean there = inKernel.get(slot);
        if (!lives || (expectations.isRenewed(slot) && (there || attempts[slot] > 0))) {
            codec.delete(encoder, records, offset, NlConst.NLM_F_ACK, note(slot, CLEAR));
        }
        if (lives) {
            if (expectations.isRenewed(slot) || !there) {
                codec.create(encoder, records, offset, NlConst.NLM_F_ACK, note(slot, CREATE));
            }
            // At creation the kernel gives it the helper's own time to live.
            long seconds = expectations.remainingSeconds(slot, nowNs / 1_000_000);
            codec.timeout(encoder, records, offset, NlConst.NLM_F_ACK, note(slot, TIMEOUT), seconds);
        }
    }

    private boolean masterInKernel(DirectBuffer records, int offset) {
        int flow = flows.find(codec.master(records, offset, master));
        return flow >= 0 && flows.inKernel(flow);
    }

    private int note(int slot, int operation) {
        slots[kernel.requests()] = slot;
        operations[kernel.requests()] = operation;
        return kernel.next();
    }

    private void settle() {
        for (int i = 0; i < kernel.requests(); i++) {
            int slot = slots[i];
            int errno = kernel.errno(i);
            switch (operations[i]) {
                case CLEAR -> cleared(slot, errno);
                case CREATE -> {
                    if (errno == 0) {
                        inKernel.set(slot);
                        // A dump under way may have passed its place.
                        seen.set(slot);
                        expectations.done(slot);
                        counters.created.increment();
                    } else {
                        failed(slot, errno);
                    }
                }
                default -> {
                    if (inKernel.get(slot) && errno == Errno.ENOENT) {
                        // Gone meanwhile: the next go makes it anew.
                        inKernel.clear(slot);
                        expectations.renewed(slot);
                        expectations.dirty(slot, true);
                        failed(slot, errno);
                    } else if (inKernel.get(slot)) {
                        if (errno != 0) {
                            counters.refused(errno);
                        }
                        expectations.done(slot);
                    }
                }
            }
        }
    }

    private void cleared(int slot, int errno) {
        if (errno == 0 || errno == Errno.ENOENT) {
            counters.deleted.add(inKernel.get(slot) ? 1 : 0);
            inKernel.clear(slot);
            if (!expectations.isLive(slot)) {
                expectations.free(slot);
            }
        }
    }

    private void failed(int slot, int errno) {
        attempts[slot]++;
        if (attempts[slot] < ATTEMPTS_MAX) {
            counters.retries.increment();
            return;
        }
        if (attempts[slot] == ATTEMPTS_MAX) {
            counters.refused(errno);
        }
        // From here on once with each audit.
        expectations.dirty(slot, false);
    }

    // ------------------------------------------------------------------ audit

    private int audit() {
        if (auditing) {
            kernel.pollDump(nowNs);
            if (!kernel.dumping()) {
                auditing = false;
                if (kernel.dumped()) {
                    remakeMissing();
                }
            }
            return 1;
        }
        if (nowNs - auditNs >= AUDIT_EVERY_NS && (equal || expectations.count() > 0)) {
            auditNs = nowNs;
            seen.clear();
            kernel.startDump(nowNs);
            auditing = true;
            return 1;
        }
        return 0;
    }

    /** A line of this kernel's dump. */
    void onMessage(DirectBuffer buffer, int offset, int length) {
        if (!expectation.wrap(buffer, offset, length) || !codec.read(expectation, record)) {
            counters.malformed.increment();
            return;
        }
        int slot = expectations.find(record, 0);
        if (slot >= 0) {
            seen.set(slot);
            inKernel.set(slot);
        } else if (equal && flows.find(codec.master(record, 0, master)) >= 0) {
            // From the day this node was the source: its flow is the pair's, and expects this no more.
            int left = expectations.apply(record, 0, 0, nowNs / 1_000_000);
            if (left >= 0) {
                inKernel.set(left);
                end(left);
            }
        }
    }

    private void remakeMissing() {
        for (int slot = expectations.nextLive(0); slot >= 0; slot = expectations.nextLive(slot + 1)) {
            if (seen.get(slot)) {
                continue;
            }
            if (inKernel.get(slot)) {
                inKernel.clear(slot);
                attempts[slot] = 0;
                counters.missing.increment();
            }
            expectations.renewed(slot);
            expectations.dirty(slot, true);
        }
    }
}
