/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.CTA_SEQ_ADJ_ORIG;
import static io.twinwall.netlink.CtConst.CTA_SEQ_ADJ_REPLY;
import static io.twinwall.netlink.CtConst.CTA_TUPLE_MASTER;
import static io.twinwall.netlink.CtConst.CTA_TUPLE_ORIG;
import static io.twinwall.netlink.CtConst.CTA_TUPLE_REPLY;
import static io.twinwall.netlink.CtConst.IPS_ASSURED;
import static io.twinwall.netlink.CtConst.IPS_CONFIRMED;
import static io.twinwall.netlink.CtConst.IPS_EXPECTED;
import static io.twinwall.netlink.CtConst.IPS_FIXED_TIMEOUT;
import static io.twinwall.netlink.CtConst.IPS_SEEN_REPLY;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtTuple;
import org.agrona.MutableDirectBuffer;

/**
 * Writes the ctnetlink requests that make this kernel hold a flow as the peer's does. What the kernel takes only at
 * creation (translation, master, helper, zone) is left out of updates; see docs/ARCHITECTURE.md, "What the kernel does".
 */
final class EntryEncoder {
    /** IPS bits the kernel lets a request set. NAT bits follow from CTA_NAT_*. */
    private static final int STATUS_SETTABLE = IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED | IPS_FIXED_TIMEOUT;

    private static final long TIMEOUT_SECONDS_MAX = 0x7fff_ffffL / 1000;

    private final CtEncoder encoder;

    EntryEncoder(CtEncoder encoder) {
        this.encoder = encoder;
    }

    /**
     * A request that creates the flow and fails with EEXIST when it is there.
     *
     * @param bare leaves out master and helper, for a kernel that has neither
     */
    void create(FlowImage image, int seq, long timeoutSeconds, boolean bare) {
        encoder.beginCreate(0, seq, image.family());
        tuples(image, true);
        timeout(timeoutSeconds);
        attributes(image, 0);
        translation(image);
        if (!bare && image.has(FlowImage.MASTER)) {
            MutableDirectBuffer buffer = image.buffer();
            encoder.tuple(
                    CTA_TUPLE_MASTER,
                    image.family(),
                    buffer,
                    image.masterSrcOffset(),
                    buffer,
                    image.masterDstOffset(),
                    image.masterProto(),
                    image.masterSrcPort(),
                    image.masterDstPort());
        }
        if (!bare && image.has(FlowImage.HELPER) && image.helperLength() > 0) {
            encoder.helper(image.buffer(), image.helperOffset(), image.helperLength());
        }
        encoder.end();
    }

    /**
     * A request that brings an entry that is there up to date; ENOENT when it is not.
     *
     * @param bare the entry has neither master nor helper: the kernel would refuse the whole request that spoke of one
     */
    void update(FlowImage image, int seq, long timeoutSeconds, boolean bare) {
        encoder.beginUpdate(0, seq, image.family());
        tuples(image, false);
        if (!isFixed(image)) {
            timeout(timeoutSeconds);
        }
        // That a flow was expected can be said only of one that was, and cannot be left out of it.
        attributes(image, !bare && image.has(FlowImage.MASTER) ? IPS_EXPECTED : 0);
        if (!bare && updateNamesHelper(image)) {
            // Already its helper, but told anew the helper takes up its reading where the next segment is: FTP would
            // else look for the line that followed the last it saw, and miss a command.
            encoder.helper(image.buffer(), image.helperOffset(), image.helperLength());
        }
        encoder.end();
    }

    /** True when {@link #update} tells the kernel the flow's helper. */
    static boolean updateNamesHelper(FlowImage image) {
        return image.has(FlowImage.HELPER) && image.helperLength() > 0 && !image.has(FlowImage.MASTER);
    }

    /** A request that sets only how long the entry has to live. */
    void timeout(FlowImage image, int seq, long timeoutSeconds) {
        encoder.beginUpdate(0, seq, image.family());
        tuples(image, false);
        timeout(timeoutSeconds);
        encoder.end();
    }

    /**
     * True when the flow ends at a set time, whatever passes. Its timeout can be set only at creation; later the kernel
     * answers EPERM (__nf_ct_change_timeout).
     */
    static boolean isFixed(FlowImage image) {
        return (image.status() & IPS_FIXED_TIMEOUT) != 0;
    }

    private void timeout(long seconds) {
        encoder.timeoutS((int) Math.min(seconds, TIMEOUT_SECONDS_MAX));
    }

    /** A request that removes the entry; ENOENT when it is not there. */
    void delete(FlowImage image, int seq) {
        encoder.beginDelete(0, seq, image.family());
        tuples(image, false);
        encoder.end();
    }

    /** A request that removes that very entry, and not another of the same tuple that came since. */
    void deleteThis(FlowImage image, int seq) {
        encoder.beginDelete(0, seq, image.family());
        tuples(image, false);
        encoder.id(image.id());
        encoder.end();
    }

    /** The original tuple, with the plain inverse beside it at creation. */
    private void tuples(FlowImage image, boolean withReply) {
        MutableDirectBuffer buffer = image.buffer();
        boolean zoneBoth = image.zoneDir() == FlowImage.ZONE_DIR_BOTH;
        encoder.tuple(
                CTA_TUPLE_ORIG,
                image.family(),
                buffer,
                image.origSrcOffset(),
                buffer,
                image.origDstOffset(),
                image.l4proto(),
                image.origSrcPort(),
                image.origDstPort(),
                image.zoneDir() == FlowImage.ZONE_DIR_ORIG ? image.zoneOrig() : CtTuple.NO_ZONE);
        if (withReply) {
            encoder.tuple(
                    CTA_TUPLE_REPLY,
                    image.family(),
                    buffer,
                    image.origDstOffset(),
                    buffer,
                    image.origSrcOffset(),
                    image.l4proto(),
                    Inverse.plainSrcPort(image),
                    Inverse.plainDstPort(image),
                    image.zoneDir() == FlowImage.ZONE_DIR_REPLY ? image.zoneReply() : CtTuple.NO_ZONE);
        }
        if (zoneBoth) {
            encoder.zone(image.zoneOrig());
        }
    }

    private void attributes(FlowImage image, int moreStatus) {
        encoder.status((image.status() & STATUS_SETTABLE) | IPS_CONFIRMED | moreStatus);
        if (image.has(FlowImage.TCP)) {
            encoder.tcp(
                    image.tcpState(),
                    image.tcpWscaleOrig(),
                    image.tcpWscaleReply(),
                    tcpFlags(image.tcpFlagsOrig()),
                    tcpFlags(image.tcpFlagsReply()));
        } else if (image.has(FlowImage.SCTP)) {
            encoder.sctp(image.sctpState(), image.sctpVtagOrig(), image.sctpVtagReply());
        }
        // A mark that is absent was taken away: left out, the entry would keep the one it has.
        encoder.mark(image.has(FlowImage.MARK) ? image.mark() : 0);
        if (image.has(FlowImage.LABELS)) {
            encoder.labels(image.buffer(), image.labelsOffset());
        }
        if (image.has(FlowImage.SEQ_ADJ_ORIG)) {
            encoder.seqAdj(CTA_SEQ_ADJ_ORIG, image.seqAdjOrigPos(), image.seqAdjOrigBefore(), image.seqAdjOrigAfter());
        }
        if (image.has(FlowImage.SEQ_ADJ_REPLY)) {
            encoder.seqAdj(
                    CTA_SEQ_ADJ_REPLY, image.seqAdjReplyPos(), image.seqAdjReplyBefore(), image.seqAdjReplyAfter());
        }
        if (image.has(FlowImage.SYNPROXY)) {
            encoder.synproxy(image.synproxyIsn(), image.synproxyIts(), image.synproxyTsoff());
        }
    }

    /**
     * BE_LIBERAL: the window is learnt again from the first packets, and must not drop them meanwhile. What speaks of
     * packets that the other kernel saw is left out: with MAXACK_SET and no highest acknowledgement, or an old one, this
     * kernel would take the reset that ends a connection for a forged one.
     */
    private static int tcpFlags(int flags) {
        return (flags & FlowTableConfig.TCP_FLAGS_MASK_DEFAULT) | CtConst.IP_CT_TCP_FLAG_BE_LIBERAL;
    }

    private void translation(FlowImage image) {
        MutableDirectBuffer buffer = image.buffer();
        if (Inverse.sourceTranslated(image)) {
            int port = Inverse.isIcmp(image) ? image.replySrcPort() : image.replyDstPort();
            encoder.natSrc(image.family(), buffer, image.replyDstOffset(), buffer, image.replyDstOffset(), port, port);
        }
        if (Inverse.destinationTranslated(image)) {
            int port = Inverse.isIcmp(image) ? CtEncoder.NONE : image.replySrcPort();
            encoder.natDst(image.family(), buffer, image.replySrcOffset(), buffer, image.replySrcOffset(), port, port);
        }
    }
}
