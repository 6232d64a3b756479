/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.ExpConst.*;

import org.agrona.DirectBuffer;

/**
 * One ctnetlink message about one expectation, read in place: an event, or a line of a dump. The rules are those of {@link
 * CtFlyweight}: {@link #wrap} walks the attributes once, whatever is an offset is valid only in the callback that handed
 * the buffer over, unknown attributes are skipped and counted, and one whose length lies refuses the message. One object
 * serves a thread for ever and allocates nothing after construction.
 *
 * <pre>
 *   nlmsghdr, 16 | nfgenmsg, 4 | CTA_EXPECT_TUPLE {..} | CTA_EXPECT_MASK {..} | CTA_EXPECT_MASTER {..}
 *                              | CTA_EXPECT_NAT { CTA_EXPECT_NAT_DIR, CTA_EXPECT_NAT_TUPLE {..} } | CTA_EXPECT_FN | ...
 * </pre>
 */
public final class ExpFlyweight extends CtReading {
    /** {@link #natDir} of an expectation whose child is not translated. */
    public static final int NO_NAT = -1;

    private static final int FAMILY_OFFSET = NlConst.NLMSG_HDRLEN;
    private static final int ATTRIBUTES_OFFSET = NlConst.NLMSG_HDRLEN + NlConst.NFGENMSG_BYTES;
    private static final int SEEN_TUPLE = 1;
    private static final int SEEN_MASK = 1 << 1;
    private static final int SEEN_MASTER = 1 << 2;
    private static final int SEEN_NAT_DIR = 1 << 3;
    private static final int SEEN_NAT_TUPLE = 1 << 4;
    private static final int NEEDED = SEEN_TUPLE | SEEN_MASK | SEEN_MASTER;

    private final NlAttrs attrs = new NlAttrs();
    private final NlAttrs nest = new NlAttrs();
    private final NlAttrs deeper = new NlAttrs();
    private final NlAttrs inner = new NlAttrs();
    private final CtTuple tuple = new CtTuple();
    private final CtTuple mask = new CtTuple();
    private final CtTuple master = new CtTuple();
    private final CtTuple natTuple = new CtTuple();

    private DirectBuffer buffer;
    private int type;
    private int flags;
    private int portId;
    private int family;
    private int seen;
    private int unknownAttributes;
    private int timeoutS;
    private int id;
    private int zone;
    private int expectFlags;
    private int expectClass;
    private int natDir;
    private int helperOffset;
    private int helperBytes;
    private int functionOffset;
    private int functionBytes;

    /**
     * Reads the one message in the {@code length} bytes at {@code offset}.
     *
     * @return true when it is well formed and names an expectation; else false, and {@link #reason} says why
     */
    public boolean wrap(DirectBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        clear();
        if (!header(offset, length)) {
            return false;
        }
        tuple.clear(family);
        mask.clear(family);
        master.clear(family);
        natTuple.clear(family);
        attrs.wrap(buffer, offset + ATTRIBUTES_OFFSET, length - ATTRIBUTES_OFFSET);
        while (reason == CtReason.OK && attrs.next()) {
            attribute();
        }
        check(attrs);
        if ((seen & NEEDED) != NEEDED) {
            refuse(CtReason.NO_ORIG_TUPLE);
        }
        return reason == CtReason.OK;
    }

    private void clear() {
        seen = 0;
        unknownAttributes = 0;
        timeoutS = 0;
        id = 0;
        zone = 0;
        expectFlags = 0;
        expectClass = 0;
        natDir = 0;
        helperBytes = 0;
        functionBytes = 0;
        type = -1;
        reason = CtReason.OK;
    }

    private boolean header(int offset, int length) {
        if (offset < 0
                || length < ATTRIBUTES_OFFSET
                || offset > buffer.capacity() - length
                || buffer.getInt(offset + NlConst.NLMSG_LEN_OFFSET) != length) {
            reason = CtReason.TRUNCATED;
            return false;
        }
        int nlmsgType = buffer.getShort(offset + NlConst.NLMSG_TYPE_OFFSET) & 0xffff;
        flags = buffer.getShort(offset + NlConst.NLMSG_FLAGS_OFFSET) & 0xffff;
        portId = buffer.getInt(offset + NlConst.NLMSG_PID_OFFSET);
        family = buffer.getByte(offset + FAMILY_OFFSET) & 0xff;
        if (nlmsgType < CTNETLINK_EXP || nlmsgType > CTNETLINK_EXP + IPCTNL_MSG_EXP_DELETE) {
            reason = CtReason.NOT_AN_ENTRY;
            return false;
        }
        type = nlmsgType - CTNETLINK_EXP;
        if (family != NlConst.AF_INET && family != NlConst.AF_INET6) {
            reason = CtReason.UNKNOWN_FAMILY;
            return false;
        }
        return true;
    }

    /** enum ctattr_expect. */
    private void attribute() {
        switch (attrs.type()) {
            case CTA_EXPECT_TUPLE -> tuple(tuple, SEEN_TUPLE);
            case CTA_EXPECT_MASK -> tuple(mask, SEEN_MASK);
            case CTA_EXPECT_MASTER -> tuple(master, SEEN_MASTER);
            case CTA_EXPECT_TIMEOUT -> timeoutS = attrs.u32be();
            case CTA_EXPECT_ID -> id = attrs.u32be();
            case CTA_EXPECT_ZONE -> zone = attrs.u16be();
            case CTA_EXPECT_FLAGS -> expectFlags = attrs.u32be();
            case CTA_EXPECT_CLASS -> expectClass = attrs.u32be();
            case CTA_EXPECT_NAT -> nat(nest.wrapNested(attrs));
            case CTA_EXPECT_HELP_NAME -> {
                helperOffset = attrs.valueOffset();
                helperBytes = attrs.stringLength();
            }
            case CTA_EXPECT_FN -> {
                functionOffset = attrs.valueOffset();
                functionBytes = attrs.stringLength();
            }
            default -> unknownAttributes++;
        }
    }

    private void tuple(CtTuple which, int bit) {
        which.clear(family);
        unknownAttributes += which.parse(nest.wrapNested(attrs), inner, this);
        seen |= bit;
    }

    /** enum ctattr_expect_nat. */
    private void nat(NlAttrs a) {
        while (a.next()) {
            switch (a.type()) {
                case CTA_EXPECT_NAT_DIR -> {
                    natDir = a.u32be();
                    seen |= SEEN_NAT_DIR;
                }
                case CTA_EXPECT_NAT_TUPLE -> {
                    natTuple.clear(family);
                    unknownAttributes += natTuple.parse(deeper.wrapNested(a), inner, this);
                    seen |= SEEN_NAT_TUPLE;
                }
                default -> unknownAttributes++;
            }
        }
        check(a);
    }

    /** Why the last {@link #wrap} answered false. */
    public CtReason reason() {
        return reason;
    }

    /** The buffer that the offsets lie in. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** {@code IPCTNL_MSG_EXP_*}. */
    public int type() {
        return type;
    }

    /** {@code nlmsg_flags}. */
    public int flags() {
        return flags;
    }

    /** {@code nlmsg_pid}: of the socket at whose request this happened, 0 for the kernel's own doing. */
    public int portId() {
        return portId;
    }

    public int family() {
        return family;
    }

    public int unknownAttributes() {
        return unknownAttributes;
    }

    /** The connection expected; {@link #mask} says which parts of its source count. */
    public CtTuple tuple() {
        return tuple;
    }

    public CtTuple mask() {
        return mask;
    }

    /** Original tuple of the flow that expects it. */
    public CtTuple master() {
        return master;
    }

    public int timeoutS() {
        return timeoutS;
    }

    public int id() {
        return id;
    }

    /** {@code CTA_EXPECT_ZONE}: given by requests only, the kernel does not tell it. */
    public int zone() {
        return zone;
    }

    /** {@code NF_CT_EXPECT_*}. */
    public int expectFlags() {
        return expectFlags;
    }

    /** Which of the helper's policies holds. */
    public int expectClass() {
        return expectClass;
    }

    /** Direction of the translation, or {@link #NO_NAT}. */
    public int natDir() {
        int both = SEEN_NAT_DIR | SEEN_NAT_TUPLE;
        return (seen & both) == both ? natDir : NO_NAT;
    }

    /** Its source is what the child is translated to; valid when there is a {@link #natDir}. */
    public CtTuple natTuple() {
        return natTuple;
    }

    /** Offset of the name of the master's helper (not the child's). */
    public int helperOffset() {
        return helperOffset;
    }

    /** 0 when the message names none. */
    public int helperBytes() {
        return helperBytes;
    }

    /** Offset of {@code CTA_EXPECT_FN}: the name of what the kernel does with the child, say {@code nat-follow-master}. */
    public int functionOffset() {
        return functionOffset;
    }

    /** 0 when the message names none. */
    public int functionBytes() {
        return functionBytes;
    }
}
