/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** Numbers of rtnetlink under the kernel's names: {@code linux/rtnetlink.h}, {@code if_addr.h}, {@code if_link.h}. */
public final class RtConst {
    public static final int RTM_NEWLINK = 16;
    public static final int RTM_DELLINK = 17;
    public static final int RTM_GETLINK = 18;
    public static final int RTM_SETLINK = 19;
    public static final int RTM_NEWADDR = 20;
    public static final int RTM_DELADDR = 21;
    public static final int RTM_GETADDR = 22;
    public static final int RTM_NEWROUTE = 24;
    public static final int RTM_DELROUTE = 25;
    public static final int RTM_GETROUTE = 26;
    public static final int RTM_NEWNEIGH = 28;
    public static final int RTM_GETNEIGH = 30;
    public static final int RTM_NEWRULE = 32;
    public static final int RTM_DELRULE = 33;
    public static final int RTM_GETRULE = 34;

    public static final int RTNLGRP_LINK = 1;
    public static final int RTNLGRP_IPV4_IFADDR = 5;
    public static final int RTNLGRP_IPV6_IFADDR = 9;

    /** {@code struct ifaddrmsg}: family u8, prefixlen u8, flags u8, scope u8, index u32. */
    static final int IFADDRMSG_BYTES = 8;

    /** {@code struct ifinfomsg}: family u8, pad u8, type u16, index s32, flags u32, change u32. */
    static final int IFINFOMSG_BYTES = 16;

    public static final int RT_SCOPE_UNIVERSE = 0;
    public static final int RT_SCOPE_LINK = 253;
    public static final int RT_SCOPE_HOST = 254;

    public static final int IFA_ADDRESS = 1;
    public static final int IFA_LOCAL = 2;
    public static final int IFA_LABEL = 3;
    public static final int IFA_BROADCAST = 4;
    public static final int IFA_CACHEINFO = 6;
    public static final int IFA_FLAGS = 8;
    public static final int IFA_PROTO = 11;

    public static final int IFA_F_SECONDARY = 0x01;
    public static final int IFA_F_NODAD = 0x02;
    public static final int IFA_F_DADFAILED = 0x08;
    public static final int IFA_F_DEPRECATED = 0x20;
    public static final int IFA_F_TENTATIVE = 0x40;
    public static final int IFA_F_PERMANENT = 0x80;
    public static final int IFA_F_NOPREFIXROUTE = 0x200;

    /** {@code struct ifa_cacheinfo}: preferred u32, valid u32 (seconds), cstamp u32, tstamp u32. */
    static final int IFA_CACHEINFO_BYTES = 16;

    /** {@code INFINITY_LIFE_TIME}. */
    public static final int INFINITY_LIFE_TIME = 0xffffffff;

    /** {@code struct rtmsg}: family u8, dst_len u8, src_len u8, tos u8, table u8, protocol u8, scope u8, type u8, flags u32. */
    static final int RTMSG_BYTES = 12;

    public static final int RT_TABLE_MAIN = 254;
    public static final int RTN_UNICAST = 1;

    public static final int RTA_DST = 1;
    public static final int RTA_OIF = 4;
    public static final int RTA_GATEWAY = 5;
    public static final int RTA_PRIORITY = 6;
    public static final int RTA_PREFSRC = 7;
    public static final int RTA_TABLE = 15;

    /** {@code struct ndmsg}: family u8, pad u8, pad u16, ifindex s32, state u16, flags u8, type u8. */
    static final int NDMSG_BYTES = 12;

    public static final int NDA_DST = 1;

    public static final int NUD_INCOMPLETE = 0x01;
    public static final int NUD_REACHABLE = 0x02;
    public static final int NUD_STALE = 0x04;
    public static final int NUD_FAILED = 0x20;

    /** {@code struct fib_rule_hdr}: family u8, dst_len u8, src_len u8, tos u8, table u8, res u8 x 2, action u8, flags u32. */
    static final int FIB_RULE_HDR_BYTES = 12;

    public static final int FR_ACT_TO_TBL = 1;

    public static final int FRA_DST = 1;
    public static final int FRA_SRC = 2;
    public static final int FRA_PRIORITY = 6;
    public static final int FRA_FWMARK = 10;
    public static final int FRA_TABLE = 15;
    public static final int FRA_FWMASK = 16;
    public static final int FRA_PROTOCOL = 21;

    public static final int IFLA_ADDRESS = 1;
    public static final int IFLA_IFNAME = 3;
    public static final int IFLA_MTU = 4;
    public static final int IFLA_OPERSTATE = 16;
    public static final int IFLA_AF_SPEC = 26;
    public static final int IFLA_CARRIER = 33;
    public static final int IFLA_CARRIER_CHANGES = 35;

    /** Within {@code AF_INET} of {@link #IFLA_AF_SPEC}: the sysctls of the interface, by their {@code IPV4_DEVCONF_*}. */
    public static final int IFLA_INET_CONF = 1;

    public static final int IPV4_DEVCONF_PROMOTE_SECONDARIES = 20;

    public static final int IFF_UP = 0x1;
    public static final int IFF_LOOPBACK = 0x8;
    public static final int IFF_RUNNING = 0x40;
    public static final int IFF_LOWER_UP = 0x10000;

    /** {@code IF_OPER_UP}. */
    public static final int IF_OPER_UP = 6;

    private RtConst() {}
}
