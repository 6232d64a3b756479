/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** Numbers of nf_tables under the kernel's own names ({@code linux/netfilter/nf_tables.h}, {@code linux/netfilter.h}). */
public final class NftConst {
    public static final int NFPROTO_UNSPEC = 0;
    public static final int NFPROTO_INET = 1;
    public static final int NFPROTO_IPV4 = 2;
    public static final int NFPROTO_NETDEV = 5;
    public static final int NFPROTO_BRIDGE = 7;
    public static final int NFPROTO_IPV6 = 10;

    public static final int NF_DROP = 0;
    public static final int NF_ACCEPT = 1;

    /** Verdicts within a table: on to another chain, for a while or for good, and back to where it came from. */
    public static final int NFT_JUMP = -3;

    public static final int NFT_GOTO = -4;
    public static final int NFT_RETURN = -5;

    public static final int NF_NETDEV_INGRESS = 0;
    public static final int NF_NETDEV_EGRESS = 1;
    public static final int NF_INET_PRE_ROUTING = 0;
    public static final int NF_INET_LOCAL_IN = 1;
    public static final int NF_INET_FORWARD = 2;
    public static final int NF_INET_LOCAL_OUT = 3;
    public static final int NF_INET_POST_ROUTING = 4;

    /** Where connection tracking looks at a packet first: what is to pass it by has a lower priority. */
    public static final int NF_IP_PRI_CONNTRACK = -200;

    /** {@code NF_INET_NUMHOOKS}: the ingress of a device, in a table of the family {@code inet}; sees no ARP. */
    public static final int NF_INET_INGRESS = 5;

    public static final int NFT_MSG_NEWTABLE = 0;
    public static final int NFT_MSG_GETTABLE = 1;
    public static final int NFT_MSG_DELTABLE = 2;
    public static final int NFT_MSG_NEWCHAIN = 3;
    public static final int NFT_MSG_GETCHAIN = 4;
    public static final int NFT_MSG_NEWRULE = 6;
    public static final int NFT_MSG_GETRULE = 7;
    public static final int NFT_MSG_NEWSET = 9;
    public static final int NFT_MSG_GETSET = 10;
    public static final int NFT_MSG_NEWSETELEM = 12;
    public static final int NFT_MSG_GETSETELEM = 13;
    public static final int NFT_MSG_DELSETELEM = 14;
    public static final int NFT_MSG_NEWGEN = 15;
    public static final int NFT_MSG_GETGEN = 16;
    public static final int NFT_MSG_GETOBJ = 19;

    /** As {@link #NFT_MSG_DELTABLE}, content with there being no such table; Linux 6.3. */
    public static final int NFT_MSG_DESTROYTABLE = 26;

    /** As {@link #NFT_MSG_DELSETELEM}, content with there being no such element; Linux 6.3. */
    public static final int NFT_MSG_DESTROYSETELEM = 30;

    public static final int NFTA_LIST_ELEM = 1;

    public static final int NFTA_HOOK_HOOKNUM = 1;
    public static final int NFTA_HOOK_PRIORITY = 2;
    public static final int NFTA_HOOK_DEV = 3;
    public static final int NFTA_HOOK_DEVS = 4;
    public static final int NFTA_DEVICE_NAME = 1;

    /** Only the socket that made the table may change it, and {@code flush ruleset} passes it by; Linux 5.12. */
    public static final int NFT_TABLE_F_OWNER = 0x2;

    /** The table outlives its owner; Linux 6.9. */
    public static final int NFT_TABLE_F_PERSIST = 0x4;

    public static final int NFTA_TABLE_NAME = 1;
    public static final int NFTA_TABLE_FLAGS = 2;
    public static final int NFTA_TABLE_HANDLE = 4;
    public static final int NFTA_TABLE_OWNER = 7;

    public static final int NFTA_CHAIN_TABLE = 1;
    public static final int NFTA_CHAIN_NAME = 3;
    public static final int NFTA_CHAIN_HOOK = 4;
    public static final int NFTA_CHAIN_POLICY = 5;
    public static final int NFTA_CHAIN_TYPE = 7;

    public static final int NFTA_RULE_TABLE = 1;
    public static final int NFTA_RULE_CHAIN = 2;
    public static final int NFTA_RULE_HANDLE = 3;
    public static final int NFTA_RULE_EXPRESSIONS = 4;

    public static final int NFT_SET_ANONYMOUS = 0x1;
    public static final int NFT_SET_CONSTANT = 0x2;
    public static final int NFT_SET_INTERVAL = 0x4;
    public static final int NFT_SET_MAP = 0x8;
    public static final int NFT_SET_TIMEOUT = 0x10;

    /** The packet path changes the set: {@code flags dynamic}. */
    public static final int NFT_SET_EVAL = 0x20;

    /** A map to stateful objects. */
    public static final int NFT_SET_OBJECT = 0x40;

    /** Keys of several fields, with a range in each. */
    public static final int NFT_SET_CONCAT = 0x80;

    public static final int NFTA_SET_TABLE = 1;
    public static final int NFTA_SET_NAME = 2;
    public static final int NFTA_SET_FLAGS = 3;
    public static final int NFTA_SET_KEY_TYPE = 4;
    public static final int NFTA_SET_KEY_LEN = 5;
    public static final int NFTA_SET_DATA_TYPE = 6;
    public static final int NFTA_SET_DATA_LEN = 7;
    public static final int NFTA_SET_DESC = 9;
    public static final int NFTA_SET_ID = 10;
    public static final int NFTA_SET_TIMEOUT = 11;
    public static final int NFTA_SET_DESC_SIZE = 1;

    /** Key types mean nothing to the kernel; they tell {@code nft} how to print (its {@code datatype.h}). */
    public static final int TYPE_IPADDR = 7;

    public static final int TYPE_IP6ADDR = 8;
    public static final int TYPE_MARK = 19;

    public static final int NFTA_SET_ELEM_KEY = 1;
    public static final int NFTA_SET_ELEM_DATA = 2;
    public static final int NFTA_SET_ELEM_FLAGS = 3;
    public static final int NFTA_SET_ELEM_TIMEOUT = 4;
    public static final int NFTA_SET_ELEM_EXPIRATION = 5;
    public static final int NFTA_SET_ELEM_USERDATA = 6;
    public static final int NFTA_SET_ELEM_EXPR = 7;
    public static final int NFTA_SET_ELEM_OBJREF = 9;
    public static final int NFTA_SET_ELEM_KEY_END = 10;
    public static final int NFTA_SET_ELEM_EXPRESSIONS = 11;

    /** The element ends the interval that the one before it begins. */
    public static final int NFT_SET_ELEM_INTERVAL_END = 0x1;

    /** The element of all keys that no other has ({@code *}); it has no key. */
    public static final int NFT_SET_ELEM_CATCHALL = 0x2;

    public static final int NFTA_SET_ELEM_LIST_TABLE = 1;
    public static final int NFTA_SET_ELEM_LIST_SET = 2;
    public static final int NFTA_SET_ELEM_LIST_ELEMENTS = 3;

    public static final int NFTA_GEN_ID = 1;

    public static final int NFTA_DATA_VALUE = 1;
    public static final int NFTA_DATA_VERDICT = 2;
    public static final int NFTA_VERDICT_CODE = 1;
    public static final int NFTA_VERDICT_CHAIN = 2;

    public static final int NFTA_EXPR_NAME = 1;
    public static final int NFTA_EXPR_DATA = 2;

    public static final int NFT_REG_VERDICT = 0;

    /** The first register of 16 bytes, and the only one that our rules need. */
    public static final int NFT_REG_1 = 1;

    public static final int NFTA_META_DREG = 1;
    public static final int NFTA_META_KEY = 2;

    /** The ethernet protocol, 2 bytes, network order. */
    public static final int NFT_META_PROTOCOL = 1;

    /** 4 bytes, host order. */
    public static final int NFT_META_MARK = 3;

    /** The index of the interface, 4 bytes, host order. */
    public static final int NFT_META_IIF = 4;

    public static final int NFT_META_OIF = 5;

    /** The name of the interface, {@link #IFNAMSIZ} bytes. */
    public static final int NFT_META_IIFNAME = 6;

    public static final int NFT_META_OIFNAME = 7;
    public static final int IFNAMSIZ = 16;

    /** {@code NFPROTO_*}, 1 byte; {@code nft} asks for it where a table of the family {@code inet} names an address. */
    public static final int NFT_META_NFPROTO = 15;

    /** 1 byte. */
    public static final int NFT_META_L4PROTO = 16;

    public static final int NFTA_CT_DREG = 1;
    public static final int NFTA_CT_KEY = 2;

    /** {@code NF_CT_STATE_*}, 4 bytes, host order. */
    public static final int NFT_CT_STATE = 0;

    public static final int NF_CT_STATE_INVALID_BIT = 0x1;
    public static final int NF_CT_STATE_ESTABLISHED_BIT = 0x2;
    public static final int NF_CT_STATE_NEW_BIT = 0x8;
    public static final int NF_CT_STATE_UNTRACKED_BIT = 0x40;

    public static final int NFT_PAYLOAD_LL_HEADER = 0;
    public static final int NFT_PAYLOAD_NETWORK_HEADER = 1;
    public static final int NFT_PAYLOAD_TRANSPORT_HEADER = 2;
    public static final int NFTA_PAYLOAD_DREG = 1;
    public static final int NFTA_PAYLOAD_BASE = 2;
    public static final int NFTA_PAYLOAD_OFFSET = 3;
    public static final int NFTA_PAYLOAD_LEN = 4;

    public static final int NFTA_BITWISE_SREG = 1;
    public static final int NFTA_BITWISE_DREG = 2;
    public static final int NFTA_BITWISE_LEN = 3;
    public static final int NFTA_BITWISE_MASK = 4;
    public static final int NFTA_BITWISE_XOR = 5;

    public static final int NFT_CMP_EQ = 0;
    public static final int NFT_CMP_NEQ = 1;
    public static final int NFT_CMP_LT = 2;
    public static final int NFT_CMP_LTE = 3;
    public static final int NFT_CMP_GT = 4;
    public static final int NFT_CMP_GTE = 5;
    public static final int NFTA_CMP_SREG = 1;
    public static final int NFTA_CMP_OP = 2;
    public static final int NFTA_CMP_DATA = 3;

    public static final int NFTA_RANGE_SREG = 1;
    public static final int NFTA_RANGE_OP = 2;
    public static final int NFTA_RANGE_FROM_DATA = 3;
    public static final int NFTA_RANGE_TO_DATA = 4;

    public static final int NFT_LOOKUP_F_INV = 0x1;
    public static final int NFTA_LOOKUP_SET = 1;
    public static final int NFTA_LOOKUP_SREG = 2;
    public static final int NFTA_LOOKUP_DREG = 3;
    public static final int NFTA_LOOKUP_FLAGS = 5;

    public static final int NFT_DYNSET_OP_UPDATE = 1;

    /** Linux 5.4. */
    public static final int NFT_DYNSET_OP_DELETE = 2;

    public static final int NFTA_DYNSET_SET_NAME = 1;
    public static final int NFTA_DYNSET_OP = 3;
    public static final int NFTA_DYNSET_SREG_KEY = 4;
    public static final int NFTA_DYNSET_TIMEOUT = 6;

    public static final int NFTA_IMMEDIATE_DREG = 1;
    public static final int NFTA_IMMEDIATE_DATA = 2;

    /** Of an extension of xtables; {@code NFTA_MATCH_NAME} is the same. */
    public static final int NFTA_TARGET_NAME = 1;

    public static final int NFTA_OBJ_TYPE = 3;
    public static final int NFTA_OBJ_DATA = 4;
    public static final int NFT_OBJECT_CT_HELPER = 3;
    public static final int NFTA_CT_HELPER_NAME = 1;

    private NftConst() {}

    /** The {@code nlmsg_type} of the nf_tables message {@code message}. */
    public static int type(int message) {
        return NlConst.nfnlType(NlConst.NFNL_SUBSYS_NFTABLES, message);
    }
}
