/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

import org.agrona.DirectBuffer;

/**
 * One ctnetlink message about one entry, read in place: an event, a line of a dump, or a request. {@link #wrap} walks the
 * attributes once and keeps numbers (host order) and offsets; whatever needs a buffer offset is valid only in the
 * callback that handed the buffer over. One object serves a thread for ever and allocates nothing after construction.
 *
 * <pre>
 *   nlmsghdr, 16 | nfgenmsg, 4 | CTA_TUPLE_ORIG { CTA_TUPLE_IP {..} CTA_TUPLE_PROTO {..} CTA_TUPLE_ZONE }
 *                              | CTA_TUPLE_REPLY {..} | CTA_STATUS | CTA_TIMEOUT | CTA_PROTOINFO { .._TCP {..} } | ...
 * </pre>
 *
 * Attributes come in any order; one seen twice counts as its last, as in the kernel. Unknown ones are skipped and counted.
 * An attribute whose length lies refuses the message: {@link #wrap} answers false and {@link #reason} why; it never
 * throws and never reads outside the bytes it was given.
 */
public final class CtFlyweight extends CtReading {
    public static final long HAS_REPLY = 1L << 1;
    public static final long HAS_MASTER = 1L << 2;
    public static final long HAS_STATUS = 1L << 3;
    public static final long HAS_TIMEOUT = 1L << 4;
    public static final long HAS_MARK = 1L << 5;
    public static final long HAS_ID = 1L << 6;
    public static final long HAS_USE = 1L << 7;
    public static final long HAS_ZONE = 1L << 8;
    public static final long HAS_LABELS = 1L << 9;
    public static final long HAS_HELPER = 1L << 10;
    public static final long HAS_HELPER_INFO = 1L << 11;
    public static final long HAS_SEQADJ_ORIG = 1L << 12;
    public static final long HAS_SEQADJ_REPLY = 1L << 13;
    public static final long HAS_SYNPROXY = 1L << 14;
    public static final long HAS_TCP_STATE = 1L << 15;
    public static final long HAS_TCP_WSCALE_ORIG = 1L << 16;
    public static final long HAS_TCP_WSCALE_REPLY = 1L << 17;
    public static final long HAS_TCP_FLAGS_ORIG = 1L << 18;
    public static final long HAS_TCP_FLAGS_REPLY = 1L << 19;
    public static final long HAS_SCTP_STATE = 1L << 20;
    public static final long HAS_SCTP_VTAG_ORIG = 1L << 21;
    public static final long HAS_SCTP_VTAG_REPLY = 1L << 22;
    public static final long HAS_COUNTERS_ORIG = 1L << 23;
    public static final long HAS_COUNTERS_REPLY = 1L << 24;
    public static final long HAS_TIMESTAMP_START = 1L << 25;
    public static final long HAS_TIMESTAMP_STOP = 1L << 26;
    public static final long HAS_SECCTX = 1L << 27;
    public static final long HAS_NAT_SRC = 1L << 28;
    public static final long HAS_NAT_DST = 1L << 29;
    public static final long HAS_TIMESTAMP_EVENT = 1L << 30;

    private static final int FAMILY_OFFSET = NlConst.NLMSG_HDRLEN;
    private static final int ATTRIBUTES_OFFSET = NlConst.NLMSG_HDRLEN + NlConst.NFGENMSG_BYTES;
    private static final long HAS_ORIG = 1L;

    private final NlAttrs attrs = new NlAttrs();
    private final NlAttrs nest = new NlAttrs();
    private final NlAttrs inner = new NlAttrs();
    private final CtTuple orig = new CtTuple();
    private final CtTuple reply = new CtTuple();
    private final CtTuple master = new CtTuple();
    private final CtSeqAdj seqAdjOrig = new CtSeqAdj();
    private final CtSeqAdj seqAdjReply = new CtSeqAdj();
    private final CtNatRange natSrc = new CtNatRange();
    private final CtNatRange natDst = new CtNatRange();
    private final CtProtoInfo protoInfo = new CtProtoInfo();

    private DirectBuffer buffer;
    private int offset;
    private int length;
    private int type;
    private int flags;
    private int seq;
    private int portId;
    private int family;
    private long present;
    private int unknownAttributes;

    private int status;
    private int timeoutS;
    private int mark;
    private int id;
    private int use;
    private int zone;
    private int labelsOffset;
    private int labelsBytes;
    private int helperOffset;
    private int helperBytes;
    private int helperInfoOffset;
    private int helperInfoBytes;
    private int synproxyIsn;
    private int synproxyIts;
    private int synproxyTsOff;
    private long packetsOrig;
    private long bytesOrig;
    private long packetsReply;
    private long bytesReply;
    private long startNs;
    private long stopNs;
    private long eventNs;
    private int secctxOffset;
    private int secctxBytes;

    /**
     * Reads the one message in the {@code length} bytes at {@code offset}.
     *
     * @return true when it is well formed and names an entry; else false, and {@link #reason} says why
     */
    public boolean wrap(DirectBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        this.present = 0;
        this.unknownAttributes = 0;
        this.zone = 0;
        this.reason = CtReason.OK;
        if (!header()) {
            return false;
        }
        orig.clear(family);
        reply.clear(family);
        master.clear(family);
        attrs.wrap(buffer, offset + ATTRIBUTES_OFFSET, length - ATTRIBUTES_OFFSET);
        while (reason == CtReason.OK && attrs.next()) {
            attribute();
        }
        check(attrs);
        if (reason == CtReason.OK && !has(HAS_ORIG)) {
            reason = CtReason.NO_ORIG_TUPLE;
        }
        return reason == CtReason.OK;
    }

    private boolean header() {
        type = -1;
        if (offset < 0 || length < ATTRIBUTES_OFFSET || offset > buffer.capacity() - length) {
            reason = CtReason.TRUNCATED;
            return false;
        }
        if (buffer.getInt(offset + NlConst.NLMSG_LEN_OFFSET) != length) {
            reason = CtReason.TRUNCATED;
            return false;
        }
        int nlmsgType = buffer.getShort(offset + NlConst.NLMSG_TYPE_OFFSET) & 0xffff;
        flags = buffer.getShort(offset + NlConst.NLMSG_FLAGS_OFFSET) & 0xffff;
        seq = buffer.getInt(offset + NlConst.NLMSG_SEQ_OFFSET);
        portId = buffer.getInt(offset + NlConst.NLMSG_PID_OFFSET);
        family = buffer.getByte(offset + FAMILY_OFFSET) & 0xff;
        if (nlmsgType < CTNETLINK || nlmsgType > CTNETLINK + IPCTNL_MSG_CT_DELETE) {
            reason = CtReason.NOT_AN_ENTRY;
            return false;
        }
        type = nlmsgType - CTNETLINK;
        if (family != NlConst.AF_INET && family != NlConst.AF_INET6) {
            reason = CtReason.UNKNOWN_FAMILY;
            return false;
        }
        return true;
    }

    /** enum ctattr_type. */
    private void attribute() {
        switch (attrs.type()) {
            case CTA_TUPLE_ORIG -> tuple(orig, HAS_ORIG);
            case CTA_TUPLE_REPLY -> tuple(reply, HAS_REPLY);
            case CTA_TUPLE_MASTER -> tuple(master, HAS_MASTER);
            case CTA_STATUS -> status = u32(HAS_STATUS);
            case CTA_TIMEOUT -> timeoutS = u32(HAS_TIMEOUT);
            case CTA_MARK -> mark = u32(HAS_MARK);
            case CTA_ID -> id = u32(HAS_ID);
            case CTA_USE -> use = u32(HAS_USE);
            case CTA_ZONE -> {
                zone = attrs.u16be();
                present |= HAS_ZONE;
            }
            case CTA_PROTOINFO -> {
                unknownAttributes += protoInfo.parse(nest.wrapNested(attrs), inner, this);
            }
            case CTA_HELP -> help(nest.wrapNested(attrs));
            case CTA_LABELS -> {
                labelsOffset = attrs.valueOffset();
                labelsBytes = attrs.valueLength();
                present |= HAS_LABELS;
            }
            case CTA_COUNTERS_ORIG, CTA_COUNTERS_REPLY -> counters(nest.wrapNested(attrs), attrs.type());
            case CTA_SEQ_ADJ_ORIG -> seqAdj(seqAdjOrig, HAS_SEQADJ_ORIG);
            case CTA_SEQ_ADJ_REPLY -> seqAdj(seqAdjReply, HAS_SEQADJ_REPLY);
            case CTA_SYNPROXY -> synproxy(nest.wrapNested(attrs));
            case CTA_TIMESTAMP -> timestamp(nest.wrapNested(attrs));
            case CTA_TIMESTAMP_EVENT -> {
                eventNs = attrs.u64be();
                present |= HAS_TIMESTAMP_EVENT;
            }
            case CTA_SECCTX -> secctx(nest.wrapNested(attrs));
            case CTA_NAT_SRC -> nat(natSrc, HAS_NAT_SRC);
            case CTA_NAT_DST -> nat(natDst, HAS_NAT_DST);
            default -> unknownAttributes++;
        }
    }

    private int u32(long bit) {
        present |= bit;
        return attrs.u32be();
    }

    private void tuple(CtTuple tuple, long bit) {
        tuple.clear(family);
        unknownAttributes += tuple.parse(nest.wrapNested(attrs), inner, this);
        present |= bit;
    }

    private void seqAdj(CtSeqAdj seqAdj, long bit) {
        unknownAttributes += seqAdj.parse(nest.wrapNested(attrs), this);
        present |= bit;
    }

    private void nat(CtNatRange range, long bit) {
        unknownAttributes += range.parse(nest.wrapNested(attrs), inner, family, this);
        present |= bit;
    }

    /** enum ctattr_help. */
    private void help(NlAttrs a) {
        while (a.next()) {
            switch (a.type()) {
                case CTA_HELP_NAME -> {
                    helperOffset = a.valueOffset();
                    helperBytes = a.stringLength();
                    present |= HAS_HELPER;
                }
                case CTA_HELP_INFO -> {
                    helperInfoOffset = a.valueOffset();
                    helperInfoBytes = a.valueLength();
                    present |= HAS_HELPER_INFO;
                }
                default -> unknownAttributes++;
            }
        }
        check(a);
    }

    /** enum ctattr_counters. */
    private void counters(NlAttrs a, int which) {
        long packets = 0;
        long bytes = 0;
        while (a.next()) {
            switch (a.type()) {
                case CTA_COUNTERS_PACKETS -> packets = a.u64be();
                case CTA_COUNTERS_BYTES -> bytes = a.u64be();
                default -> unknownAttributes++;
            }
        }
        check(a);
        if (which == CTA_COUNTERS_ORIG) {
            packetsOrig = packets;
            bytesOrig = bytes;
            present |= HAS_COUNTERS_ORIG;
        } else {
            packetsReply = packets;
            bytesReply = bytes;
            present |= HAS_COUNTERS_REPLY;
        }
    }

    /** enum ctattr_synproxy. */
    private void synproxy(NlAttrs a) {
        synproxyIsn = 0;
        synproxyIts = 0;
        synproxyTsOff = 0;
        while (a.next()) {
            switch (a.type()) {
                case CTA_SYNPROXY_ISN -> synproxyIsn = a.u32be();
                case CTA_SYNPROXY_ITS -> synproxyIts = a.u32be();
                case CTA_SYNPROXY_TSOFF -> synproxyTsOff = a.u32be();
                default -> unknownAttributes++;
            }
        }
        check(a);
        present |= HAS_SYNPROXY;
    }

    /** enum ctattr_tstamp. */
    private void timestamp(NlAttrs a) {
        while (a.next()) {
            switch (a.type()) {
                case CTA_TIMESTAMP_START -> {
                    startNs = a.u64be();
                    present |= HAS_TIMESTAMP_START;
                }
                case CTA_TIMESTAMP_STOP -> {
                    stopNs = a.u64be();
                    present |= HAS_TIMESTAMP_STOP;
                }
                default -> unknownAttributes++;
            }
        }
        check(a);
    }

    /** enum ctattr_secctx. */
    private void secctx(NlAttrs a) {
        while (a.next()) {
            if (a.type() == CTA_SECCTX_NAME) {
                secctxOffset = a.valueOffset();
                secctxBytes = a.stringLength();
                present |= HAS_SECCTX;
            } else {
                unknownAttributes++;
            }
        }
        check(a);
    }

    void mark(long bits) {
        present |= bits;
    }

    /** {@link CtReason#OK}, or why the last {@link #wrap} answered false. */
    public CtReason reason() {
        return reason;
    }

    /** Attributes of this message, at any depth, that this class does not know. */
    public int unknownAttributes() {
        return unknownAttributes;
    }

    public DirectBuffer buffer() {
        return buffer;
    }

    /** Offset of the message in {@link #buffer}. */
    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    /** {@code IPCTNL_MSG_CT_NEW}, {@code _GET} or {@code _DELETE}. */
    public int type() {
        return type;
    }

    /** {@code nlmsg_flags}. A NEW event of a new entry has CREATE and EXCL, one of a change neither. */
    public int flags() {
        return flags;
    }

    public int seq() {
        return seq;
    }

    /** {@code nlmsg_pid}: 0 when the packet path did it, else the port id of the socket that injected. */
    public int portId() {
        return portId;
    }

    /** {@code AF_INET} or {@code AF_INET6}. */
    public int family() {
        return family;
    }

    /** True when all attributes of {@code bits} ({@code HAS_*}) came with the message. */
    public boolean has(long bits) {
        return (present & bits) == bits;
    }

    /** The attributes that came with the message, as {@code HAS_*} bits. */
    public long present() {
        return present;
    }

    /** {@code CTA_TUPLE_ORIG}; always there when {@link #wrap} answered true. */
    public CtTuple orig() {
        return orig;
    }

    public CtTuple reply() {
        return reply;
    }

    /** {@code CTA_TUPLE_MASTER}: the original tuple of the entry that this one is RELATED to. */
    public CtTuple master() {
        return master;
    }

    /** {@code CTA_STATUS}, {@code IPS_*}. */
    public int status() {
        return status;
    }

    /** {@code CTA_TIMEOUT}: seconds until the entry expires. */
    public int timeoutS() {
        return timeoutS;
    }

    public int mark() {
        return mark;
    }

    /** {@code CTA_ID}: the kernel's own name for the entry while it lives; not to be carried to another kernel. */
    public int id() {
        return id;
    }

    public int use() {
        return use;
    }

    /** {@code CTA_ZONE}: the zone of both directions; 0 without it. */
    public int zone() {
        return zone;
    }

    /** Offset of the label bits, {@link #labelsBytes} long, in the kernel's host order. */
    public int labelsOffset() {
        return labelsOffset;
    }

    public int labelsBytes() {
        return labelsBytes;
    }

    /** Offset of the helper's name, {@link #helperBytes} of ASCII without NUL. */
    public int helperOffset() {
        return helperOffset;
    }

    public int helperBytes() {
        return helperBytes;
    }

    /** Offset of what the helper says of itself ({@code CTA_HELP_INFO}), opaque. */
    public int helperInfoOffset() {
        return helperInfoOffset;
    }

    public int helperInfoBytes() {
        return helperInfoBytes;
    }

    public CtSeqAdj seqAdjOrig() {
        return seqAdjOrig;
    }

    public CtSeqAdj seqAdjReply() {
        return seqAdjReply;
    }

    public int synproxyIsn() {
        return synproxyIsn;
    }

    public int synproxyIts() {
        return synproxyIts;
    }

    public int synproxyTsOff() {
        return synproxyTsOff;
    }

    /** State, window scales, flags of TCP; state and tags of SCTP; see the {@code HAS_TCP_*} and {@code HAS_SCTP_*} bits. */
    public CtProtoInfo protoInfo() {
        return protoInfo;
    }

    public long packetsOrig() {
        return packetsOrig;
    }

    public long bytesOrig() {
        return bytesOrig;
    }

    public long packetsReply() {
        return packetsReply;
    }

    public long bytesReply() {
        return bytesReply;
    }

    /** {@code CTA_TIMESTAMP_START}: nanoseconds of the real-time clock. */
    public long startNs() {
        return startNs;
    }

    public long stopNs() {
        return stopNs;
    }

    /** {@code CTA_TIMESTAMP_EVENT}: when the event happened, on the same clock; only with the timestamp sysctl on. */
    public long eventNs() {
        return eventNs;
    }

    public int secctxOffset() {
        return secctxOffset;
    }

    public int secctxBytes() {
        return secctxBytes;
    }

    /** {@code CTA_NAT_SRC} of a request; the kernel never sends it. */
    public CtNatRange natSrc() {
        return natSrc;
    }

    /** {@code CTA_NAT_DST} of a request. */
    public CtNatRange natDst() {
        return natDst;
    }
}
