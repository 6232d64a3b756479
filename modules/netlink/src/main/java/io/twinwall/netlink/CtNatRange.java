/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

/**
 * Address and port range of a translation (enum ctattr_nat), filled by {@link CtFlyweight}. Only requests carry it: the
 * kernel tells of a translation by the reply tuple alone.
 */
public final class CtNatRange {
    /** Offset of an address, or a port, that the message does not give. */
    public static final int NONE = -1;

    private int minOffset = NONE;
    private int maxOffset = NONE;
    private int portMin = NONE;
    private int portMax = NONE;

    CtNatRange() {}

    /** Offset of the lowest address in the message's buffer, or {@link #NONE}. */
    public int minOffset() {
        return minOffset;
    }

    /** Offset of the highest address, or {@link #NONE}: then it is the lowest. */
    public int maxOffset() {
        return maxOffset;
    }

    public int portMin() {
        return portMin;
    }

    public int portMax() {
        return portMax;
    }

    int parse(NlAttrs attrs, NlAttrs inner, int family, CtFlyweight message) {
        boolean v4 = family == NlConst.AF_INET;
        minOffset = NONE;
        maxOffset = NONE;
        portMin = NONE;
        portMax = NONE;
        int unknown = 0;
        while (attrs.next()) {
            int type = attrs.type();
            if (type == (v4 ? CTA_NAT_V4_MINIP : CTA_NAT_V6_MINIP)) {
                minOffset = address(attrs, v4, message);
            } else if (type == (v4 ? CTA_NAT_V4_MAXIP : CTA_NAT_V6_MAXIP)) {
                maxOffset = address(attrs, v4, message);
            } else if (type == CTA_NAT_PROTO) {
                unknown += ports(inner.wrapNested(attrs), message);
            } else {
                unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }

    private int ports(NlAttrs attrs, CtFlyweight message) {
        int unknown = 0;
        while (attrs.next()) {
            switch (attrs.type()) {
                case CTA_PROTONAT_PORT_MIN -> portMin = attrs.u16be();
                case CTA_PROTONAT_PORT_MAX -> portMax = attrs.u16be();
                default -> unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }

    private static int address(NlAttrs attrs, boolean v4, CtFlyweight message) {
        if (attrs.valueLength() < (v4 ? 4 : 16)) {
            message.refuse(CtReason.SHORT_VALUE);
            return NONE;
        }
        return attrs.valueOffset();
    }
}
