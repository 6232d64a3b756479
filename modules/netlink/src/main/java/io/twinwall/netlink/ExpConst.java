/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** Numbers of ctnetlink's expectations under the kernel's own names: {@code linux/netfilter/nfnetlink_conntrack.h}. */
public final class ExpConst {
    public static final int CTNETLINK_EXP = NlConst.NFNL_SUBSYS_CTNETLINK_EXP << 8;

    // enum ctnl_exp_msg_types
    public static final int IPCTNL_MSG_EXP_NEW = 0;
    public static final int IPCTNL_MSG_EXP_GET = 1;
    public static final int IPCTNL_MSG_EXP_DELETE = 2;

    // enum ctattr_expect
    public static final int CTA_EXPECT_MASTER = 1;
    public static final int CTA_EXPECT_TUPLE = 2;
    public static final int CTA_EXPECT_MASK = 3;
    public static final int CTA_EXPECT_TIMEOUT = 4;
    public static final int CTA_EXPECT_ID = 5;
    public static final int CTA_EXPECT_HELP_NAME = 6;
    public static final int CTA_EXPECT_ZONE = 7;
    public static final int CTA_EXPECT_FLAGS = 8;
    public static final int CTA_EXPECT_CLASS = 9;
    public static final int CTA_EXPECT_NAT = 10;
    public static final int CTA_EXPECT_FN = 11;

    // enum ctattr_expect_nat
    public static final int CTA_EXPECT_NAT_DIR = 1;
    public static final int CTA_EXPECT_NAT_TUPLE = 2;

    // nf_conntrack_common.h
    public static final int NF_CT_EXPECT_PERMANENT = 1;
    public static final int NF_CT_EXPECT_INACTIVE = 1 << 1;
    public static final int NF_CT_EXPECT_USERSPACE = 1 << 2;

    private ExpConst() {}
}
