/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTableConfig;
import java.util.HexFormat;

/** A flow's replicated content as one line: equal lines are equal flows, whichever node they are on. */
final class FlowLine {
    private FlowLine() {}

    static String of(FlowImage image) {
        StringBuilder line = new StringBuilder(160);
        line.append(image.family()).append(' ').append(image.l4proto());
        tuple(image, line, image.origSrcOffset(), image.origDstOffset(), image.origSrcPort(), image.origDstPort());
        tuple(image, line, image.replySrcOffset(), image.replyDstOffset(), image.replySrcPort(), image.replyDstPort());
        line.append(" zone ").append(image.zoneOrig()).append('/').append(image.zoneReply());
        line.append(" status ").append(image.status() & FlowTableConfig.STATUS_MASK_DEFAULT);
        line.append(" mark ").append(image.has(FlowImage.MARK) ? image.mark() : 0);
        if (image.has(FlowImage.TCP)) {
            int flags = FlowTableConfig.TCP_FLAGS_MASK_DEFAULT;
            line.append(" tcp ").append(image.tcpState());
            line.append(' ').append(image.tcpWscaleOrig()).append(' ').append(image.tcpWscaleReply());
            line.append(' ').append(image.tcpFlagsOrig() & flags).append(' ').append(image.tcpFlagsReply() & flags);
        }
        line.append(" sctp ").append(image.sctpState()).append(' ').append(image.sctpVtagOrig());
        line.append(' ').append(image.sctpVtagReply());
        line.append(" labels ").append(hex(image, image.labelsOffset(), FlowImage.LABELS_BYTES));
        line.append(" helper ").append(hex(image, image.helperOffset(), FlowImage.HELPER_BYTES));
        tuple(
                image,
                line,
                image.masterSrcOffset(),
                image.masterDstOffset(),
                image.masterSrcPort(),
                image.masterDstPort());
        line.append(' ').append(image.masterProto());
        line.append(" adj ").append(image.seqAdjOrigPos()).append(' ').append(image.seqAdjOrigBefore());
        line.append(' ').append(image.seqAdjOrigAfter()).append(' ').append(image.seqAdjReplyPos());
        line.append(' ').append(image.seqAdjReplyBefore()).append(' ').append(image.seqAdjReplyAfter());
        line.append(" syn ").append(image.synproxyIsn()).append(' ').append(image.synproxyIts());
        return line.append(' ').append(image.synproxyTsoff()).toString();
    }

    private static void tuple(FlowImage image, StringBuilder line, int src, int dst, int a, int b) {
        line.append(' ').append(hex(image, src, 16)).append('>').append(hex(image, dst, 16));
        line.append(' ').append(a).append('>').append(b);
    }

    private static String hex(FlowImage image, int offset, int length) {
        byte[] bytes = new byte[length];
        image.buffer().getBytes(offset, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
