/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.netlink.ExpConst;
import io.twinwall.netlink.ExpFlyweight;
import io.twinwall.wire.ExpectsEncoder;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.PayloadWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The active's half of mirroring expectations: learns them by the kernel's events, and by a dump now and then what no event
 * tells (SIP makes an expectation valid, or prolongs it, silently); sends what changes, after the flows of the same cycle;
 * and what all come to, so that the peer asks when its own do not. On the sync agent's thread.
 */
final class ExpectSource {
    private static final long DUMP_EVERY_NS = 1_000_000_000L;
    private static final long DUMP_INACTIVE_EVERY_NS = 100_000_000L;
    private static final long DIGEST_EVERY_NS = 1_000_000_000L;
    private static final long DIGEST_OF_NONE_EVERY_NS = 5_000_000_000L;
    private static final int FRAMES_MAX = 8;

    private final ExpectTable expectations;
    private final FlowTable flows;
    private final ExpectCodec codec;
    private final ExpectKernel kernel;
    private final ExpectMasters masters;
    private final FrameSender sender;
    private final PayloadWriter payload;
    private final ExpectCounters counters;
    private final ExpFlyweight expectation = new ExpFlyweight();
    private final FlowImage master = new FlowImage();
    private final UnsafeBuffer record = new UnsafeBuffer(new byte[ExpectTable.RECORD_BYTES]);

    private long nowNs;
    private long dumpedNs;
    private boolean dumpUnderWay;
    private boolean inactive;
    private long digestNs;
    private boolean digestDue;
    private int digestCount;
    private int resendAt = -1;
    private boolean resendBegun;
    private boolean caughtUp;

    ExpectSource(
            ExpectTable expectations,
            FlowTable flows,
            ExpectCodec codec,
            ExpectKernel kernel,
            ExpectMasters masters,
            FrameSender sender,
            ExpectCounters counters) {
        this.expectations = expectations;
        this.flows = flows;
        this.codec = codec;
        this.kernel = kernel;
        this.masters = masters;
        this.sender = sender;
        payload = sender.payload();
        this.counters = counters;
    }

    /** The role begins, or another session: the kernel is asked at once, and the peer told where it stands. */
    void reset() {
        dumpedNs = nowNs - DUMP_EVERY_NS;
        dumpUnderWay = false;
        digestDue = true;
        resendAt = -1;
    }

    /** The peer's expectations are not these: all are sent. */
    void request() {
        if (resendAt < 0) {
            counters.differed.increment();
            resendAt = 0;
            resendBegun = false;
        }
    }

    /** An event of the kernel, or a message of a dump. */
    void onMessage(DirectBuffer buffer, int offset, int length) {
        if (!expectation.wrap(buffer, offset, length) || !codec.read(expectation, record)) {
            counters.malformed.increment();
            return;
        }
        if (expectation.type() == ExpConst.IPCTNL_MSG_EXP_DELETE) {
            int slot = expectations.find(record, 0);
            if (slot >= 0) {
                expectations.remove(slot);
            }
            return;
        }
        codec.master(record, 0, master);
        int flow = flows.find(master);
        if (flow < 0 || !flows.isEligible(flow)) {
            counters.unowned.increment();
            return;
        }
        int before = expectations.find(record, 0);
        long timeoutSeconds = Integer.toUnsignedLong(expectation.timeoutS());
        int slot = expectations.apply(record, 0, timeoutSeconds, nowNs / 1_000_000);
        if (slot < 0) {
            // Rather than refuse it: the peer finds by the digest what ended and was not told.
            expectations.forgetGone();
            slot = expectations.apply(record, 0, timeoutSeconds, nowNs / 1_000_000);
        }
        if (slot < 0) {
            counters.overflow.increment();
        }
        inactive |= codec.isInactive(record, 0);
        if (before < 0) {
            masters.watch(master, expectations.hashOfMaster(record, 0), nowNs);
        }
    }

    int step(long atNs, long term) {
        nowNs = atNs;
        int work = readKernel() + masters.step(nowNs) + publish(term);
        caughtUp |= !expectations.anyDirty() && !masters.hurried();
        return work;
    }

    /** A barrier is to follow all that this kernel did until now. */
    void hurry() {
        masters.hurry();
        caughtUp = false;
    }

    /**
     * True when the peer was sent all that was known at the last {@link #hurry}: what follows in the stream comes after
     * it. What came since does not count, or a source that always expects something new would never be done.
     */
    boolean published() {
        return caughtUp && resendAt < 0;
    }

    private int readKernel() {
        if (dumpUnderWay) {
            kernel.pollDump(nowNs);
            if (!kernel.dumping()) {
                dumpUnderWay = false;
                if (kernel.dumped()) {
                    sweep();
                }
            }
            return 1;
        }
        if (nowNs - dumpedNs >= (inactive ? DUMP_INACTIVE_EVERY_NS : DUMP_EVERY_NS)) {
            dumpedNs = nowNs;
            inactive = false;
            expectations.newGeneration();
            kernel.startDump(nowNs);
            dumpUnderWay = true;
            return 1;
        }
        return 0;
    }

    /** What the dump did not have is gone: an event was lost, or its flow went with a lost event. */
    private void sweep() {
        for (int slot = expectations.nextLive(0); slot >= 0; slot = expectations.nextLive(slot + 1)) {
            if (expectations.isStale(slot)) {
                expectations.remove(slot);
            }
        }
    }

    // ------------------------------------------------------------------ sending

    private int publish(long term) {
        int frames = 0;
        while (frames < FRAMES_MAX && isDue() && sender.ready()) {
            fill();
            if (sender.send(FrameKind.STATE, term) == 0) {
                break;
            }
            frames++;
        }
        return frames;
    }

    private boolean isDue() {
        return expectations.anyDirty() || resendAt >= 0 || digestIsDue();
    }

    private boolean digestIsDue() {
        boolean none = expectations.count() == 0 && digestCount == 0;
        return digestDue || nowNs - digestNs >= (none ? DIGEST_OF_NONE_EVERY_NS : DIGEST_EVERY_NS);
    }

    private void fill() {
        if (expectations.anyDirty()) {
            writeDirty();
        } else if (resendAt >= 0) {
            writeAll();
        } else if (payload.expectDigest(expectations.count(), expectations.digest())) {
            digestDue = false;
            digestCount = expectations.count();
            digestNs = nowNs;
        }
    }

    private void writeDirty() {
        int count = Math.min(payload.expectsRoom(), expectations.dirtyCount());
        ExpectsEncoder.EachEncoder group = payload.expects(count);
        int slot = expectations.nextDirty(0);
        for (int i = 0; i < count; i++) {
            boolean lives = expectations.isLive(slot);
            write(group, slot, lives);
            expectations.done(slot);
            if (!lives) {
                expectations.free(slot);
            }
            slot = expectations.nextDirty(slot + 1);
        }
    }

    private void writeAll() {
        if (!resendBegun) {
            payload.expectSweep(false);
            resendBegun = true;
        }
        int count = 0;
        int room = payload.expectsRoom();
        int end = expectations.nextLive(resendAt);
        while (end >= 0 && count < room) {
            count++;
            end = expectations.nextLive(end + 1);
        }
        if (count > 0) {
            ExpectsEncoder.EachEncoder group = payload.expects(count);
            int slot = expectations.nextLive(resendAt);
            for (int i = 0; i < count; i++) {
                write(group, slot, true);
                resendAt = slot + 1;
                slot = expectations.nextLive(resendAt);
            }
        }
        if (end < 0 && payload.expectSweep(true)) {
            resendAt = -1;
            digestDue = true;
        }
    }

    private void write(ExpectsEncoder.EachEncoder group, int slot, boolean lives) {
        group.next()
                .lives((short) (lives ? 1 : 0))
                .timeout(Math.min(Integer.MAX_VALUE, expectations.remainingSeconds(slot, nowNs / 1_000_000)));
        group.expectation()
                .buffer()
                .putBytes(
                        group.expectation().offset(),
                        expectations.records(),
                        expectations.offset(slot),
                        ExpectTable.RECORD_BYTES);
        counters.sent.increment();
    }
}
