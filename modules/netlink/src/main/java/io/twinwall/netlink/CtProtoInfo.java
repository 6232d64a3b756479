/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

/**
 * What the kernel keeps of a TCP or SCTP connection (enum ctattr_protoinfo), filled by {@link CtFlyweight}, whose {@code
 * HAS_TCP_*} and {@code HAS_SCTP_*} bits say what came: a DESTROY event, for one, carries the state alone.
 */
public final class CtProtoInfo {
    private int tcpState;
    private int tcpWscaleOrig;
    private int tcpWscaleReply;
    private int tcpFlagsOrig;
    private int tcpFlagsReply;
    private int sctpState;
    private int sctpVtagOrig;
    private int sctpVtagReply;

    CtProtoInfo() {}

    /** {@code TCP_CONNTRACK_*}. */
    public int tcpState() {
        return tcpState;
    }

    public int tcpWscaleOrig() {
        return tcpWscaleOrig;
    }

    public int tcpWscaleReply() {
        return tcpWscaleReply;
    }

    /** {@code IP_CT_TCP_FLAG_*}, the first byte of {@code struct nf_ct_tcp_flags}. */
    public int tcpFlagsOrig() {
        return tcpFlagsOrig;
    }

    public int tcpFlagsReply() {
        return tcpFlagsReply;
    }

    /** {@code SCTP_CONNTRACK_*}. */
    public int sctpState() {
        return sctpState;
    }

    public int sctpVtagOrig() {
        return sctpVtagOrig;
    }

    public int sctpVtagReply() {
        return sctpVtagReply;
    }

    int parse(NlAttrs attrs, NlAttrs inner, CtFlyweight message) {
        int unknown = 0;
        while (attrs.next()) {
            switch (attrs.type()) {
                case CTA_PROTOINFO_TCP -> unknown += tcp(inner.wrapNested(attrs), message);
                case CTA_PROTOINFO_SCTP -> unknown += sctp(inner.wrapNested(attrs), message);
                default -> unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }

    /** enum ctattr_protoinfo_tcp. */
    private int tcp(NlAttrs attrs, CtFlyweight message) {
        int unknown = 0;
        while (attrs.next()) {
            switch (attrs.type()) {
                case CTA_PROTOINFO_TCP_STATE -> {
                    tcpState = attrs.u8();
                    message.mark(CtFlyweight.HAS_TCP_STATE);
                }
                case CTA_PROTOINFO_TCP_WSCALE_ORIGINAL -> {
                    tcpWscaleOrig = attrs.u8();
                    message.mark(CtFlyweight.HAS_TCP_WSCALE_ORIG);
                }
                case CTA_PROTOINFO_TCP_WSCALE_REPLY -> {
                    tcpWscaleReply = attrs.u8();
                    message.mark(CtFlyweight.HAS_TCP_WSCALE_REPLY);
                }
                case CTA_PROTOINFO_TCP_FLAGS_ORIGINAL -> {
                    tcpFlagsOrig = attrs.u8();
                    message.mark(CtFlyweight.HAS_TCP_FLAGS_ORIG);
                }
                case CTA_PROTOINFO_TCP_FLAGS_REPLY -> {
                    tcpFlagsReply = attrs.u8();
                    message.mark(CtFlyweight.HAS_TCP_FLAGS_REPLY);
                }
                default -> unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }

    /** enum ctattr_protoinfo_sctp. */
    private int sctp(NlAttrs attrs, CtFlyweight message) {
        int unknown = 0;
        while (attrs.next()) {
            switch (attrs.type()) {
                case CTA_PROTOINFO_SCTP_STATE -> {
                    sctpState = attrs.u8();
                    message.mark(CtFlyweight.HAS_SCTP_STATE);
                }
                case CTA_PROTOINFO_SCTP_VTAG_ORIGINAL -> {
                    sctpVtagOrig = attrs.u32be();
                    message.mark(CtFlyweight.HAS_SCTP_VTAG_ORIG);
                }
                case CTA_PROTOINFO_SCTP_VTAG_REPLY -> {
                    sctpVtagReply = attrs.u32be();
                    message.mark(CtFlyweight.HAS_SCTP_VTAG_REPLY);
                }
                default -> unknown++;
            }
        }
        message.check(attrs);
        return unknown;
    }
}
