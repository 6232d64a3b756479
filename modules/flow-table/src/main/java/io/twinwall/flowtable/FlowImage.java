/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static io.twinwall.flowtable.FlowImageLayout.*;

import io.twinwall.base.Check;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * All attributes of one flow, as a flyweight over {@link #BYTES} bytes of fixed layout, drawn in {@code
 * FlowImageLayout}. A setter sets the attribute's presence bit; {@link #has} tells whether it was set since {@link
 * #clear}. Reading an absent attribute gives zero.
 *
 * <p>The carrier between codecs and table: the kernel's parser fills one, the table merges it; the table fills one,
 * an encoder reads it. One thread. The instance owns its memory unless {@link #wrap} pointed it elsewhere; what the
 * table or an encoder needs beyond the call, it copies.
 */
public final class FlowImage {
    /** Size of an image. */
    public static final int BYTES = FlowImageLayout.BYTES;

    /** {@code AF_INET}. */
    public static final int AF_INET = 2;

    /** {@code AF_INET6}. */
    public static final int AF_INET6 = 10;

    // Presence bits.

    /** Family, protocol and original tuple: the key. */
    public static final int ORIG = 1;

    public static final int REPLY = 1 << 1;
    public static final int ZONE = 1 << 2;
    public static final int STATUS = 1 << 3;
    public static final int TIMEOUT = 1 << 4;
    public static final int MARK = 1 << 5;
    public static final int ID = 1 << 6;
    public static final int TCP = 1 << 7;
    public static final int SCTP = 1 << 8;
    public static final int LABELS = 1 << 9;
    public static final int HELPER = 1 << 10;
    public static final int MASTER = 1 << 11;
    public static final int SEQ_ADJ_ORIG = 1 << 12;
    public static final int SEQ_ADJ_REPLY = 1 << 13;
    public static final int SYNPROXY = 1 << 14;
    public static final int COUNTERS_ORIG = 1 << 15;
    public static final int COUNTERS_REPLY = 1 << 16;
    public static final int START = 1 << 17;
    public static final int SECCTX = 1 << 18;

    /** All presence bits. */
    public static final int ALL = (1 << 19) - 1;

    // Directions a zone applies to (NF_CT_ZONE_DIR_*).
    public static final int ZONE_DIR_ORIG = 1;
    public static final int ZONE_DIR_REPLY = 2;
    public static final int ZONE_DIR_BOTH = 3;

    public static final int LABELS_BYTES = 16;
    public static final int HELPER_BYTES = 16;
    public static final int SECCTX_BYTES = 64;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);

    /** An image with memory of its own. */
    public FlowImage() {
        buffer.wrap(ByteBuffer.allocateDirect(BYTES));
    }

    /** Points this image at {@code BYTES} bytes of {@code source}, whatever they hold. */
    public FlowImage wrap(MutableDirectBuffer source, int offset) {
        buffer.wrap(source, offset, BYTES);
        return this;
    }

    /** The image's bytes, for copying addresses and names out; offsets from {@code origSrcOffset()} and the like. */
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /** Forgets everything. */
    public FlowImage clear() {
        buffer.setMemory(0, BYTES, (byte) 0);
        return this;
    }

    public FlowImage copyFrom(FlowImage source) {
        buffer.putBytes(0, source.buffer, 0, BYTES);
        return this;
    }

    /** The presence bits. */
    public int present() {
        return buffer.getInt(PRESENT);
    }

    /** True when every bit of {@code bits} is present. */
    public boolean has(int bits) {
        return (present() & bits) == bits;
    }

    /** Makes the attributes of {@code bits} present without changing their bytes; for who fills the buffer himself. */
    public FlowImage markPresent(int bits) {
        buffer.putInt(PRESENT, present() | bits);
        return this;
    }

    // Key.

    /** {@link #AF_INET} or {@link #AF_INET6}; 0 when not set. */
    public int family() {
        return u8(FAMILY);
    }

    public FlowImage family(int family) {
        return putU8(FAMILY, family);
    }

    public boolean isIpv6() {
        return family() == AF_INET6;
    }

    /** Bytes of an address of this family: 4 or 16. */
    public int addressBytes() {
        return isIpv6() ? 16 : 4;
    }

    /** IP protocol number, 0..255. */
    public int l4proto() {
        return u8(L4PROTO);
    }

    public FlowImage l4proto(int l4proto) {
        return putU8(L4PROTO, l4proto);
    }

    /** Zone id, 0..65535, applying to the directions of {@link #zoneDir}. */
    public int zone() {
        return u16(ZONE_ID);
    }

    /** {@code ZONE_DIR_*}; 0 when the flow has no zone. */
    public int zoneDir() {
        return u8(ZONE_DIR);
    }

    public FlowImage zone(int zone, int dir) {
        putU16(ZONE_ID, zone);
        putU8(ZONE_DIR, dir);
        return markPresent(ZONE);
    }

    /** Zone of the original direction, which is part of the key. */
    public int zoneOrig() {
        return (zoneDir() & ZONE_DIR_ORIG) != 0 ? zone() : 0;
    }

    /** Zone of the reply direction. */
    public int zoneReply() {
        return (zoneDir() & ZONE_DIR_REPLY) != 0 ? zone() : 0;
    }

    // Tuples. Addresses are in network byte order, IPv4 in the first four of sixteen bytes; ports are numbers. For ICMP
    // the ports are the id and type << 8 | code, for GRE the keys.

    /** Copies both original addresses from {@code source}, {@code addressBytes()} each: set the family first. */
    public FlowImage orig(DirectBuffer source, int srcOffset, int dstOffset, int srcPort, int dstPort) {
        putTuple(ORIG_SRC, ORIG_DST, ORIG_SPORT, source, srcOffset, dstOffset, srcPort, dstPort);
        return markPresent(ORIG);
    }

    /** As {@link #orig(DirectBuffer, int, int, int, int)}, of the reply direction. */
    public FlowImage reply(DirectBuffer source, int srcOffset, int dstOffset, int srcPort, int dstPort) {
        putTuple(REPLY_SRC, REPLY_DST, REPLY_SPORT, source, srcOffset, dstOffset, srcPort, dstPort);
        return markPresent(REPLY);
    }

    /** Offset in {@link #buffer} of an address of 16 bytes, of which {@link #addressBytes} count. */
    public int origSrcOffset() {
        return ORIG_SRC;
    }

    public int origDstOffset() {
        return ORIG_DST;
    }

    public int replySrcOffset() {
        return REPLY_SRC;
    }

    public int replyDstOffset() {
        return REPLY_DST;
    }

    public int origSrcPort() {
        return u16(ORIG_SPORT);
    }

    public int origDstPort() {
        return u16(ORIG_DPORT);
    }

    public int replySrcPort() {
        return u16(REPLY_SPORT);
    }

    public int replyDstPort() {
        return u16(REPLY_DPORT);
    }

    // State.

    /** {@code IPS_*} bits. */
    public int status() {
        return buffer.getInt(STATUS_BITS);
    }

    public FlowImage status(int value) {
        buffer.putInt(STATUS_BITS, value);
        return markPresent(STATUS);
    }

    /** Unsigned seconds: the full timeout as last seen, or what remains, as the writer of the image says. */
    public long timeoutSeconds() {
        return buffer.getInt(TIMEOUT_SECONDS) & 0xffff_ffffL;
    }

    public FlowImage timeoutSeconds(long value) {
        buffer.putInt(TIMEOUT_SECONDS, (int) value);
        return markPresent(TIMEOUT);
    }

    public int mark() {
        return buffer.getInt(MARK_VALUE);
    }

    public FlowImage mark(int value) {
        buffer.putInt(MARK_VALUE, value);
        return markPresent(MARK);
    }

    /** {@code CTA_ID}: tells one life of a tuple from the next, on one kernel only. */
    public int id() {
        return buffer.getInt(ID_VALUE);
    }

    public FlowImage id(int value) {
        buffer.putInt(ID_VALUE, value);
        return markPresent(ID);
    }

    /** {@code CTA_PROTOINFO_TCP}: state, window scales and flags, 0..255 each. */
    public FlowImage tcp(int state, int wscaleOrig, int wscaleReply, int flagsOrig, int flagsReply) {
        putU8(TCP_STATE, state);
        putU8(TCP_WSCALE_ORIG, wscaleOrig);
        putU8(TCP_WSCALE_REPLY, wscaleReply);
        putU8(TCP_FLAGS_ORIG, flagsOrig);
        putU8(TCP_FLAGS_REPLY, flagsReply);
        return markPresent(TCP);
    }

    public int tcpState() {
        return u8(TCP_STATE);
    }

    public int tcpWscaleOrig() {
        return u8(TCP_WSCALE_ORIG);
    }

    public int tcpWscaleReply() {
        return u8(TCP_WSCALE_REPLY);
    }

    public int tcpFlagsOrig() {
        return u8(TCP_FLAGS_ORIG);
    }

    public int tcpFlagsReply() {
        return u8(TCP_FLAGS_REPLY);
    }

    /** {@code CTA_PROTOINFO_SCTP}. */
    public FlowImage sctp(int state, int vtagOrig, int vtagReply) {
        putU8(SCTP_STATE, state);
        buffer.putInt(SCTP_VTAG_ORIG, vtagOrig);
        buffer.putInt(SCTP_VTAG_REPLY, vtagReply);
        return markPresent(SCTP);
    }

    public int sctpState() {
        return u8(SCTP_STATE);
    }

    public int sctpVtagOrig() {
        return buffer.getInt(SCTP_VTAG_ORIG);
    }

    public int sctpVtagReply() {
        return buffer.getInt(SCTP_VTAG_REPLY);
    }

    /** Nanoseconds since 1970 at which the flow began ({@code CTA_TIMESTAMP_START}). */
    public long startNs() {
        return buffer.getLong(START_NS);
    }

    public FlowImage startNs(long value) {
        buffer.putLong(START_NS, value);
        return markPresent(START);
    }

    // Rare attributes.

    /** Copies {@code length} bytes of labels, the rest is zero; more than {@link #LABELS_BYTES} are cut. */
    public FlowImage labels(DirectBuffer source, int offset, int length) {
        putPadded(LABELS_BITS, LABELS_BYTES, source, offset, length);
        return markPresent(LABELS);
    }

    /** Offset in {@link #buffer} of {@link #LABELS_BYTES} bytes. */
    public int labelsOffset() {
        return LABELS_BITS;
    }

    /** Copies a helper's name without its NUL; the last byte always stays NUL. */
    public FlowImage helper(DirectBuffer source, int offset, int length) {
        putPadded(HELPER_NAME, HELPER_BYTES, source, offset, Math.min(length, HELPER_BYTES - 1));
        return markPresent(HELPER);
    }

    public FlowImage helper(String name) {
        buffer.setMemory(HELPER_NAME, HELPER_BYTES, (byte) 0);
        buffer.putStringWithoutLengthAscii(HELPER_NAME, name, 0, HELPER_BYTES - 1);
        return markPresent(HELPER);
    }

    /** Offset in {@link #buffer} of the name, NUL padded to {@link #HELPER_BYTES}. */
    public int helperOffset() {
        return HELPER_NAME;
    }

    /** Bytes of the helper's name. */
    public int helperLength() {
        return lengthToNul(HELPER_NAME, HELPER_BYTES);
    }

    /** Original tuple of the flow this one is related to: same family, own protocol. */
    public FlowImage master(DirectBuffer source, int srcOffset, int dstOffset, int srcPort, int dstPort, int proto) {
        putTuple(MASTER_SRC, MASTER_DST, MASTER_SPORT, source, srcOffset, dstOffset, srcPort, dstPort);
        putU8(MASTER_PROTO, proto);
        return markPresent(MASTER);
    }

    public int masterSrcOffset() {
        return MASTER_SRC;
    }

    public int masterDstOffset() {
        return MASTER_DST;
    }

    public int masterSrcPort() {
        return u16(MASTER_SPORT);
    }

    public int masterDstPort() {
        return u16(MASTER_DPORT);
    }

    public int masterProto() {
        return u8(MASTER_PROTO);
    }

    /** {@code CTA_SEQ_ADJ_ORIG}. */
    public FlowImage seqAdjOrig(int correctionPos, int offsetBefore, int offsetAfter) {
        putThree(SEQ_ADJ_ORIG_AT, correctionPos, offsetBefore, offsetAfter);
        return markPresent(SEQ_ADJ_ORIG);
    }

    /** {@code CTA_SEQ_ADJ_REPLY}. */
    public FlowImage seqAdjReply(int correctionPos, int offsetBefore, int offsetAfter) {
        putThree(SEQ_ADJ_REPLY_AT, correctionPos, offsetBefore, offsetAfter);
        return markPresent(SEQ_ADJ_REPLY);
    }

    public int seqAdjOrigPos() {
        return buffer.getInt(SEQ_ADJ_ORIG_AT);
    }

    public int seqAdjOrigBefore() {
        return buffer.getInt(SEQ_ADJ_ORIG_AT + 4);
    }

    public int seqAdjOrigAfter() {
        return buffer.getInt(SEQ_ADJ_ORIG_AT + 8);
    }

    public int seqAdjReplyPos() {
        return buffer.getInt(SEQ_ADJ_REPLY_AT);
    }

    public int seqAdjReplyBefore() {
        return buffer.getInt(SEQ_ADJ_REPLY_AT + 4);
    }

    public int seqAdjReplyAfter() {
        return buffer.getInt(SEQ_ADJ_REPLY_AT + 8);
    }

    /** {@code CTA_SYNPROXY}. */
    public FlowImage synproxy(int isn, int its, int tsoff) {
        putThree(SYNPROXY_AT, isn, its, tsoff);
        return markPresent(SYNPROXY);
    }

    public int synproxyIsn() {
        return buffer.getInt(SYNPROXY_AT);
    }

    public int synproxyIts() {
        return buffer.getInt(SYNPROXY_AT + 4);
    }

    public int synproxyTsoff() {
        return buffer.getInt(SYNPROXY_AT + 8);
    }

    public FlowImage countersOrig(long packets, long bytes) {
        buffer.putLong(PACKETS_ORIG, packets);
        buffer.putLong(BYTES_ORIG, bytes);
        return markPresent(COUNTERS_ORIG);
    }

    public FlowImage countersReply(long packets, long bytes) {
        buffer.putLong(PACKETS_REPLY, packets);
        buffer.putLong(BYTES_REPLY, bytes);
        return markPresent(COUNTERS_REPLY);
    }

    public long packetsOrig() {
        return buffer.getLong(PACKETS_ORIG);
    }

    public long bytesOrig() {
        return buffer.getLong(BYTES_ORIG);
    }

    public long packetsReply() {
        return buffer.getLong(PACKETS_REPLY);
    }

    public long bytesReply() {
        return buffer.getLong(BYTES_REPLY);
    }

    /** Copies a security context's name; more than {@link #SECCTX_BYTES} are cut. */
    public FlowImage secctx(DirectBuffer source, int offset, int length) {
        putPadded(SECCTX_NAME, SECCTX_BYTES, source, offset, length);
        return markPresent(SECCTX);
    }

    /** Offset in {@link #buffer} of the name, NUL padded to {@link #SECCTX_BYTES}. */
    public int secctxOffset() {
        return SECCTX_NAME;
    }

    public int secctxLength() {
        return lengthToNul(SECCTX_NAME, SECCTX_BYTES);
    }

    /** For people; allocates. */
    @Override
    public String toString() {
        return FlowImageText.describe(this);
    }

    private int u8(int at) {
        return buffer.getByte(at) & 0xff;
    }

    private int u16(int at) {
        return buffer.getShort(at) & 0xffff;
    }

    private FlowImage putU8(int at, int value) {
        buffer.putByte(at, (byte) value);
        return this;
    }

    private void putU16(int at, int value) {
        buffer.putShort(at, (short) value);
    }

    private void putThree(int at, int first, int second, int third) {
        buffer.putInt(at, first);
        buffer.putInt(at + 4, second);
        buffer.putInt(at + 8, third);
    }

    private void putTuple(
            int srcAt, int dstAt, int portsAt, DirectBuffer source, int src, int dst, int srcPort, int dstPort) {
        Check.that(family() != 0, "an image's family is set before its addresses");
        putPadded(srcAt, 16, source, src, addressBytes());
        putPadded(dstAt, 16, source, dst, addressBytes());
        putU16(portsAt, srcPort);
        putU16(portsAt + 2, dstPort);
    }

    private void putPadded(int at, int bytes, DirectBuffer source, int offset, int length) {
        buffer.setMemory(at, bytes, (byte) 0);
        buffer.putBytes(at, source, offset, Math.min(length, bytes));
    }

    private int lengthToNul(int at, int bytes) {
        int length = 0;
        while (length < bytes && buffer.getByte(at + length) != 0) {
            length++;
        }
        return length;
    }
}
