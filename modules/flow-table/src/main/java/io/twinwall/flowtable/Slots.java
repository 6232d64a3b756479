/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.Check;
import io.twinwall.base.OffHeap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * All slots by one number: IPv4 ones from 0, IPv6 ones from {@code flowsMax}. Either family may fill the whole table,
 * since memory that is never touched costs nothing. One thread.
 */
final class Slots {
    private final SlotPool ipv4;
    private final SlotPool ipv6;
    private final int flowsMax;

    Slots(OffHeap memory, int flowsMax) {
        this.flowsMax = flowsMax;
        this.ipv4 = new SlotPool(memory, flowsMax, SlotLayout.SLOT_BYTES_V4, SlotLayout.ADDRESSES_V4);
        this.ipv6 = new SlotPool(memory, flowsMax, SlotLayout.SLOT_BYTES_V6, SlotLayout.ADDRESSES_V6);
    }

    boolean isIpv6(int slot) {
        return slot >= flowsMax;
    }

    /** Bytes of one address of the slot. */
    int addressBytes(int slot) {
        return isIpv6(slot) ? 16 : 4;
    }

    UnsafeBuffer buffer(int slot) {
        return isIpv6(slot) ? ipv6.buffer() : ipv4.buffer();
    }

    /** Offset of the slot's core in {@link #buffer}. */
    int core(int slot) {
        return isIpv6(slot) ? ipv6.core(slot - flowsMax) : ipv4.core(slot);
    }

    int allocate(boolean isIpv6) {
        return isIpv6 ? flowsMax + ipv6.allocate() : ipv4.allocate();
    }

    void free(int slot) {
        if (isIpv6(slot)) {
            ipv6.free(slot - flowsMax);
        } else {
            ipv4.free(slot);
        }
    }

    int used() {
        return ipv4.used() + ipv6.used();
    }

    int usedIpv4() {
        return ipv4.used();
    }

    int usedIpv6() {
        return ipv6.used();
    }

    /** Bytes touched by slots so far; never shrinks but by {@link #clear}. */
    long touchedBytes() {
        return (long) ipv4.fresh() * SlotLayout.SLOT_BYTES_V4 + (long) ipv6.fresh() * SlotLayout.SLOT_BYTES_V6;
    }

    /** The next slot number after {@code slot} that was ever used, or -1; begins after -1. */
    int next(int slot) {
        int next = slot + 1;
        if (next < flowsMax && next >= ipv4.fresh()) {
            next = flowsMax;
        }
        return next < flowsMax || next - flowsMax < ipv6.fresh() ? next : -1;
    }

    void clear() {
        ipv4.clear();
        ipv6.clear();
    }

    int flags(int slot) {
        return buffer(slot).getInt(core(slot) + SlotLayout.FLAGS);
    }

    boolean is(int slot, int flag) {
        return (flags(slot) & flag) != 0;
    }

    void flags(int slot, int flags) {
        buffer(slot).putInt(core(slot) + SlotLayout.FLAGS, flags);
    }

    void set(int slot, int flag) {
        flags(slot, flags(slot) | flag);
    }

    void reset(int slot, int flag) {
        flags(slot, flags(slot) & ~flag);
    }

    int getInt(int slot, int field) {
        return buffer(slot).getInt(core(slot) + field);
    }

    void putInt(int slot, int field, int value) {
        buffer(slot).putInt(core(slot) + field, value);
    }

    long getLong(int slot, int field) {
        return buffer(slot).getLong(core(slot) + field);
    }

    void putLong(int slot, int field, long value) {
        buffer(slot).putLong(core(slot) + field, value);
    }

    /** A slot number from outside must be in use: a free one means that its holder gave it back before. */
    void check(int slot) {
        Check.that(slot >= 0 && slot < 2 * flowsMax && (flags(slot) & SlotLayout.STATE) != 0, "no such slot", slot);
    }
}
