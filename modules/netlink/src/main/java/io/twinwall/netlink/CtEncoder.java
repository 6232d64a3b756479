/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

import io.twinwall.base.Check;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds ctnetlink requests, one behind the other, in a buffer the caller owns: {@link #wrap}, then {@link #begin}, the
 * attributes, {@link #end} for each; the batch goes out with one send. Used by one thread; allocates nothing after
 * construction; a message is at most {@link #MESSAGE_BYTES_MAX} long unless the caller adds helper data.
 *
 * <p>To make an entry that works (see the notes at each method): original tuple; reply tuple, always the plain inverse of
 * the original; {@code CONFIRMED} in the status; a timeout; NAT by {@link #natSrc} and {@link #natDst}.
 */
public final class CtEncoder {
    /** No address or port; no zone for this direction alone. */
    public static final int NONE = -1;

    /** Room to have before {@link #begin}: every attribute of this class at once, IPv6, with 256 bytes of helper data. */
    public static final int MESSAGE_BYTES_MAX = 1024;

    private final NlWriter writer = new NlWriter();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[LABELS_BYTES]);

    /** Starts an empty batch in {@code length} bytes of {@code buffer} at {@code offset}. */
    public CtEncoder wrap(MutableDirectBuffer buffer, int offset, int length) {
        writer.wrap(buffer, offset, length);
        return this;
    }

    /** Empties the batch. */
    public CtEncoder reset() {
        writer.reset();
        return this;
    }

    /**
     * Begins a request.
     *
     * @param type {@code IPCTNL_MSG_CT_NEW}, {@code _GET} or {@code _DELETE}
     * @param flags {@code NLM_F_*}; {@code NLM_F_REQUEST} is added
     * @param seq given back by the kernel in the answer to this message
     * @param family {@code AF_INET} or {@code AF_INET6}
     */
    public CtEncoder begin(int type, int flags, int seq, int family) {
        writer.beginNf(CTNETLINK + type, flags | NlConst.NLM_F_REQUEST, seq, family, 0);
        return this;
    }

    /** Begins a new entry; an existing one answers EEXIST. */
    public CtEncoder beginCreate(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_CT_NEW, flags | NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL, seq, family);
    }

    /** Begins a change; an absent entry answers ENOENT. The kernel refuses or ignores NAT, master and zone here. */
    public CtEncoder beginUpdate(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_CT_NEW, flags, seq, family);
    }

    /** Begins a deletion, of the entry that the tuple, the zone and, if given, the {@link #id} name. */
    public CtEncoder beginDelete(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_CT_DELETE, flags, seq, family);
    }

    /** Begins a look-up of one entry, answered with one NEW message. */
    public CtEncoder beginGet(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_CT_GET, flags, seq, family);
    }

    /**
     * Begins a dump of the entries of {@code family} ({@code AF_UNSPEC}: all). {@link #filterMark}, {@link
     * #filterStatus} and {@link #zone} narrow it.
     */
    public CtEncoder beginDump(int seq, int family) {
        return begin(IPCTNL_MSG_CT_GET, NlConst.NLM_F_DUMP, seq, family);
    }

    /** Begins the deletion of all entries of {@code family} ({@code AF_UNSPEC}: all); the dump's filters narrow it. */
    public CtEncoder beginFlush(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_CT_DELETE, flags, seq, family);
    }

    /** As {@link #tuple(int, int, DirectBuffer, int, DirectBuffer, int, int, int, int, int)} without a zone of its own. */
    public CtEncoder tuple(
            int which,
            int family,
            DirectBuffer srcBuffer,
            int srcOffset,
            DirectBuffer dstBuffer,
            int dstOffset,
            int proto,
            int a,
            int b) {
        return tuple(which, family, srcBuffer, srcOffset, dstBuffer, dstOffset, proto, a, b, NONE);
    }

    /**
     * Adds a tuple.
     *
     * @param which {@code CTA_TUPLE_ORIG}, {@code CTA_TUPLE_REPLY} or {@code CTA_TUPLE_MASTER}
     * @param a source port, GRE source key or ICMP id: see {@link CtTuple}
     * @param b destination port, GRE destination key or ICMP {@code type << 8 | code}
     * @param zone of this direction alone, or {@link #NONE}
     */
    public CtEncoder tuple(
            int which,
            int family,
            DirectBuffer srcBuffer,
            int srcOffset,
            DirectBuffer dstBuffer,
            int dstOffset,
            int proto,
            int a,
            int b,
            int zone) {
        boolean v4 = family == NlConst.AF_INET;
        int bytes = v4 ? 4 : 16;
        int tuple = writer.nestBegin(which);
        int ip = writer.nestBegin(CTA_TUPLE_IP);
        writer.putBytes(v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, srcBuffer, srcOffset, bytes);
        writer.putBytes(v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, dstBuffer, dstOffset, bytes);
        writer.nestEnd(ip);
        int nest = writer.nestBegin(CTA_TUPLE_PROTO);
        writer.putU8(CTA_PROTO_NUM, proto);
        protoKey(proto, a, b);
        writer.nestEnd(nest);
        if (zone != NONE) {
            writer.putU16be(CTA_TUPLE_ZONE, zone);
        }
        writer.nestEnd(tuple);
        return this;
    }

    private void protoKey(int proto, int a, int b) {
        if (hasPorts(proto)) {
            writer.putU16be(CTA_PROTO_SRC_PORT, a);
            writer.putU16be(CTA_PROTO_DST_PORT, b);
        } else if (proto == IPPROTO_ICMP) {
            writer.putU16be(CTA_PROTO_ICMP_ID, a);
            writer.putU8(CTA_PROTO_ICMP_TYPE, b >>> 8);
            writer.putU8(CTA_PROTO_ICMP_CODE, b);
        } else if (proto == IPPROTO_ICMPV6) {
            writer.putU16be(CTA_PROTO_ICMPV6_ID, a);
            writer.putU8(CTA_PROTO_ICMPV6_TYPE, b >>> 8);
            writer.putU8(CTA_PROTO_ICMPV6_CODE, b);
        }
    }

    /** {@code CTA_STATUS}: needs {@code IPS_CONFIRMED}; {@code IPS_EXPECTED} and {@code IPS_DYING} answer EBUSY. */
    public CtEncoder status(int status) {
        writer.putU32be(CTA_STATUS, status);
        return this;
    }

    /** {@code CTA_TIMEOUT}, mandatory at creation. */
    public CtEncoder timeoutS(int seconds) {
        writer.putU32be(CTA_TIMEOUT, seconds);
        return this;
    }

    public CtEncoder mark(int mark) {
        writer.putU32be(CTA_MARK, mark);
        return this;
    }

    /** {@code CTA_ID}: in a deletion or look-up, only that very entry. */
    public CtEncoder id(int id) {
        writer.putU32be(CTA_ID, id);
        return this;
    }

    /** {@code CTA_ZONE}: of both directions. Only at creation, and to find the entry afterwards. */
    public CtEncoder zone(int zone) {
        writer.putU16be(CTA_ZONE, zone);
        return this;
    }

    /** {@code CTA_LABELS}, 16 bytes; they stick only where the ruleset uses {@code ct label}. */
    public CtEncoder labels(DirectBuffer source, int offset) {
        writer.putBytes(CTA_LABELS, source, offset, LABELS_BYTES);
        return this;
    }

    /** {@code CTA_LABELS} of bits 0..63 and 64..127 (an array of {@code unsigned long} to the kernel). */
    public CtEncoder labels(long low, long high) {
        scratch.putLong(0, low);
        scratch.putLong(8, high);
        return labels(scratch, 0);
    }

    /** {@code CTA_HELP}; only at creation, and the helper must be known to this kernel (else ENOTSUPP or EOPNOTSUPP). */
    public CtEncoder helper(DirectBuffer name, int offset, int length) {
        int nest = writer.nestBegin(CTA_HELP);
        writer.putString(CTA_HELP_NAME, name, offset, length);
        writer.nestEnd(nest);
        return this;
    }

    public CtEncoder helper(String name) {
        int nest = writer.nestBegin(CTA_HELP);
        writer.putString(CTA_HELP_NAME, name);
        writer.nestEnd(nest);
        return this;
    }

    /** As {@link #helper(DirectBuffer, int, int)}, with the helper's own opaque data ({@code CTA_HELP_INFO}). */
    public CtEncoder helper(
            DirectBuffer name, int offset, int length, DirectBuffer info, int infoOffset, int infoLength) {
        int nest = writer.nestBegin(CTA_HELP);
        writer.putString(CTA_HELP_NAME, name, offset, length);
        writer.putBytes(CTA_HELP_INFO, info, infoOffset, infoLength);
        writer.nestEnd(nest);
        return this;
    }

    /**
     * {@code CTA_NAT_SRC}: the sources become an address of the range, and a port of it unless {@code portMin} is {@link
     * #NONE}. Only at creation. Pass the minimum again as the maximum for one address or one port.
     */
    public CtEncoder natSrc(
            int family,
            DirectBuffer minBuffer,
            int minOffset,
            DirectBuffer maxBuffer,
            int maxOffset,
            int portMin,
            int portMax) {
        nat(CTA_NAT_SRC, family, minBuffer, minOffset, maxBuffer, maxOffset, portMin, portMax);
        return this;
    }

    /** {@code CTA_NAT_DST}: as {@link #natSrc}, for destinations. */
    public CtEncoder natDst(
            int family,
            DirectBuffer minBuffer,
            int minOffset,
            DirectBuffer maxBuffer,
            int maxOffset,
            int portMin,
            int portMax) {
        nat(CTA_NAT_DST, family, minBuffer, minOffset, maxBuffer, maxOffset, portMin, portMax);
        return this;
    }

    private void nat(
            int attr,
            int family,
            DirectBuffer minBuffer,
            int minOffset,
            DirectBuffer maxBuffer,
            int maxOffset,
            int portMin,
            int portMax) {
        boolean v4 = family == NlConst.AF_INET;
        int bytes = v4 ? 4 : 16;
        int nest = writer.nestBegin(attr);
        writer.putBytes(v4 ? CTA_NAT_V4_MINIP : CTA_NAT_V6_MINIP, minBuffer, minOffset, bytes);
        writer.putBytes(v4 ? CTA_NAT_V4_MAXIP : CTA_NAT_V6_MAXIP, maxBuffer, maxOffset, bytes);
        if (portMin != NONE) {
            int ports = writer.nestBegin(CTA_NAT_PROTO);
            writer.putU16be(CTA_PROTONAT_PORT_MIN, portMin);
            writer.putU16be(CTA_PROTONAT_PORT_MAX, portMax);
            writer.nestEnd(ports);
        }
        writer.nestEnd(nest);
    }

    /**
     * {@code CTA_PROTOINFO_TCP}. The flags are set as given (all eight under the mask). The window scales stick only when
     * both directions' flags have {@code IP_CT_TCP_FLAG_WINDOW_SCALE}. A wrong or absent scale makes the kernel drop live
     * segments as INVALID unless {@code IP_CT_TCP_FLAG_BE_LIBERAL} is among the flags.
     */
    public CtEncoder tcp(int state, int wscaleOrig, int wscaleReply, int flagsOrig, int flagsReply) {
        int nest = writer.nestBegin(CTA_PROTOINFO);
        int tcp = writer.nestBegin(CTA_PROTOINFO_TCP);
        writer.putU8(CTA_PROTOINFO_TCP_STATE, state);
        writer.putU8(CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, wscaleOrig);
        writer.putU8(CTA_PROTOINFO_TCP_WSCALE_REPLY, wscaleReply);
        tcpFlags(CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, flagsOrig);
        tcpFlags(CTA_PROTOINFO_TCP_FLAGS_REPLY, flagsReply);
        writer.nestEnd(tcp);
        writer.nestEnd(nest);
        return this;
    }

    private void tcpFlags(int attr, int flags) {
        // struct nf_ct_tcp_flags { u8 flags; u8 mask; }
        scratch.putByte(0, (byte) flags);
        scratch.putByte(1, (byte) 0xff);
        writer.putBytes(attr, scratch, 0, 2);
    }

    /** {@code CTA_PROTOINFO_SCTP}; the kernel wants all three. */
    public CtEncoder sctp(int state, int vtagOrig, int vtagReply) {
        int nest = writer.nestBegin(CTA_PROTOINFO);
        int sctp = writer.nestBegin(CTA_PROTOINFO_SCTP);
        writer.putU8(CTA_PROTOINFO_SCTP_STATE, state);
        writer.putU32be(CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, vtagOrig);
        writer.putU32be(CTA_PROTOINFO_SCTP_VTAG_REPLY, vtagReply);
        writer.nestEnd(sctp);
        writer.nestEnd(nest);
        return this;
    }

    /**
     * Sequence adjustment of one direction.
     *
     * @param which {@code CTA_SEQ_ADJ_ORIG} or {@code CTA_SEQ_ADJ_REPLY}
     */
    public CtEncoder seqAdj(int which, int correctionPos, int offsetBefore, int offsetAfter) {
        int nest = writer.nestBegin(which);
        writer.putU32be(CTA_SEQADJ_CORRECTION_POS, correctionPos);
        writer.putU32be(CTA_SEQADJ_OFFSET_BEFORE, offsetBefore);
        writer.putU32be(CTA_SEQADJ_OFFSET_AFTER, offsetAfter);
        writer.nestEnd(nest);
        return this;
    }

    public CtEncoder synproxy(int isn, int its, int tsOff) {
        int nest = writer.nestBegin(CTA_SYNPROXY);
        writer.putU32be(CTA_SYNPROXY_ISN, isn);
        writer.putU32be(CTA_SYNPROXY_ITS, its);
        writer.putU32be(CTA_SYNPROXY_TSOFF, tsOff);
        writer.nestEnd(nest);
        return this;
    }

    /** Of a dump or flush: only entries with {@code (mark & mask) == value}. */
    public CtEncoder filterMark(int value, int mask) {
        writer.putU32be(CTA_MARK, value);
        writer.putU32be(CTA_MARK_MASK, mask);
        return this;
    }

    /** Of a dump: only entries with {@code (status & mask) == value}. */
    public CtEncoder filterStatus(int value, int mask) {
        Check.that(value != 0, "a status filter of 0 matches all in the kernel");
        writer.putU32be(CTA_STATUS, value);
        writer.putU32be(CTA_STATUS_MASK, mask);
        return this;
    }

    /** Ends the request and returns its length. */
    public int end() {
        return writer.end();
    }

    /** Drops the request that was begun and not ended. */
    public CtEncoder abandon() {
        writer.abandon();
        return this;
    }

    /** Adds {@code NLM_F_ACK} (or other flags) to the request that starts at {@code messageOffset} of the buffer. */
    public CtEncoder addFlags(int messageOffset, int flags) {
        writer.addFlags(messageOffset, flags);
        return this;
    }

    /** Offset in the buffer at which the next request goes. */
    public int position() {
        return writer.position();
    }

    /** Bytes of the batch so far. */
    public int length() {
        return writer.length();
    }

    /** True while one more request fits whatever its attributes. */
    public boolean hasRoom() {
        return writer.remaining() >= MESSAGE_BYTES_MAX;
    }

    /** Requests ended since {@link #wrap} or {@link #reset}. */
    public int messages() {
        return writer.messages();
    }

    /** The batch itself, to be sent, or for attributes this class does not know. */
    public NlWriter writer() {
        return writer;
    }
}
