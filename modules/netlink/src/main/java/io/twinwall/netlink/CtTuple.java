/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

/**
 * One tuple of a ctnetlink message: addresses as offsets in the message's buffer (so valid only in the callback that
 * hands the message over), the rest as numbers. The protocol's key is two numbers, the same that {@link
 * CtEncoder#tuple} takes:
 *
 * <pre>
 *   protocol                        a                 b
 *   TCP, UDP, UDPLITE, SCTP, DCCP   source port       destination port
 *   GRE                             source key        destination key
 *   ICMP, ICMPv6                    id                type &lt;&lt; 8 | code
 *   any other                       0                 0
 * </pre>
 */
public final class CtTuple {
    /** {@link #zone} of a tuple without {@code CTA_TUPLE_ZONE}. */
    public static final int NO_ZONE = -1;

    private static final int SEEN_SRC = 1;
    private static final int SEEN_DST = 1 << 1;
    private static final int SEEN_PROTO = 1 << 2;
    private static final int SEEN_A = 1 << 3;
    private static final int SEEN_B = 1 << 4;
    private static final int SEEN_CODE = 1 << 5;

    private int seen;
    private int family;
    private int srcOffset;
    private int dstOffset;
    private int proto;
    private int a;
    private int b;
    private int zone = NO_ZONE;

    CtTuple() {}

    /** Offset of the source address ({@link #addressBytes} bytes, network order) in the message's buffer. */
    public int srcOffset() {
        return srcOffset;
    }

    /** Offset of the destination address. */
    public int dstOffset() {
        return dstOffset;
    }

    /** 4 or 16. */
    public int addressBytes() {
        return family == NlConst.AF_INET ? 4 : 16;
    }

    /** {@code CTA_PROTO_NUM}, 0..255. */
    public int proto() {
        return proto;
    }

    /** Source port, GRE source key or ICMP id; see the class head. */
    public int a() {
        return a;
    }

    /** Destination port, GRE destination key or ICMP {@code type << 8 | code}. */
    public int b() {
        return b;
    }

    /** {@code CTA_TUPLE_ZONE}: the zone of this direction alone, or {@link #NO_ZONE}. */
    public int zone() {
        return zone;
    }

    void clear(int messageFamily) {
        seen = 0;
        family = messageFamily;
        srcOffset = 0;
        dstOffset = 0;
        proto = 0;
        a = 0;
        b = 0;
        zone = NO_ZONE;
    }

    /** Reads enum ctattr_tuple out of {@code attrs}, with {@code inner} as scratch; returns the unknown attributes met. */
    int parse(NlAttrs attrs, NlAttrs inner, CtReading message) {
        int unknown = 0;
        while (attrs.next()) {
            switch (attrs.type()) {
                case CTA_TUPLE_IP -> unknown += parseIp(inner.wrapNested(attrs), message);
                case CTA_TUPLE_PROTO -> unknown += parseProto(inner.wrapNested(attrs), message);
                case CTA_TUPLE_ZONE -> zone = attrs.u16be();
                default -> unknown++;
            }
        }
        message.check(attrs);
        if (!complete()) {
            message.refuse(CtReason.INCOMPLETE_TUPLE);
        }
        return unknown;
    }

    private int parseIp(NlAttrs attrs, CtReading message) {
        boolean v4 = family == NlConst.AF_INET;
        int unknown = 0;
        while (attrs.next()) {
            int type = attrs.type();
            if (type == (v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC)) {
                srcOffset = address(attrs, message, SEEN_SRC);
            } else if (type == (v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST)) {
                dstOffset = address(attrs, message, SEEN_DST);
            } else {
                unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }

    private int address(NlAttrs attrs, CtReading message, int part) {
        if (attrs.valueLength() < addressBytes()) {
            message.refuse(CtReason.SHORT_VALUE);
            return 0;
        }
        seen |= part;
        return attrs.valueOffset();
    }

    private int parseProto(NlAttrs attrs, CtReading message) {
        int unknown = 0;
        while (attrs.next()) {
            switch (attrs.type()) {
                case CTA_PROTO_NUM -> {
                    proto = attrs.u8();
                    seen |= SEEN_PROTO;
                }
                case CTA_PROTO_SRC_PORT, CTA_PROTO_ICMP_ID, CTA_PROTO_ICMPV6_ID -> {
                    a = attrs.u16be();
                    seen |= SEEN_A;
                }
                case CTA_PROTO_DST_PORT -> {
                    b = attrs.u16be();
                    seen |= SEEN_B;
                }
                case CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMPV6_TYPE -> {
                    b = (b & 0xff) | (attrs.u8() << 8);
                    seen |= SEEN_B;
                }
                case CTA_PROTO_ICMP_CODE, CTA_PROTO_ICMPV6_CODE -> {
                    b = (b & 0xff00) | attrs.u8();
                    seen |= SEEN_CODE;
                }
                default -> unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }

    private boolean complete() {
        int need = SEEN_SRC | SEEN_DST | SEEN_PROTO;
        if (hasPorts(proto)) {
            need |= SEEN_A | SEEN_B;
        } else if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
            need |= SEEN_A | SEEN_B | SEEN_CODE;
        }
        return (seen & need) == need;
    }
}
