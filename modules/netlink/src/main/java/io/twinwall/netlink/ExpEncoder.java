/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.ExpConst.*;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Builds ctnetlink requests about expectations, one behind the other, in a buffer the caller owns; tuples, strings and the
 * end of each are {@link #entry}'s, the encoder of entries, since both go by the same batch. Used by one thread; allocates
 * nothing after construction.
 *
 * <p>To make an expectation that works: tuple, mask and master, whose flow must be there and have a helper; {@link
 * #function} where the child is to be translated; class only together with {@link #helper}. Its time to live is the
 * helper's at creation and can be set only by an update behind it.
 */
public final class ExpEncoder {
    private final CtEncoder entry;

    public ExpEncoder(CtEncoder entry) {
        this.entry = entry;
    }

    /** Where the requests go: for tuples ({@code CTA_EXPECT_*} as which), the end of each, and the batch. */
    public CtEncoder entry() {
        return entry;
    }

    /** Starts an empty batch in {@code length} bytes of {@code buffer} at {@code offset}. */
    public ExpEncoder wrap(MutableDirectBuffer buffer, int offset, int length) {
        entry.wrap(buffer, offset, length);
        return this;
    }

    /** Begins a new expectation; an existing one answers EEXIST, one in its way EBUSY, an absent master ENOENT. */
    public ExpEncoder beginCreate(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_EXP_NEW, flags | NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL, seq, family);
    }

    /** Begins a change, of the timeout alone; it needs tuple, mask and master as a creation does. */
    public ExpEncoder beginUpdate(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_EXP_NEW, flags, seq, family);
    }

    /** Begins a deletion, of the expectation that the tuple (and the zone) finds. */
    public ExpEncoder beginDelete(int flags, int seq, int family) {
        return begin(IPCTNL_MSG_EXP_DELETE, flags, seq, family);
    }

    /** Begins a dump of the expectations of {@code family} ({@code AF_UNSPEC}: all). */
    public ExpEncoder beginDump(int seq, int family) {
        return begin(IPCTNL_MSG_EXP_GET, NlConst.NLM_F_DUMP, seq, family);
    }

    private ExpEncoder begin(int type, int flags, int seq, int family) {
        entry.writer().beginNf(CTNETLINK_EXP + type, flags | NlConst.NLM_F_REQUEST, seq, family, 0);
        return this;
    }

    /** {@code CTA_EXPECT_TIMEOUT}: of an update; at creation the kernel takes the helper's. */
    public ExpEncoder timeoutS(int seconds) {
        entry.writer().putU32be(CTA_EXPECT_TIMEOUT, seconds);
        return this;
    }

    public ExpEncoder flags(int flags) {
        entry.writer().putU32be(CTA_EXPECT_FLAGS, flags);
        return this;
    }

    /** {@code CTA_EXPECT_CLASS}: without {@link #helper} the kernel takes 0. */
    public ExpEncoder expectClass(int number) {
        entry.writer().putU32be(CTA_EXPECT_CLASS, number);
        return this;
    }

    public ExpEncoder zone(int zone) {
        entry.writer().putU16be(CTA_EXPECT_ZONE, zone);
        return this;
    }

    /** {@code CTA_EXPECT_HELP_NAME}. */
    public ExpEncoder helper(DirectBuffer name, int offset, int length) {
        entry.writer().putString(CTA_EXPECT_HELP_NAME, name, offset, length);
        return this;
    }

    /** {@code CTA_EXPECT_FN}: what to do with the child, by the kernel's name; an unknown one answers EINVAL. */
    public ExpEncoder function(DirectBuffer name, int offset, int length) {
        entry.writer().putString(CTA_EXPECT_FN, name, offset, length);
        return this;
    }

    /**
     * {@code CTA_EXPECT_NAT}: the child is translated to {@code address} and {@code port} in direction {@code dir}, by
     * {@link #function}.
     *
     * @param proto of the master
     * @param any an address of zeros: the tuple has a destination that nobody reads
     */
    public ExpEncoder nat(
            int dir, int family, DirectBuffer buffer, int addressOffset, DirectBuffer any, int proto, int port) {
        int nest = entry.writer().nestBegin(CTA_EXPECT_NAT);
        entry.writer().putU32be(CTA_EXPECT_NAT_DIR, dir);
        entry.tuple(CTA_EXPECT_NAT_TUPLE, family, buffer, addressOffset, any, 0, proto, port, 0);
        entry.writer().nestEnd(nest);
        return this;
    }

    /** Ends the request and returns its length. */
    public int end() {
        return entry.end();
    }
}
