/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static io.twinwall.flowtable.SlotLayout.*;

import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.OffHeap;
import java.nio.ByteOrder;
import java.util.function.IntPredicate;

/**
 * The newest state of every flow, on either side of a pair: fed by the kernel's events on the active, by deltas on the
 * passive. It coalesces: a flow that changed is in the dirty queue once, however often it changed, and who takes it reads
 * its newest state. Digests per bucket tell whether two tables hold the same.
 *
 * <p>One thread. Flows live off the heap in memory of the {@link OffHeap}; nothing is allocated after construction. A
 * flow is named by its slot, a number that stays the same while the flow lives and that must not be kept longer, except
 * between {@link #takeDirty} and {@link #release}, which keep the slot from being used anew.
 *
 * <p>A flow is held as soon as it is applied, but is content of the digests and of the dirty queue only while
 * <i>eligible</i> for replication ({@link #REPLICATE}).
 */
public final class FlowTable {
    // How to apply; bits to be combined.

    /** Attributes the image lacks stay as they are. For events. */
    public static final int MERGE = 0;
    /** Attributes the image lacks are reset. For dumps and deltas. */
    public static final int REPLACE = 1;
    /** The flow is eligible for replication. Without it, it is held and not replicated. */
    public static final int REPLICATE = 1 << 1;
    /** The image is a kernel's NEW event: whatever lives under its key has ended unseen. */
    public static final int NEW = 1 << 2;
    /** The image is from the dump of the running audit; what events said since its beginning is newer. */
    public static final int FROM_DUMP = 1 << 3;
    /** The sender says that the flow must be deleted and created, whatever the table finds. */
    public static final int RECREATE = 1 << 4;
    /** The remaining time is what the sender believes now, and is taken as it is: for deltas. */
    public static final int TIMEOUT_TOLD = 1 << 5;

    // What applying did; bits.

    /** Nothing of what is replicated. Times and counters may have changed. */
    public static final int UNCHANGED = 0;

    public static final int CREATED = 1;
    /** Replicated content or eligibility changed. */
    public static final int CHANGED = 1 << 1;
    /** Comes with CHANGED: an update is not enough, the other kernel must delete and create. */
    public static final int RECREATED = 1 << 2;
    /** The table is full; the flow was not taken. */
    public static final int REFUSED_FULL = 1 << 3;
    /** The image has no family or no original tuple. */
    public static final int REFUSED_KEY = 1 << 4;
    /** A dump showed a flow that was destroyed while it was being read; ignored. */
    public static final int GHOST = 1 << 5;
    /** Comes with CHANGED: the remaining time was off by more than the bound, and nothing else changed. */
    public static final int TIMEOUT_MOVED = 1 << 6;

    // What removing did.

    public static final int REMOVED = 1;
    /** No such flow lives. */
    public static final int UNKNOWN = 2;
    /** A later flow (another id) lives under the key; it was left alone. */
    public static final int STALE = 3;

    private final int flowsMax;
    private final Slots slots;
    private final ExtensionPool extensions;
    private final FlowIndex index;
    private final KeyHash keyHash;
    private final SlotCodec codec;
    private final BucketDigests digests;
    private final BucketWalk readWalk;
    private final BucketWalk sweepWalk;
    private final DirtyQueue dirty;
    private final Epochs epochs;
    private final FlowLife life;
    private final Counter refusedFull;
    private final Counter refusedKey;
    private final Counter ghosts;
    private final Counter stale;
    private final Counter flowsGauge;
    private TableWatcher watcher;
    private int appliedSlot = -1;
    private int sweepSlot = -1;

    /** Makes an empty table; reserves address space for {@code flowsMax} flows of either family and touches none of it. */
    public FlowTable(OffHeap memory, FlowTableConfig config, Counters counters) {
        Check.that(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the table's layouts are little-endian");
        flowsMax = config.flowsMax();
        slots = new Slots(memory, flowsMax);
        extensions = new ExtensionPool(memory, flowsMax);
        index = new FlowIndex(memory, flowsMax);
        keyHash = new KeyHash(config.hashSeed());
        codec = new SlotCodec(slots, extensions);
        digests = new BucketDigests(config.bucketBits());
        readWalk = new BucketWalk(index, digests);
        sweepWalk = new BucketWalk(index, digests);
        dirty = new DirtyQueue(slots);
        epochs = new Epochs(slots, config.buckets());
        ContentHash contentHash = new ContentHash(config, slots, extensions);
        life = new FlowLife(slots, extensions, index, codec, contentHash, digests, dirty, epochs);
        refusedFull = counters.counter(
                "flow_table_refused_full_total", "Flows not taken because the table was full: raise sync.flows-max.");
        refusedKey = counters.counter("flow_table_refused_key_total", "Flows not taken because their key was missing.");
        ghosts = counters.counter(
                "flow_table_ghosts_total", "Dump messages ignored because their flow was destroyed meanwhile.");
        stale = counters.counter("flow_table_stale_destroys_total", "Destroys ignored because a later flow lives.");
        flowsGauge = counters.gauge("flow_table_flows", "Flows that live in the table.");
    }

    /** From now on {@code listener} hears of each flow that changes, though not of {@link #clear}. */
    public void watch(TableWatcher listener) {
        watcher = listener;
    }

    // Changing.

    /**
     * Takes in what is known of one flow.
     *
     * @param image what is known; copied
     * @param how MERGE or REPLACE, with REPLICATE, NEW, FROM_DUMP, RECREATE
     * @param nowMs monotonic milliseconds, from which the deadline follows
     * @return UNCHANGED, or bits of what happened
     */
    public int apply(FlowImage image, int how, long nowMs) {
        appliedSlot = -1;
        if (!isKeyed(image)) {
            refusedKey.increment();
            return REFUSED_KEY;
        }
        int hash = keyHash.of(image);
        int slot = lookUp(hash, image);
        int result;
        if (slot < 0) {
            if (slots.used() >= flowsMax) {
                refusedFull.increment();
                return REFUSED_FULL;
            }
            slot = life.allocate(hash, image);
            result = life.create(slot, image, how, nowMs);
        } else if (slots.is(slot, LIVE)) {
            result = life.update(slot, image, how, nowMs);
        } else if ((how & FROM_DUMP) != 0 && epochs.isFresh(slot)) {
            ghosts.increment();
            return GHOST;
        } else {
            result = life.revive(slot, image, how, nowMs);
        }
        appliedSlot = slot;
        flowsGauge.set(life.live());
        if (watcher != null && (result & (CREATED | CHANGED | RECREATED)) != 0) {
            watcher.changed(slot, (result & CREATED) != 0);
        }
        return result;
    }

    /** The slot of the last {@link #apply}, or -1 when it took nothing. */
    public int appliedSlot() {
        return appliedSlot;
    }

    /** Makes a live flow eligible for replication, or no longer so, and leaves all else as it is. */
    public void replicate(int slot, boolean isReplicated) {
        slots.check(slot);
        if (life.replicate(slot, isReplicated) && watcher != null) {
            watcher.changed(slot, false);
        }
    }

    /**
     * Ends the flow of {@code key}, of which the key and, when present, the id matter.
     *
     * @return REMOVED, UNKNOWN or STALE
     */
    public int remove(FlowImage key) {
        if (!isKeyed(key)) {
            refusedKey.increment();
            return UNKNOWN;
        }
        int hash = keyHash.of(key);
        int slot = lookUp(hash, key);
        if (slot < 0) {
            if (epochs.isDumping() && slots.used() < flowsMax) {
                life.entomb(life.allocate(hash, key));
            }
            return UNKNOWN;
        }
        if (!slots.is(slot, LIVE)) {
            epochs.stamp(slot);
            return UNKNOWN;
        }
        int id = slots.getInt(slot, ID);
        if (key.has(FlowImage.ID) && id != 0 && key.id() != 0 && id != key.id()) {
            stale.increment();
            return STALE;
        }
        end(slot, null);
        flowsGauge.set(life.live());
        return REMOVED;
    }

    /** Forgets everything, what the kernel holds as well. Nobody may hold a taken slot. */
    public void clear() {
        index.clear();
        slots.clear();
        extensions.clear();
        digests.clear();
        dirty.clear();
        life.clear();
        epochs.phase(Epochs.IDLE);
        appliedSlot = -1;
        flowsGauge.set(0);
    }

    // Looking.

    /** The slot of the live flow of {@code key}, or -1. */
    public int find(FlowImage key) {
        int slot = isKeyed(key) ? lookUp(keyHash.of(key), key) : -1;
        return slot >= 0 && slots.is(slot, LIVE) ? slot : -1;
    }

    /** True when the table has heard of {@code key}: the flow lives, or its end is still under way. */
    public boolean knows(FlowImage key) {
        return isKeyed(key) && lookUp(keyHash.of(key), key) >= 0;
    }

    /**
     * Fills {@code out} with all that is known of the flow, its timeout as last seen in full. Of a dead flow, the rare
     * attributes are gone.
     */
    public void read(int slot, FlowImage out) {
        slots.check(slot);
        codec.read(slot, out);
    }

    public boolean isLive(int slot) {
        return slots.is(slot, LIVE);
    }

    public boolean isEligible(int slot) {
        return slots.is(slot, ELIGIBLE);
    }

    public int id(int slot) {
        return slots.getInt(slot, ID);
    }

    /** The timeout as last seen, unsigned seconds. */
    public long timeoutSeconds(int slot) {
        return slots.getInt(slot, TIMEOUT_SECONDS) & 0xffff_ffffL;
    }

    /**
     * How far the remaining time of a flow may be from what the table believes, and the other node with it, before that is
     * a change: a minute, or a sixteenth of what remains.
     */
    public static long timeoutSlackMs(long remainingMs) {
        return Math.max(TimeoutRule.SLACK_MIN_MS, remainingMs / TimeoutRule.SLACK_SHARE);
    }

    /** When the flow ends unless something is heard of it, on the clock of {@link #apply}'s {@code nowMs}. */
    public long deadlineMs(int slot) {
        return slots.getLong(slot, DEADLINE_MS);
    }

    /** What is left of the timeout, at least 0. */
    public long remainingMs(int slot, long nowMs) {
        return Math.max(0, deadlineMs(slot) - nowMs);
    }

    /** A walk over all live flows. */
    public SlotCursor cursor() {
        return new SlotCursor(slots);
    }

    // The dirty queue. Every slot taken is given back exactly once, by release or markDirty.

    /** The slot that waits longest for its change to go out, or -1. It is out of the queue until it changes again. */
    public int takeDirty() {
        return life.take();
    }

    /** True when the flow is no longer to be replicated, because it ended or because it is not eligible: delete it. */
    public boolean isDead(int slot) {
        return !slots.is(slot, ELIGIBLE);
    }

    /** True when the other kernel must delete and create the flow; asked between taking and releasing. */
    public boolean needsRecreate(int slot) {
        int flags = slots.flags(slot);
        return (flags & ELIGIBLE) != 0 && (flags & (RECREATE | RECREATE_TAKEN)) != 0;
    }

    /** The change taken is out: frees the slot of a dead flow. What changed meanwhile is in the queue again. */
    public void release(int slot) {
        slots.check(slot);
        life.release(slot);
    }

    /** Puts back a slot that was taken; or marks an eligible flow that was not, so that it is sent anew. */
    public void markDirty(int slot) {
        slots.check(slot);
        life.putBack(slot);
    }

    public int dirtyCount() {
        return dirty.count();
    }

    /** True while a change of the flow waits to go out, or somebody holds it taken. */
    public boolean isUnderWay(int slot) {
        return slots.is(slot, DIRTY) || slots.getInt(slot, HOLDS) > 0;
    }

    // What the injector knows of its kernel; kept until the slot is freed, also over death and revival.

    /** True when this node's kernel holds the flow. A flow in the kernel that ends is dirty even if not eligible. */
    public boolean inKernel(int slot) {
        return slots.is(slot, IN_KERNEL);
    }

    public void inKernel(int slot, boolean isInKernel) {
        slots.check(slot);
        if (isInKernel) {
            slots.set(slot, IN_KERNEL | CHECKED);
            life.refused(slot, false);
        } else {
            slots.reset(slot, IN_KERNEL);
        }
    }

    /** Notes that this node's kernel was seen to hold the flow. */
    public void checked(int slot) {
        slots.check(slot);
        slots.set(slot, CHECKED);
    }

    /** True when the flow was seen in this node's kernel, or put there, since this was asked last. */
    public boolean takeChecked(int slot) {
        boolean was = slots.is(slot, CHECKED);
        slots.reset(slot, CHECKED);
        return was;
    }

    /** Notes that this node's kernel would not take the flow; forgotten when it is in the kernel, or ends. */
    public void refused(int slot) {
        slots.check(slot);
        life.refused(slot, true);
    }

    /** Eligible flows that this node's kernel would not take. */
    public int refusedCount() {
        return life.refused();
    }

    /**
     * True when this node's kernel judges the TCP connection by the windows it has seen itself: once packets have passed
     * elsewhere, it takes live ones for invalid. Says nothing of the flow, and is no content.
     */
    public boolean isWindowed(int slot) {
        return slots.is(slot, WINDOWED);
    }

    public void windowed(int slot, boolean isWindowed) {
        slots.check(slot);
        if (isWindowed) {
            slots.set(slot, WINDOWED);
        } else {
            slots.reset(slot, WINDOWED);
        }
    }

    public long kernelDeadlineMs(int slot) {
        return slots.getLong(slot, KERNEL_DEADLINE_MS);
    }

    public void kernelDeadlineMs(int slot, long deadlineMs) {
        slots.check(slot);
        slots.putLong(slot, KERNEL_DEADLINE_MS, deadlineMs);
    }

    // Buckets.

    public int buckets() {
        return digests.buckets();
    }

    /** Of the eligible flows of a bucket; equal on two tables of one configuration when these flows are equal. */
    public long digest(int bucket) {
        return digests.sum(bucket);
    }

    /** Number of eligible flows of a bucket. */
    public int count(int bucket) {
        return digests.count(bucket);
    }

    public int bucketOf(int slot) {
        return digests.bucketOf(slots.getInt(slot, KEY_HASH));
    }

    public int bucketOf(FlowImage key) {
        return digests.bucketOf(keyHash.of(key));
    }

    /** Hands over the eligible flows of a bucket, all as of now. */
    public void forEachInBucket(int bucket, SlotConsumer consumer) {
        readWalk.begin(bucket);
        for (int slot = readWalk.next(); slot >= 0; slot = readWalk.next()) {
            if (slots.is(slot, ELIGIBLE)) {
                consumer.accept(slot);
            }
        }
    }

    // Sweeping: after everything that exists was applied, what was not is removed.

    /** Begins a sweep of one bucket; several may be open. */
    public void beginBucket(int bucket) {
        epochs.beginBucket(bucket);
    }

    /**
     * Removes the flows of the bucket that were not applied since its {@link #beginBucket}; each is handed to {@code
     * doomed}, unless null, before.
     *
     * @return how many
     */
    public int endBucket(int bucket, SlotConsumer doomed) {
        int removed = 0;
        sweepWalk.begin(bucket);
        for (int slot = sweepWalk.next(); slot >= 0; slot = sweepWalk.next()) {
            if (slots.is(slot, LIVE) && !epochs.isSeenByBucket(slot, bucket)) {
                removed++;
                end(slot, doomed);
                if (!slots.is(slot, STATE)) {
                    sweepWalk.removed();
                }
            }
        }
        flowsGauge.set(life.live());
        return removed;
    }

    /**
     * Begins an audit against the kernel's dump. From here on destroyed flows are remembered until the audit ends, so that
     * dump messages from before their end do not bring them back. Begins anew when one was running.
     */
    public void beginAudit() {
        epochs.beginAudit();
        sweepSlot = -1;
    }

    /** True from {@link #beginAudit} until its sweep is done. */
    public boolean auditing() {
        return epochs.phase() != Epochs.IDLE;
    }

    /** Lets the running audit's sweep, if there is one, pass over the flow, as if the dump had shown it. */
    public void spare(int slot) {
        slots.check(slot);
        epochs.stamp(slot, 0);
    }

    /**
     * The dump is complete: removes the flows that neither it nor an event has shown since {@link #beginAudit}, looking at
     * up to {@code slotsMax} slots. Events may be applied between the calls. Each flow is offered to {@code ends}, unless
     * null, before, and stays if that answers false.
     *
     * @return true when the audit is over
     */
    public boolean sweepAudit(int slotsMax, IntPredicate ends) {
        Check.that(auditing(), "no audit to end");
        epochs.phase(Epochs.SWEEPING);
        for (int i = 0; i < slotsMax; i++) {
            sweepSlot = slots.next(sweepSlot);
            if (sweepSlot < 0) {
                epochs.phase(Epochs.IDLE);
                flowsGauge.set(life.live());
                return true;
            }
            if (slots.is(sweepSlot, TOMB)) {
                life.freeTomb(sweepSlot);
            } else if (slots.is(sweepSlot, LIVE)
                    && !epochs.isSeenByAudit(sweepSlot)
                    && (ends == null || ends.test(sweepSlot))) {
                end(sweepSlot, null);
            }
        }
        return false;
    }

    /** Ends an audit whose dump failed: nothing is removed but the tombstones. */
    public void cancelAudit() {
        for (int slot = slots.next(-1); slot >= 0; slot = slots.next(slot)) {
            if (slots.is(slot, TOMB)) {
                life.freeTomb(slot);
            }
        }
        epochs.phase(Epochs.IDLE);
    }

    // Numbers.

    /** Live flows. */
    public int size() {
        return life.live();
    }

    /** Live flows that are replicated. */
    public int eligibleCount() {
        return life.eligible();
    }

    /** Ended flows whose end has yet to be taken and released. */
    int deadCount() {
        return life.dead();
    }

    /** Ended flows that the running audit remembers. */
    int tombCount() {
        return life.tombs();
    }

    public int flowsMax() {
        return flowsMax;
    }

    /** For status pages; allocates. */
    public MemoryStatistics memory() {
        return new MemoryStatistics(
                slots.usedIpv4(),
                slots.usedIpv6(),
                extensions.used(),
                slots.touchedBytes(),
                extensions.touchedBytes(),
                index.bytes());
    }

    private static boolean isKeyed(FlowImage image) {
        int family = image.family();
        return image.has(FlowImage.ORIG) && (family == FlowImage.AF_INET || family == FlowImage.AF_INET6);
    }

    private void end(int slot, SlotConsumer doomed) {
        if (doomed != null) {
            doomed.accept(slot);
        }
        if (watcher != null) {
            watcher.ending(slot);
        }
        life.kill(slot);
    }

    private int lookUp(int hash, FlowImage key) {
        int place = index.home(hash);
        for (long entry = index.entry(place); entry != 0; entry = index.entry(place)) {
            if (FlowIndex.hashOf(entry) == hash && codec.keyEquals(FlowIndex.slotOf(entry), key)) {
                return FlowIndex.slotOf(entry);
            }
            place = index.next(place);
        }
        return FlowIndex.NOT_FOUND;
    }
}
