/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.flowtable.SlotCursor;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlError;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlTransport;
import java.util.BitSet;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2IntHashMap;
import org.agrona.collections.IntArrayList;

/**
 * Puts the mirror's changed flows into this kernel: the newest state of each, in batches of one {@code sendmsg} with an
 * acknowledgement on the last request, so that the kernel's answer to each is known before its mark is cleared. One
 * thread injects (ctnetlink takes a machine-wide mutex): the sync agent's.
 *
 * <p>A flow the kernel refuses is tried again, each time with less asked of it: delete and create, then without master
 * and helper (and so is it updated from then on); after {@link #ATTEMPTS_MAX} it is counted as refused and left until it changes again.
 * One whose master is not there waits for it as long as that may be on its way ({@link #masters}).
 *
 * <p>The passive's kernel sees no packets of these flows, so its timeouts would run out under flows that live; each is
 * given {@link #HOLD_SECONDS} more than it has, renewed while the mirror holds it, and corrected at takeover.
 */
final class Injector implements NlDatagramHandler, AutoCloseable {
    /** What is added to each timeout while this node is the mirror. */
    static final long HOLD_SECONDS = 600;

    /** Least time a flow gets at takeover: the source tells of changes, not of each packet that prolonged a life. */
    static final long FLOOR_SECONDS = 120;

    private static final int BATCH = 128;
    private static final int BUFFER_BYTES = 2 * BATCH * CtEncoder.MESSAGE_BYTES_MAX;
    private static final int ATTEMPTS_MAX = 3;
    private static final int BARE_ATTEMPT = 2;
    private static final int ORPHANS = 1 << 12;
    private static final int ADOPT_SLOTS = 4096;
    private static final int ACK_POLLS_MAX = 1000;

    /** With a pause of a millisecond between them; whatever is not sent then is tried again in the next cycle. */
    private static final int SEND_TRIES = 8;

    private static final int CREATE = 1;
    private static final int UPDATE = 2;
    private static final int DELETE = 3;
    /** The deleting half of delete-and-create: its failure is no news. */
    private static final int CLEAR = 4;

    private static final int TIMEOUT = 5;
    private static final int EVICT = 6;
    private static final int NO_SLOT = -1;

    private final FlowTable table;
    private final NlTransport transport;
    private final NanoClock clock;
    private final MutableDirectBuffer buffer;
    private final CtEncoder encoder = new CtEncoder();
    private final EntryEncoder entries = new EntryEncoder(encoder);
    private final FlowImage image = new FlowImage();
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private final Int2IntHashMap attempts = new Int2IntHashMap(1 << 12, 0.6f, 0);
    /** Slots whose entry here has no helper, or not the flow's: an update that named it would be refused as a whole. */
    private final BitSet bare;

    /** Slots whose master this kernel lacked in this step. */
    private final IntArrayList orphans = new IntArrayList(ORPHANS, IntArrayList.DEFAULT_NULL_VALUE);

    private final SlotCursor renewal;
    private final SlotConsumer onRenewal = this::renewSlot;
    private final SlotConsumer onAdoption = this::adoptSlot;
    private final InjectCounters counters;

    // The batch under way: request i has sequence number firstSeq + i.
    private final int[] slots = new int[2 * BATCH];
    private final int[] operations = new int[2 * BATCH];
    private final boolean[] fixed = new boolean[2 * BATCH];
    private final int[] errnos = new int[2 * BATCH];
    private int requests;
    private int firstSeq;
    private int nextSeq = 1;
    private int lastOffset;
    private boolean acknowledged;

    /** What was put back is behind newer flows in the queue: until that was empty once, order proves nothing. */
    private boolean puttingBack;

    private Masters masters = Masters.NONE_COME;
    private long taken;
    private long nowMs;

    /** What may be hoped for a flow whose master is not there. */
    enum Masters {
        /** The mirror is not whole yet, and what stands in a bucket or a frame has no order: it is on its way. */
        COME,
        /** The master's own change may be one frame behind. */
        MAY_COME,
        /** Nothing is waited for any more. */
        NONE_COME
    }

    Injector(FlowTable table, NlTransport transport, MutableDirectBuffer buffer, NanoClock clock, Counters counters) {
        Check.that(buffer.capacity() >= BUFFER_BYTES, "injector buffer", buffer.capacity());
        this.table = table;
        this.transport = transport;
        this.buffer = buffer;
        this.clock = clock;
        this.counters = new InjectCounters(counters);
        bare = new BitSet(table.flowsMax());
        this.renewal = table.cursor();
    }

    static int bufferBytes() {
        return BUFFER_BYTES;
    }

    /** The port id by which this kernel marks the events that these injections cause. */
    int portId() {
        return transport.portId();
    }

    /** Flows of the dirty queue taken since start; grows by one for each. */
    long taken() {
        return taken;
    }

    /** Flows this kernel holds because they were injected. */
    long installed() {
        return counters.installed.get();
    }

    /** More than 0 while flows wait to be tried again: refused once, or not sent for want of memory. */
    int retrying() {
        return attempts.size() + (puttingBack ? 1 : 0);
    }

    /** Marks set for the one role's consumer mean nothing to the other's, nor is what was refused to it a precedent. */
    void dropMarks() {
        int slot = table.takeDirty();
        while (slot >= 0) {
            table.release(slot);
            slot = table.takeDirty();
        }
        attempts.clear();
        bare.clear();
    }

    /**
     * This node was the source until now: its kernel made all these flows itself and holds them. What was not replicated
     * (TCP not answered) is left to the kernel alone: no event will tell of its end any more, and no peer knows it.
     *
     * <p>TCP that this kernel judges by windows of its own is updated, once: when the role comes back, the windows are those
     * of the day it went, and every segment would be invalid. An injected entry judges by none ({@code BE_LIBERAL}). Updated
     * at once is also what has less time left than renewals keep up: their first round may take longer than that.
     */
    void adopt() {
        nowMs = clock.nanoTime() / 1_000_000;
        counters.installed.set(0);
        SlotCursor all = table.cursor();
        while (!all.done()) {
            all.advance(ADOPT_SLOTS, onAdoption);
        }
    }

    /** This kernel lost the flow in {@code slot} by itself: it is made anew. */
    void missing(int slot) {
        if (table.isEligible(slot)) {
            uninstalled(slot);
            table.markDirty(slot);
        }
    }

    /** This kernel changed the flow in {@code slot} by itself: it is brought back to what the table says. */
    void moved(int slot) {
        if (table.isEligible(slot)) {
            table.markDirty(slot);
        }
    }

    /**
     * Removes an entry that is nobody's flow; the batch is sent by {@link #flush} or when it is full, and what fails is
     * found again.
     */
    void evict(FlowImage entry) {
        if (requests == 0) {
            begin();
        }
        entries.deleteThis(entry, note(NO_SLOT, EVICT));
        if (requests == BATCH) {
            flush();
        }
    }

    /** From the next step on. */
    void masters(Masters hope) {
        masters = hope;
    }

    /** Takes at most {@code flowsMax} changed flows to the kernel. Returns how many. */
    int step(int flowsMax) {
        int done = 0;
        while (done < flowsMax && table.dirtyCount() > 0) {
            int took = batch(Math.min(BATCH, flowsMax - done));
            if (took == 0) {
                break;
            }
            done += took;
        }
        for (int i = 0; i < orphans.size(); i++) {
            table.markDirty(orphans.getInt(i));
            puttingBack = true;
        }
        orphans.clear();
        return done;
    }

    /** Marks flows whose time in this kernel runs out, {@code slotsMax} slots of the table at a time. */
    void renew(int slotsMax) {
        nowMs = clock.nanoTime() / 1_000_000;
        renewal.advance(slotsMax, onRenewal);
        if (renewal.done()) {
            renewal.restart();
        }
    }

    /** Gives one flow its own timeout back; the batch is sent by {@link #flush} or when it is full. */
    void correctTimeout(int slot) {
        if (!table.inKernel(slot) || table.kernelDeadlineMs(slot) == 0) {
            return;
        }
        if (requests == 0) {
            begin();
            nowMs = clock.nanoTime() / 1_000_000;
        }
        table.read(slot, image);
        table.kernelDeadlineMs(slot, 0);
        if (EntryEncoder.isFixed(image)) {
            return;
        }
        entries.timeout(image, note(slot, TIMEOUT), ownSeconds(slot));
        if (requests == BATCH) {
            flush();
        }
    }

    /** What the flow may have left on the source, as far as the mirror was told; no more than it had when it was told. */
    private long ownSeconds(int slot) {
        long remainingMs = table.remainingMs(slot, nowMs);
        long mostMs = remainingMs + FlowTable.timeoutSlackMs(remainingMs);
        return Math.max(FLOOR_SECONDS, Math.min(image.timeoutSeconds(), mostMs / 1000));
    }

    void flush() {
        if (requests > 0) {
            // Unsent, the flows keep the slack that the mirror gave them, which does no harm.
            if (!exchange()) {
                counters.unsent.add(requests);
            }
            requests = 0;
        }
    }

    @Override
    public void onDatagram(DirectBuffer datagram, int offset, int length) {
        reader.wrap(datagram, offset, length);
        while (reader.next()) {
            if (reader.type() != NlConst.NLMSG_ERROR || !error.wrap(reader)) {
                continue;
            }
            int index = error.seq() - firstSeq;
            if (index >= 0 && index < requests) {
                errnos[index] = error.errno();
                if (index == requests - 1) {
                    acknowledged = true;
                }
            }
        }
    }

    @Override
    public void close() {
        transport.close();
    }

    private int batch(int flowsMax) {
        begin();
        int took = 0;
        while (took < flowsMax) {
            int slot = table.takeDirty();
            if (slot < 0) {
                break;
            }
            took++;
            encode(slot);
        }
        taken += took;
        if (requests > 0) {
            boolean sent = exchange();
            if (sent) {
                settle();
            } else {
                putBack();
                took = 0;
            }
            requests = 0;
        }
        puttingBack &= table.dirtyCount() > 0;
        return took;
    }

    private void begin() {
        nowMs = clock.nanoTime() / 1_000_000;
        encoder.wrap(buffer, 0, BUFFER_BYTES);
        requests = 0;
        firstSeq = nextSeq;
        acknowledged = false;
    }

    private void encode(int slot) {
        if (table.isDead(slot)) {
            if (table.inKernel(slot)) {
                table.read(slot, image);
                entries.delete(image, note(slot, DELETE));
            } else {
                release(slot);
            }
            return;
        }
        table.read(slot, image);
        int attempt = attempts.get(slot);
        long timeoutSeconds = table.remainingMs(slot, nowMs) / 1000 + (EntryEncoder.isFixed(image) ? 0 : HOLD_SECONDS);
        boolean known = table.inKernel(slot);
        if (known && attempt == 0 && !table.needsRecreate(slot)) {
            entries.update(image, note(slot, UPDATE), timeoutSeconds, bare.get(slot));
            return;
        }
        if (known || attempt > 0) {
            entries.delete(image, note(slot, CLEAR));
        }
        entries.create(image, note(slot, CREATE), timeoutSeconds, attempt >= BARE_ATTEMPT);
    }

    private int note(int slot, int operation) {
        slots[requests] = slot;
        fixed[requests] = EntryEncoder.isFixed(image);
        operations[requests] = operation;
        errnos[requests] = 0;
        requests++;
        lastOffset = encoder.position();
        return nextSeq++;
    }

    /** Nothing of the batch reached the kernel: all of it is still to be done, and no flow has failed. */
    private void putBack() {
        counters.unsent.add(requests);
        puttingBack = true;
        for (int i = 0; i < requests; i++) {
            if (operations[i] != CLEAR) {
                table.markDirty(slots[i]);
            }
        }
    }

    /** Sends the batch and reads until the kernel has answered its last request. False: short of memory, not sent. */
    private boolean exchange() {
        encoder.addFlags(lastOffset, NlConst.NLM_F_ACK);
        int sent = transport.send(buffer, 0, encoder.length());
        for (int tries = 1; sent < 0 && tries < SEND_TRIES && transientError(-sent); tries++) {
            transport.await(1);
            sent = transport.send(buffer, 0, encoder.length());
        }
        if (sent < 0) {
            if (transientError(-sent)) {
                return false;
            }
            throw Errno.fatal("inject conntrack entries", -sent);
        }
        for (int polls = 0; !acknowledged; polls++) {
            Check.that(polls < ACK_POLLS_MAX, "the kernel did not acknowledge a batch of requests", requests);
            if (transport.poll(this) == 0) {
                transport.await(1);
            }
        }
        counters.batches.increment();
        return true;
    }

    private static boolean transientError(int errno) {
        return errno == Errno.ENOBUFS || errno == Errno.EAGAIN || errno == Errno.ENOMEM || errno == Errno.EINTR;
    }

    private void settle() {
        for (int i = 0; i < requests; i++) {
            int slot = slots[i];
            int errno = errnos[i];
            switch (operations[i]) {
                case CLEAR -> uninstalled(slot);
                case DELETE -> {
                    if (errno == 0 || errno == Errno.ENOENT) {
                        counters.deleted.increment();
                        uninstalled(slot);
                        release(slot);
                    } else {
                        failed(slot, errno);
                    }
                }
                case CREATE -> {
                    if (errno == 0) {
                        bare.set(slot, attempts.get(slot) >= BARE_ATTEMPT);
                        installed(slot, CREATE, fixed[i]);
                    } else if (errno == Errno.ENOENT && awaitsMaster(slot)) {
                        counters.retries.increment();
                        orphans.addInt(slot);
                    } else {
                        failed(slot, errno);
                    }
                }
                case UPDATE -> {
                    if (errno == 0) {
                        installed(slot, UPDATE, fixed[i]);
                    } else if (isForHelper(slot, errno)) {
                        // The entry stays where it is, and is updated without.
                        bare.set(slot);
                        counters.retries.increment();
                        table.markDirty(slot);
                    } else {
                        failed(slot, errno);
                    }
                }
                default -> Check.that(false, "operation", operations[i]);
            }
        }
    }

    private void installed(int slot, int operation, boolean isFixed) {
        if (!table.inKernel(slot)) {
            counters.installed.add(1);
            table.inKernel(slot, true);
        }
        table.windowed(slot, false);
        (operation == CREATE ? counters.created : counters.updated).increment();
        // A fixed timeout can be neither held nor renewed, and need not: it runs out here when it does there.
        table.kernelDeadlineMs(
                slot, isFixed ? Long.MAX_VALUE : nowMs + table.remainingMs(slot, nowMs) + HOLD_SECONDS * 1000);
        release(slot);
    }

    /** True when the flow is to be tried again in the next step, when its master may have come. */
    private boolean awaitsMaster(int slot) {
        table.read(slot, image);
        if (!image.has(FlowImage.MASTER)) {
            return false;
        }
        boolean first = attempts.get(slot) == 0;
        if (masters == Masters.MAY_COME && first) {
            attempts.put(slot, 1);
        }
        return masters == Masters.COME || (masters == Masters.MAY_COME && first);
    }

    /** True when an update may have been refused because the entry's helper is not the flow's (ctnetlink_change_helper). */
    private boolean isForHelper(int slot, int errno) {
        if (bare.get(slot) || !(errno == Errno.EOPNOTSUPP || errno == Errno.EBUSY || errno == Errno.EINVAL)) {
            return false;
        }
        table.read(slot, image);
        return EntryEncoder.updateNamesHelper(image);
    }

    private void uninstalled(int slot) {
        bare.clear(slot);
        if (table.inKernel(slot)) {
            counters.installed.add(-1);
            table.inKernel(slot, false);
        }
    }

    private void failed(int slot, int errno) {
        int attempt = attempts.get(slot) + 1;
        if (attempt < ATTEMPTS_MAX) {
            attempts.put(slot, attempt);
            counters.retries.increment();
            table.markDirty(slot);
        } else {
            uninstalled(slot);
            if (table.isEligible(slot)) {
                table.refused(slot);
            }
            counters.refused.increment();
            counters.failure(errno);
            release(slot);
        }
    }

    private void release(int slot) {
        if (!attempts.isEmpty()) {
            attempts.remove(slot);
        }
        table.release(slot);
    }

    private void adoptSlot(int slot) {
        if (table.isEligible(slot)) {
            table.inKernel(slot, true);
            // Believed, not seen.
            table.takeChecked(slot);
            table.kernelDeadlineMs(slot, nowMs + table.remainingMs(slot, nowMs));
            counters.installed.add(1);
            if (table.isWindowed(slot)) {
                table.markDirty(slot);
                counters.opened.increment();
            } else if (runsOut(slot)) {
                table.markDirty(slot);
                counters.renewed.increment();
            }
        } else {
            table.inKernel(slot, false);
            table.read(slot, image);
            table.remove(image);
        }
    }

    private void renewSlot(int slot) {
        if (!table.inKernel(slot)) {
            // Refused before; what stood in its way may be gone.
            table.markDirty(slot);
        } else if (runsOut(slot)) {
            table.markDirty(slot);
            counters.renewed.increment();
        }
    }

    private boolean runsOut(int slot) {
        return table.kernelDeadlineMs(slot) - nowMs < HOLD_SECONDS * 1000 / 2;
    }
}
