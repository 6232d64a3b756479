/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import org.agrona.DirectBuffer;

/** An image's attributes in words, one by one through the accessors: what the tests compare. */
final class Content {
    private Content() {}

    static String key(FlowImage i) {
        return i.family() + "/" + i.l4proto() + "/" + i.zoneOrig() + "/" + hex(i, i.origSrcOffset(), 16) + "/"
                + hex(i, i.origDstOffset(), 16) + "/" + i.origSrcPort() + "/" + i.origDstPort();
    }

    /** What is replicated; absent is the same as zero. */
    static String replicated(FlowImage i) {
        return key(i) + " " + immutable(i) + " " + (i.status() & FlowTableConfig.STATUS_MASK_DEFAULT) + " " + i.mark()
                + " " + (i.zone() == 0 || i.zoneDir() == 0 ? "-" : i.zone() + ":" + i.zoneDir()) + " " + tcp(i, 0x7)
                + " " + i.sctpState() + "/" + i.sctpVtagOrig() + "/" + i.sctpVtagReply() + " "
                + hex(i, i.labelsOffset(), 16) + " " + i.seqAdjOrigPos() + "/" + i.seqAdjOrigBefore() + "/"
                + i.seqAdjOrigAfter() + " " + i.seqAdjReplyPos() + "/" + i.seqAdjReplyBefore() + "/"
                + i.seqAdjReplyAfter() + " " + i.synproxyIsn() + "/" + i.synproxyIts() + "/" + i.synproxyTsoff();
    }

    /** What only a new entry can have. */
    static String immutable(FlowImage i) {
        return hex(i, i.replySrcOffset(), 16) + "/" + hex(i, i.replyDstOffset(), 16) + "/" + i.replySrcPort() + "/"
                + i.replyDstPort() + " " + (i.status() & 0x30) + " " + i.zoneReply() + " "
                + hex(i, i.helperOffset(), 16) + " " + hex(i, i.masterSrcOffset(), 16) + "/"
                + hex(i, i.masterDstOffset(), 16) + "/" + i.masterSrcPort() + "/" + i.masterDstPort() + "/"
                + i.masterProto();
    }

    /** Of the attributes {@code which}: what an update of a kernel's entry can change and not take away. */
    static String removable(FlowImage i, int which) {
        return ((which & FlowImage.LABELS) == 0 ? "" : hex(i, i.labelsOffset(), 16))
                + ((which & FlowImage.SEQ_ADJ_ORIG) == 0
                        ? ""
                        : " " + i.seqAdjOrigPos() + "/" + i.seqAdjOrigBefore() + "/" + i.seqAdjOrigAfter())
                + ((which & FlowImage.SEQ_ADJ_REPLY) == 0
                        ? ""
                        : " " + i.seqAdjReplyPos() + "/" + i.seqAdjReplyBefore() + "/" + i.seqAdjReplyAfter())
                + ((which & FlowImage.SYNPROXY) == 0
                        ? ""
                        : " " + i.synproxyIsn() + "/" + i.synproxyIts() + "/" + i.synproxyTsoff());
    }

    /** Everything, with what is present. */
    static String all(FlowImage i) {
        return replicated(i) + " " + i.status() + " " + tcp(i, 0xff) + " " + i.timeoutSeconds() + " " + i.id() + " "
                + i.startNs() + " " + i.packetsOrig() + "/" + i.bytesOrig() + "/" + i.packetsReply() + "/"
                + i.bytesReply() + " " + hex(i, i.secctxOffset(), 64) + " " + Integer.toHexString(i.present());
    }

    private static String tcp(FlowImage i, int flagsMask) {
        return i.tcpState() + "/" + i.tcpWscaleOrig() + "/" + i.tcpWscaleReply() + "/" + (i.tcpFlagsOrig() & flagsMask)
                + "/" + (i.tcpFlagsReply() & flagsMask);
    }

    private static String hex(FlowImage i, int offset, int length) {
        DirectBuffer buffer = i.buffer();
        StringBuilder out = new StringBuilder();
        for (int at = offset; at < offset + length; at += 4) {
            out.append(Integer.toHexString(buffer.getInt(at))).append('.');
        }
        return out.toString();
    }
}
