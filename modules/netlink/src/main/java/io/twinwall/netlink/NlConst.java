/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/**
 * Numbers of the netlink protocol itself and of the address families, under the kernel's own names
 * ({@code linux/netlink.h}, {@code linux/netfilter/nfnetlink.h}, {@code linux/socket.h}). Each codec has the numbers of
 * its own family beside it ({@code CtConst}, {@code RtConst}).
 */
public final class NlConst {
    public static final int AF_UNSPEC = 0;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    public static final int NETLINK_ROUTE = 0;
    public static final int NETLINK_NETFILTER = 12;

    /** Size of {@code struct sockaddr_nl}: family u16, pad u16, pid u32, groups u32. */
    public static final int SOCKADDR_NL_BYTES = 12;

    /** {@code struct nlmsghdr}: len u32, type u16, flags u16, seq u32, pid u32; all in host order. */
    public static final int NLMSG_HDRLEN = 16;

    public static final int NLMSG_LEN_OFFSET = 0;
    public static final int NLMSG_TYPE_OFFSET = 4;
    public static final int NLMSG_FLAGS_OFFSET = 6;
    public static final int NLMSG_SEQ_OFFSET = 8;
    public static final int NLMSG_PID_OFFSET = 12;

    /** Messages and attributes start at multiples of this. */
    public static final int NLMSG_ALIGNTO = 4;

    public static final int NLMSG_NOOP = 1;
    public static final int NLMSG_ERROR = 2;
    public static final int NLMSG_DONE = 3;
    public static final int NLMSG_OVERRUN = 4;
    public static final int NLMSG_MIN_TYPE = 0x10;

    public static final int NLM_F_REQUEST = 0x01;
    public static final int NLM_F_MULTI = 0x02;
    public static final int NLM_F_ACK = 0x04;
    public static final int NLM_F_ECHO = 0x08;
    public static final int NLM_F_DUMP_INTR = 0x10;
    public static final int NLM_F_DUMP_FILTERED = 0x20;
    public static final int NLM_F_ROOT = 0x100;
    public static final int NLM_F_MATCH = 0x200;
    public static final int NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;
    public static final int NLM_F_REPLACE = 0x100;
    public static final int NLM_F_EXCL = 0x200;
    public static final int NLM_F_CREATE = 0x400;
    public static final int NLM_F_APPEND = 0x800;
    public static final int NLM_F_NONREC = 0x100;
    public static final int NLM_F_CAPPED = 0x100;
    public static final int NLM_F_ACK_TLVS = 0x200;

    public static final int NLMSGERR_ATTR_MSG = 1;
    public static final int NLMSGERR_ATTR_OFFS = 2;
    public static final int NLMSGERR_ATTR_COOKIE = 3;
    public static final int NLMSGERR_ATTR_POLICY = 4;
    public static final int NLMSGERR_ATTR_MISS_TYPE = 5;
    public static final int NLMSGERR_ATTR_MISS_NEST = 6;

    /** {@code struct nlattr}: len u16 (with this header, without padding), type u16; host order. */
    public static final int NLA_HDRLEN = 4;

    public static final int NLA_F_NESTED = 0x8000;
    public static final int NLA_F_NET_BYTEORDER = 0x4000;
    public static final int NLA_TYPE_MASK = 0x3fff;

    /** {@code struct nfgenmsg}: family u8, version u8, res_id be16. */
    public static final int NFGENMSG_BYTES = 4;

    public static final int NFNETLINK_V0 = 0;
    public static final int NFNL_SUBSYS_CTNETLINK = 1;
    public static final int NFNL_SUBSYS_CTNETLINK_EXP = 2;
    public static final int NFNL_SUBSYS_NFTABLES = 10;
    public static final int NFNL_MSG_BATCH_BEGIN = NLMSG_MIN_TYPE;
    public static final int NFNL_MSG_BATCH_END = NLMSG_MIN_TYPE + 1;
    public static final int NFNL_BATCH_GENID = 1;

    public static final int NFNLGRP_CONNTRACK_NEW = 1;
    public static final int NFNLGRP_CONNTRACK_UPDATE = 2;
    public static final int NFNLGRP_CONNTRACK_DESTROY = 3;
    public static final int NFNLGRP_CONNTRACK_EXP_NEW = 4;
    public static final int NFNLGRP_CONNTRACK_EXP_UPDATE = 5;
    public static final int NFNLGRP_CONNTRACK_EXP_DESTROY = 6;
    public static final int NFNLGRP_NFTABLES = 7;

    private NlConst() {}

    /** {@code bytes} rounded up to {@link #NLMSG_ALIGNTO} ({@code NLMSG_ALIGN}, {@code NLA_ALIGN}). */
    public static int align(int bytes) {
        return (bytes + (NLMSG_ALIGNTO - 1)) & -NLMSG_ALIGNTO;
    }

    /** The {@code nlmsg_type} of message {@code message} (0..255) of nfnetlink subsystem {@code subsystem}. */
    public static int nfnlType(int subsystem, int message) {
        return subsystem << 8 | message;
    }
}
