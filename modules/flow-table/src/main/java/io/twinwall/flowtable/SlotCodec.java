/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static io.twinwall.flowtable.FlowImageLayout.*;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Moves attributes between an image and a slot with its chunks. */
final class SlotCodec {
    /** Status bits that can be given to a flow only when it is created: SRC_NAT, DST_NAT. */
    private static final int STATUS_AT_CREATION = 0x10 | 0x20;
    /** Status bits that an update cannot take away: SEEN_REPLY, ASSURED. */
    private static final int STATUS_STICKY = 0x2 | 0x4;

    /** Attributes that an update can change and not take away. */
    private static final int NOT_REMOVABLE =
            FlowImage.LABELS | FlowImage.SEQ_ADJ_ORIG | FlowImage.SEQ_ADJ_REPLY | FlowImage.SYNPROXY;

    private final Slots slots;
    private final ExtensionPool extensions;

    SlotCodec(Slots slots, ExtensionPool extensions) {
        this.slots = slots;
        this.extensions = extensions;
    }

    boolean keyEquals(int slot, FlowImage key) {
        UnsafeBuffer buffer = slots.buffer(slot);
        int core = slots.core(slot);
        DirectBuffer image = key.buffer();
        if (slots.isIpv6(slot) != key.isIpv6()
                || buffer.getInt(core + SlotLayout.SPORT) != image.getInt(ORIG_SPORT)
                || (buffer.getByte(core + SlotLayout.L4PROTO) & 0xff) != key.l4proto()
                || zone(buffer, core, FlowImage.ZONE_DIR_ORIG) != key.zoneOrig()) {
            return false;
        }
        int bytes = slots.addressBytes(slot);
        int at = core - 4 * bytes;
        return addressEquals(buffer, at, image, ORIG_SRC, bytes)
                && addressEquals(buffer, at + bytes, image, ORIG_DST, bytes);
    }

    void writeKey(int slot, FlowImage key) {
        UnsafeBuffer buffer = slots.buffer(slot);
        int core = slots.core(slot);
        int bytes = slots.addressBytes(slot);
        buffer.putBytes(core - 4 * bytes, key.buffer(), ORIG_SRC, bytes);
        buffer.putBytes(core - 3 * bytes, key.buffer(), ORIG_DST, bytes);
        buffer.putInt(core + SlotLayout.SPORT, key.buffer().getInt(ORIG_SPORT));
        buffer.putByte(core + SlotLayout.L4PROTO, (byte) key.l4proto());
        writeZone(buffer, core, key);
    }

    /**
     * Writes the attributes of {@code mask}; those the image lacks become zero.
     *
     * @return true when something changed that the other kernel can take only in a new entry
     */
    boolean write(int slot, FlowImage image, int mask, long nowMs) {
        UnsafeBuffer buffer = slots.buffer(slot);
        int core = slots.core(slot);
        int given = image.present() & mask;
        boolean isImmutableChanged = false;
        if ((mask & FlowImage.REPLY) != 0) {
            isImmutableChanged = writeReply(slot, image, (given & FlowImage.REPLY) != 0);
        }
        if ((mask & FlowImage.ZONE) != 0) {
            int before = zone(buffer, core, FlowImage.ZONE_DIR_REPLY);
            writeZone(buffer, core, image);
            isImmutableChanged |= before != zone(buffer, core, FlowImage.ZONE_DIR_REPLY);
        }
        if ((mask & FlowImage.STATUS) != 0) {
            int before = buffer.getInt(core + SlotLayout.STATUS);
            int now = (given & FlowImage.STATUS) != 0 ? image.status() : 0;
            buffer.putInt(core + SlotLayout.STATUS, now);
            isImmutableChanged |= ((before ^ now) & STATUS_AT_CREATION) != 0 || (before & ~now & STATUS_STICKY) != 0;
        }
        writeNumbers(buffer, core, image, mask, given, nowMs);
        int head = buffer.getInt(core + SlotLayout.EXTENSION);
        if ((mask & Regions.RARE) != 0 && (head | (given & Regions.RARE)) != 0) {
            isImmutableChanged |= writeRare(slot, image, mask, given);
        }
        int present = (buffer.getInt(core + SlotLayout.PRESENT) & ~mask) | given | FlowImage.ORIG;
        buffer.putInt(core + SlotLayout.PRESENT, present);
        return isImmutableChanged;
    }

    /** Fills {@code out} with all that the slot holds. */
    void read(int slot, FlowImage out) {
        UnsafeBuffer buffer = slots.buffer(slot);
        int core = slots.core(slot);
        int bytes = slots.addressBytes(slot);
        MutableDirectBuffer image = out.clear().buffer();
        out.family(slots.isIpv6(slot) ? FlowImage.AF_INET6 : FlowImage.AF_INET);
        for (int i = 0; i < 4; i++) {
            copyAddress(buffer, core + (i - 4) * bytes, image, ORIG_SRC + 16 * i, bytes);
        }
        image.putLong(ORIG_SPORT, buffer.getLong(core + SlotLayout.SPORT));
        image.putShort(ZONE_ID, buffer.getShort(core + SlotLayout.ZONE));
        image.putByte(L4PROTO, buffer.getByte(core + SlotLayout.L4PROTO));
        image.putByte(ZONE_DIR, buffer.getByte(core + SlotLayout.ZONE_DIR));
        image.putInt(STATUS_BITS, buffer.getInt(core + SlotLayout.STATUS));
        image.putInt(MARK_VALUE, buffer.getInt(core + SlotLayout.MARK));
        image.putInt(TCP_STATE, buffer.getInt(core + SlotLayout.TCP_STATE));
        image.putByte(TCP_FLAGS_REPLY, buffer.getByte(core + SlotLayout.TCP_FLAGS_REPLY));
        image.putByte(SCTP_STATE, buffer.getByte(core + SlotLayout.SCTP_STATE));
        image.putInt(SCTP_VTAG_ORIG, buffer.getInt(core + SlotLayout.SCTP_VTAG_ORIG));
        image.putInt(SCTP_VTAG_REPLY, buffer.getInt(core + SlotLayout.SCTP_VTAG_REPLY));
        image.putInt(ID_VALUE, buffer.getInt(core + SlotLayout.ID));
        image.putInt(TIMEOUT_SECONDS, buffer.getInt(core + SlotLayout.TIMEOUT_SECONDS));
        image.putLong(START_NS, buffer.getLong(core + SlotLayout.START_NS));
        int reference = buffer.getInt(core + SlotLayout.EXTENSION);
        while (reference != 0) {
            int kind = extensions.kind(reference);
            image.putBytes(
                    Regions.regionAt(kind),
                    extensions.buffer(),
                    ExtensionPool.region(reference),
                    Regions.regionLength(kind));
            reference = extensions.next(reference);
        }
        image.putInt(PRESENT, buffer.getInt(core + SlotLayout.PRESENT));
    }

    private static void writeNumbers(UnsafeBuffer buffer, int core, FlowImage image, int mask, int given, long nowMs) {
        DirectBuffer source = image.buffer();
        if ((mask & FlowImage.MARK) != 0) {
            buffer.putInt(core + SlotLayout.MARK, (given & FlowImage.MARK) != 0 ? image.mark() : 0);
        }
        if ((mask & FlowImage.TCP) != 0) {
            boolean has = (given & FlowImage.TCP) != 0;
            buffer.putInt(core + SlotLayout.TCP_STATE, has ? source.getInt(TCP_STATE) : 0);
            buffer.putByte(core + SlotLayout.TCP_FLAGS_REPLY, has ? source.getByte(TCP_FLAGS_REPLY) : 0);
        }
        if ((mask & FlowImage.SCTP) != 0) {
            boolean has = (given & FlowImage.SCTP) != 0;
            buffer.putByte(core + SlotLayout.SCTP_STATE, has ? source.getByte(SCTP_STATE) : 0);
            buffer.putInt(core + SlotLayout.SCTP_VTAG_ORIG, has ? image.sctpVtagOrig() : 0);
            buffer.putInt(core + SlotLayout.SCTP_VTAG_REPLY, has ? image.sctpVtagReply() : 0);
        }
        if ((mask & FlowImage.ID) != 0) {
            buffer.putInt(core + SlotLayout.ID, (given & FlowImage.ID) != 0 ? image.id() : 0);
        }
        if ((mask & FlowImage.TIMEOUT) != 0) {
            long seconds = (given & FlowImage.TIMEOUT) != 0 ? image.timeoutSeconds() : 0;
            buffer.putInt(core + SlotLayout.TIMEOUT_SECONDS, (int) seconds);
            buffer.putLong(core + SlotLayout.DEADLINE_MS, nowMs + seconds * 1000);
        }
        if ((mask & FlowImage.START) != 0) {
            buffer.putLong(core + SlotLayout.START_NS, (given & FlowImage.START) != 0 ? image.startNs() : 0);
        }
    }

    private boolean writeReply(int slot, FlowImage image, boolean isGiven) {
        UnsafeBuffer buffer = slots.buffer(slot);
        DirectBuffer source = image.buffer();
        int core = slots.core(slot);
        int bytes = slots.addressBytes(slot);
        boolean isChanged = copyInts(buffer, core - 2 * bytes, source, REPLY_SRC, bytes, isGiven);
        isChanged |= copyInts(buffer, core - bytes, source, REPLY_DST, bytes, isGiven);
        isChanged |= copyInts(buffer, core + SlotLayout.REPLY_PORTS, source, REPLY_SPORT, 4, isGiven);
        return isChanged;
    }

    private boolean writeRare(int slot, FlowImage image, int mask, int given) {
        boolean isImmutableChanged = false;
        int head = slots.getInt(slot, SlotLayout.EXTENSION);
        for (int kind = 0; kind < ExtensionPool.KINDS; kind++) {
            int bits = Regions.bits(kind);
            int reference = (mask & bits) == 0 ? 0 : extensions.find(head, kind);
            if (reference == 0 && (given & bits) != 0) {
                head = extensions.add(head, kind);
                reference = head;
            }
            if (reference != 0) {
                int changed = writeRegion(reference, kind, image, mask, given);
                isImmutableChanged |= (changed & (FlowImage.HELPER | FlowImage.MASTER)) != 0;
                isImmutableChanged |= (changed & ~given & NOT_REMOVABLE) != 0;
                if (extensions.isZero(reference)) {
                    head = extensions.remove(head, reference);
                }
            }
        }
        slots.putInt(slot, SlotLayout.EXTENSION, head);
        return isImmutableChanged;
    }

    /** Returns the presence bits of the attributes that changed. */
    private int writeRegion(int reference, int kind, FlowImage image, int mask, int given) {
        int changed = 0;
        for (int i = Regions.first(kind); i < Regions.first(kind + 1); i++) {
            int bit = Regions.bit(i);
            if ((mask & bit) != 0) {
                int at = ExtensionPool.region(reference) + Regions.at(i) - Regions.regionAt(kind);
                boolean isGiven = (given & bit) != 0;
                if (copyInts(extensions.buffer(), at, image.buffer(), Regions.at(i), Regions.length(i), isGiven)) {
                    changed |= bit;
                }
            }
        }
        return changed;
    }

    /** Copies, or zeroes when not given; true when that changed anything. {@code bytes} is a multiple of 4. */
    private static boolean copyInts(
            UnsafeBuffer target, int at, DirectBuffer source, int from, int bytes, boolean isGiven) {
        int difference = 0;
        for (int i = 0; i < bytes; i += 4) {
            int value = isGiven ? source.getInt(from + i) : 0;
            difference |= target.getInt(at + i) ^ value;
            target.putInt(at + i, value);
        }
        return difference != 0;
    }

    private static void copyAddress(UnsafeBuffer source, int from, MutableDirectBuffer target, int at, int bytes) {
        for (int i = 0; i < bytes; i += 4) {
            target.putInt(at + i, source.getInt(from + i));
        }
    }

    private static boolean addressEquals(UnsafeBuffer buffer, int at, DirectBuffer image, int from, int bytes) {
        for (int i = 0; i < bytes; i += 4) {
            if (buffer.getInt(at + i) != image.getInt(from + i)) {
                return false;
            }
        }
        return true;
    }

    /** Zone 0 is no zone, in whichever direction: one form of it, so that equal flows have equal bytes. */
    private static void writeZone(UnsafeBuffer buffer, int core, FlowImage image) {
        boolean isZoned = image.has(FlowImage.ZONE) && image.zone() != 0 && image.zoneDir() != 0;
        buffer.putShort(core + SlotLayout.ZONE, (short) (isZoned ? image.zone() : 0));
        buffer.putByte(core + SlotLayout.ZONE_DIR, (byte) (isZoned ? image.zoneDir() & 3 : 0));
    }

    private static int zone(UnsafeBuffer buffer, int core, int direction) {
        boolean applies = (buffer.getByte(core + SlotLayout.ZONE_DIR) & direction) != 0;
        return applies ? buffer.getShort(core + SlotLayout.ZONE) & 0xffff : 0;
    }
}
