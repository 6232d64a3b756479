/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.IPS_ASSURED;
import static io.twinwall.netlink.CtConst.IPS_CONFIRMED;
import static io.twinwall.netlink.CtConst.IPS_DST_NAT;
import static io.twinwall.netlink.CtConst.IPS_FIXED_TIMEOUT;
import static io.twinwall.netlink.CtConst.IPS_SEEN_REPLY;
import static io.twinwall.netlink.CtConst.IPS_SRC_NAT;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.CtProtoInfo;
import io.twinwall.netlink.CtSeqAdj;
import io.twinwall.netlink.CtTuple;
import org.agrona.DirectBuffer;

/** Turns the kernel's message of a conntrack entry into the table's image of a flow. Stateless, allocates nothing. */
final class CtImage {
    /**
     * The status bits that have a meaning in another kernel. EXPECTED and DYING would be refused with EBUSY at creation;
     * TEMPLATE, OFFLOAD and the NAT_DONE bits are the kernel's own book-keeping.
     */
    static final int STATUS_MASK =
            IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED | IPS_SRC_NAT | IPS_DST_NAT | IPS_FIXED_TIMEOUT;

    /** {@code IP_CT_TCP_FLAG_BE_LIBERAL} is set by whoever injects, so it says nothing of the flow. */
    static final int TCP_FLAGS_MASK = 0xff & ~CtConst.IP_CT_TCP_FLAG_BE_LIBERAL;

    static final int IPPROTO_TCP = 6;

    private static final int TCP_SYN_SENT = 1;
    private static final int TCP_SYN_SENT2 = 9;

    private CtImage() {}

    /** Fills {@code image} with all that {@code entry} says. */
    static void read(CtFlyweight entry, FlowImage image) {
        image.clear();
        DirectBuffer buffer = entry.buffer();
        CtTuple orig = entry.orig();
        image.family(entry.family()).l4proto(orig.proto());
        image.orig(buffer, orig.srcOffset(), orig.dstOffset(), orig.a(), orig.b());
        if (entry.has(CtFlyweight.HAS_REPLY)) {
            CtTuple reply = entry.reply();
            image.reply(buffer, reply.srcOffset(), reply.dstOffset(), reply.a(), reply.b());
        } else {
            Inverse.setPlain(image);
        }
        readZone(entry, image);
        if (entry.has(CtFlyweight.HAS_STATUS)) {
            image.status(entry.status() & STATUS_MASK);
        }
        if (entry.has(CtFlyweight.HAS_TIMEOUT)) {
            image.timeoutSeconds(Integer.toUnsignedLong(entry.timeoutS()));
        }
        if (entry.has(CtFlyweight.HAS_MARK)) {
            image.mark(entry.mark());
        }
        if (entry.has(CtFlyweight.HAS_ID)) {
            image.id(entry.id());
        }
        readProtocol(entry, image);
        readRare(entry, image);
        readMetadata(entry, image);
    }

    /** True for flows worth carrying: a TCP connection only after its first answer, since injecting SYN_SENT breaks it. */
    static boolean settled(FlowImage image) {
        return image.l4proto() != IPPROTO_TCP || !image.has(FlowImage.TCP) || settledTcp(image.tcpState());
    }

    static boolean settledTcp(int state) {
        return state != 0 && state != TCP_SYN_SENT && state != TCP_SYN_SENT2;
    }

    /**
     * Notes of the flow in {@code slot} whether the kernel, as {@code entry} shows it, judges it by windows of its own. An
     * entry that says nothing of it changes nothing.
     */
    static void noteWindows(CtFlyweight entry, FlowTable table, int slot) {
        if (entry.has(CtFlyweight.HAS_TCP_FLAGS_ORIG) && entry.has(CtFlyweight.HAS_TCP_FLAGS_REPLY)) {
            CtProtoInfo info = entry.protoInfo();
            int both = info.tcpFlagsOrig() & info.tcpFlagsReply();
            table.windowed(slot, (both & CtConst.IP_CT_TCP_FLAG_BE_LIBERAL) == 0);
        }
    }

    private static void readZone(CtFlyweight entry, FlowImage image) {
        int origZone = entry.orig().zone();
        int replyZone = entry.has(CtFlyweight.HAS_REPLY) ? entry.reply().zone() : CtTuple.NO_ZONE;
        if (entry.has(CtFlyweight.HAS_ZONE)) {
            if (entry.zone() != 0) {
                image.zone(entry.zone(), FlowImage.ZONE_DIR_BOTH);
            }
        } else if (origZone != CtTuple.NO_ZONE && origZone != 0) {
            image.zone(origZone, FlowImage.ZONE_DIR_ORIG);
        } else if (replyZone != CtTuple.NO_ZONE && replyZone != 0) {
            image.zone(replyZone, FlowImage.ZONE_DIR_REPLY);
        }
    }

    private static void readProtocol(CtFlyweight entry, FlowImage image) {
        CtProtoInfo info = entry.protoInfo();
        if (entry.has(CtFlyweight.HAS_TCP_STATE)) {
            image.tcp(
                    info.tcpState(),
                    info.tcpWscaleOrig(),
                    info.tcpWscaleReply(),
                    info.tcpFlagsOrig() & TCP_FLAGS_MASK,
                    info.tcpFlagsReply() & TCP_FLAGS_MASK);
        } else if (entry.has(CtFlyweight.HAS_SCTP_STATE)) {
            image.sctp(info.sctpState(), info.sctpVtagOrig(), info.sctpVtagReply());
        }
    }

    private static void readRare(CtFlyweight entry, FlowImage image) {
        DirectBuffer buffer = entry.buffer();
        if (entry.has(CtFlyweight.HAS_LABELS)) {
            image.labels(buffer, entry.labelsOffset(), Math.min(entry.labelsBytes(), FlowImage.LABELS_BYTES));
        }
        if (entry.has(CtFlyweight.HAS_HELPER)) {
            image.helper(buffer, entry.helperOffset(), Math.min(entry.helperBytes(), FlowImage.HELPER_BYTES));
        }
        if (entry.has(CtFlyweight.HAS_MASTER)) {
            CtTuple master = entry.master();
            image.master(buffer, master.srcOffset(), master.dstOffset(), master.a(), master.b(), master.proto());
        }
        if (entry.has(CtFlyweight.HAS_SEQADJ_ORIG)) {
            CtSeqAdj adjust = entry.seqAdjOrig();
            image.seqAdjOrig(adjust.correctionPos(), adjust.offsetBefore(), adjust.offsetAfter());
        }
        if (entry.has(CtFlyweight.HAS_SEQADJ_REPLY)) {
            CtSeqAdj adjust = entry.seqAdjReply();
            image.seqAdjReply(adjust.correctionPos(), adjust.offsetBefore(), adjust.offsetAfter());
        }
        if (entry.has(CtFlyweight.HAS_SYNPROXY)) {
            image.synproxy(entry.synproxyIsn(), entry.synproxyIts(), entry.synproxyTsOff());
        }
    }

    private static void readMetadata(CtFlyweight entry, FlowImage image) {
        if (entry.has(CtFlyweight.HAS_COUNTERS_ORIG)) {
            image.countersOrig(entry.packetsOrig(), entry.bytesOrig());
        }
        if (entry.has(CtFlyweight.HAS_COUNTERS_REPLY)) {
            image.countersReply(entry.packetsReply(), entry.bytesReply());
        }
        if (entry.has(CtFlyweight.HAS_TIMESTAMP_START)) {
            image.startNs(entry.startNs());
        }
        if (entry.has(CtFlyweight.HAS_SECCTX)) {
            image.secctx(entry.buffer(), entry.secctxOffset(), Math.min(entry.secctxBytes(), FlowImage.SECCTX_BYTES));
        }
    }
}
