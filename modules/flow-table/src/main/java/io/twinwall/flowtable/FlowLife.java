/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static io.twinwall.flowtable.SlotLayout.*;

import io.twinwall.base.Check;

/**
 * The life of a slot, and with it what depends on it: digests, dirty queue, numbers.
 *
 * <pre>
 *   free ──create──► LIVE ──kill──► DEAD ──its delta taken and released──► free
 *                     ▲               │                          │ during an audit
 *                     └────revive─────┴──────────── TOMB ◄───────┘  (free at its end)
 * </pre>
 *
 * A slot leaves the table only when nobody refers to it: it is not in the dirty queue, and every take was given back.
 */
final class FlowLife {
    private static final int WHOLE = FlowImage.ALL & ~FlowImage.ORIG;

    private final Slots slots;
    private final ExtensionPool extensions;
    private final FlowIndex index;
    private final SlotCodec codec;
    private final ContentHash contentHash;
    private final BucketDigests digests;
    private final DirtyQueue dirty;
    private final Epochs epochs;
    private int live;
    private int eligible;
    private int dead;
    private int tombs;
    private int refused;

    FlowLife(
            Slots slots,
            ExtensionPool extensions,
            FlowIndex index,
            SlotCodec codec,
            ContentHash contentHash,
            BucketDigests digests,
            DirtyQueue dirty,
            Epochs epochs) {
        this.slots = slots;
        this.extensions = extensions;
        this.index = index;
        this.codec = codec;
        this.contentHash = contentHash;
        this.digests = digests;
        this.dirty = dirty;
        this.epochs = epochs;
    }

    int live() {
        return live;
    }

    int eligible() {
        return eligible;
    }

    int dead() {
        return dead;
    }

    int refused() {
        return refused;
    }

    void refused(int slot, boolean isRefused) {
        if (slots.is(slot, REFUSED) == isRefused) {
            return;
        }
        int one = isRefused ? 1 : -1;
        refused += slots.is(slot, ELIGIBLE) ? one : 0;
        if (isRefused) {
            slots.set(slot, REFUSED);
        } else {
            slots.reset(slot, REFUSED);
        }
    }

    /** A new slot with nothing but its key, in the index. The caller has made sure that there is room. */
    int allocate(int hash, FlowImage key) {
        int slot = slots.allocate(key.isIpv6());
        codec.writeKey(slot, key);
        slots.putInt(slot, KEY_HASH, hash);
        index.insert(hash, slot);
        return slot;
    }

    int create(int slot, FlowImage image, int how, long nowMs) {
        boolean isEligible = (how & FlowTable.REPLICATE) != 0;
        codec.write(slot, image, WHOLE, nowMs);
        slots.set(slot, LIVE);
        live++;
        tell(slot, image, how);
        slots.putLong(slot, CONTENT_HASH, contentHash.of(slot));
        if (isEligible) {
            enter(slot);
            dirty.add(slot);
        }
        return FlowTable.CREATED;
    }

    /** A key comes back whose slot is still kept: when the other side may not know of the end yet, it must recreate. */
    int revive(int slot, FlowImage image, int how, long nowMs) {
        boolean wasDead = slots.is(slot, DEAD);
        slots.reset(slot, STATE);
        if (wasDead) {
            dead--;
        } else {
            tombs--;
        }
        int result = create(slot, image, how, nowMs);
        if (wasDead) {
            slots.set(slot, RECREATE);
            return slots.is(slot, ELIGIBLE) ? FlowTable.RECREATED | FlowTable.CHANGED : result;
        }
        return result;
    }

    int update(int slot, FlowImage image, int how, long nowMs) {
        boolean isFromDump = (how & FlowTable.FROM_DUMP) != 0;
        int told = isFromDump && epochs.isFresh(slot) ? slots.getInt(slot, TOUCHED) : 0;
        boolean isNewLife = isNewLife(slot, image, how);
        if (isNewLife && told != 0) {
            return FlowTable.UNCHANGED;
        }
        boolean wasEligible = slots.is(slot, ELIGIBLE);
        boolean isEligible = told != 0 ? wasEligible : (how & FlowTable.REPLICATE) != 0;
        long oldHash = slots.getLong(slot, CONTENT_HASH);
        if (wasEligible) {
            leave(slot);
        }
        int mask = isNewLife || (how & FlowTable.REPLACE) != 0 ? WHOLE & ~told : image.present() & WHOLE;
        boolean isTimed = (mask & image.present() & FlowImage.TIMEOUT) != 0;
        boolean isRecreated = codec.write(slot, image, mask & ~FlowImage.TIMEOUT, nowMs);
        isRecreated |= isNewLife || (how & FlowTable.RECREATE) != 0;
        tell(slot, image, how);
        long newHash = contentHash.of(slot);
        slots.putLong(slot, CONTENT_HASH, newHash);
        if (isEligible) {
            enter(slot);
        }
        boolean isChanged = wasEligible != isEligible || (isEligible && (isRecreated || oldHash != newHash));
        boolean isMoved = isTimed && isEligible && !isChanged && isTimeoutNews(slot, image, how, nowMs);
        if (isTimed && (isChanged || isMoved || !isEligible)) {
            codec.write(slot, image, FlowImage.TIMEOUT, nowMs);
        }
        int result = changed(
                slot, isChanged || isMoved, isRecreated && (wasEligible || isEligible || slots.is(slot, DIRTY)));
        return isMoved ? result | FlowTable.TIMEOUT_MOVED : result;
    }

    /** False when it was so before. */
    boolean replicate(int slot, boolean isEligible) {
        if (!slots.is(slot, LIVE) || slots.is(slot, ELIGIBLE) == isEligible) {
            return false;
        }
        if (isEligible) {
            enter(slot);
        } else {
            leave(slot);
        }
        dirty.add(slot);
        return true;
    }

    /** Ends a live flow. */
    void kill(int slot) {
        boolean wasEligible = slots.is(slot, ELIGIBLE);
        if (wasEligible) {
            leave(slot);
        }
        slots.flags(slot, (slots.flags(slot) & ~(LIVE | RECREATE | REFUSED)) | DEAD);
        live--;
        dead++;
        dropExtensions(slot);
        epochs.stamp(slot);
        if (wasEligible || slots.is(slot, IN_KERNEL)) {
            dirty.add(slot);
        }
        buryIfDone(slot);
    }

    /** Keeps the key of a flow that is not in the table, so that the dump that is being read does not bring it in. */
    void entomb(int slot) {
        slots.set(slot, TOMB);
        tombs++;
        epochs.stamp(slot);
    }

    void freeTomb(int slot) {
        Check.that(slots.is(slot, TOMB), "not a tombstone", slot);
        tombs--;
        free(slot);
    }

    int take() {
        int slot = dirty.poll();
        if (slot >= 0) {
            int flags = slots.flags(slot);
            if ((flags & RECREATE) != 0) {
                slots.flags(slot, (flags & ~RECREATE) | RECREATE_TAKEN);
            }
            slots.putInt(slot, HOLDS, slots.getInt(slot, HOLDS) + 1);
        }
        return slot;
    }

    void release(int slot) {
        int holds = slots.getInt(slot, HOLDS);
        Check.that(holds > 0, "a slot is released that was not taken", slot);
        slots.putInt(slot, HOLDS, holds - 1);
        if (holds == 1) {
            slots.reset(slot, RECREATE_TAKEN);
            buryIfDone(slot);
        }
    }

    void putBack(int slot) {
        int holds = slots.getInt(slot, HOLDS);
        if (holds > 0) {
            slots.putInt(slot, HOLDS, holds - 1);
            int flags = slots.flags(slot);
            if ((flags & RECREATE_TAKEN) != 0) {
                int kept = holds > 1 ? RECREATE_TAKEN : 0;
                slots.flags(slot, (flags & ~RECREATE_TAKEN) | RECREATE | kept);
            }
            dirty.add(slot);
        } else if (slots.is(slot, ELIGIBLE)) {
            dirty.add(slot);
        }
    }

    void clear() {
        live = 0;
        eligible = 0;
        dead = 0;
        tombs = 0;
        refused = 0;
    }

    int tombs() {
        return tombs;
    }

    /**
     * True when the image tells of another flow than the slot's under the same key. A NEW event of the very entry that the
     * running audit's dump has already shown is only late.
     */
    private boolean isNewLife(int slot, FlowImage image, int how) {
        int id = slots.getInt(slot, ID);
        boolean isIdKnown = id != 0 && image.has(FlowImage.ID) && image.id() != 0;
        if (isIdKnown && id != image.id()) {
            return true;
        }
        return (how & FlowTable.NEW) != 0 && !(isIdKnown && epochs.isFresh(slot));
    }

    private boolean isTimeoutNews(int slot, FlowImage image, int how, long nowMs) {
        return TimeoutRule.isNews(
                slots.getLong(slot, DEADLINE_MS),
                image.timeoutSeconds() * 1000,
                nowMs,
                (how & FlowTable.TIMEOUT_TOLD) != 0);
    }

    private int changed(int slot, boolean isChanged, boolean isRecreated) {
        if (isRecreated) {
            slots.set(slot, RECREATE);
        }
        if (isChanged) {
            dirty.add(slot);
        }
        if (isRecreated) {
            return FlowTable.RECREATED | FlowTable.CHANGED;
        }
        return isChanged ? FlowTable.CHANGED : FlowTable.UNCHANGED;
    }

    private void tell(int slot, FlowImage image, int how) {
        epochs.stamp(slot, (how & FlowTable.FROM_DUMP) != 0 ? 0 : image.present() & WHOLE);
    }

    private void enter(int slot) {
        slots.set(slot, ELIGIBLE);
        eligible++;
        refused += slots.is(slot, REFUSED) ? 1 : 0;
        digests.add(slots.getInt(slot, KEY_HASH), slots.getLong(slot, CONTENT_HASH));
    }

    private void leave(int slot) {
        slots.reset(slot, ELIGIBLE);
        eligible--;
        refused -= slots.is(slot, REFUSED) ? 1 : 0;
        digests.subtract(slots.getInt(slot, KEY_HASH), slots.getLong(slot, CONTENT_HASH));
    }

    private void buryIfDone(int slot) {
        if ((slots.flags(slot) & (DEAD | DIRTY)) != DEAD || slots.getInt(slot, HOLDS) != 0) {
            return;
        }
        dead--;
        if (epochs.isFresh(slot)) {
            slots.flags(slot, TOMB);
            tombs++;
        } else {
            free(slot);
        }
    }

    private void dropExtensions(int slot) {
        extensions.removeAll(slots.getInt(slot, EXTENSION));
        slots.putInt(slot, EXTENSION, 0);
        slots.putInt(slot, PRESENT, slots.getInt(slot, PRESENT) & ~Regions.RARE);
    }

    private void free(int slot) {
        index.remove(slots.getInt(slot, KEY_HASH), slot);
        slots.free(slot);
    }
}
