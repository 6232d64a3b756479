/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.wire.FlowCountersEncoder;
import io.twinwall.wire.HelperEncoder;
import io.twinwall.wire.LabelsEncoder;
import io.twinwall.wire.MarkEncoder;
import io.twinwall.wire.Master4Encoder;
import io.twinwall.wire.Master6Encoder;
import io.twinwall.wire.Parts;
import io.twinwall.wire.Reply4Encoder;
import io.twinwall.wire.Reply6Encoder;
import io.twinwall.wire.SctpEncoder;
import io.twinwall.wire.SecctxEncoder;
import io.twinwall.wire.SeqAdjEncoder;
import io.twinwall.wire.StartEncoder;
import io.twinwall.wire.SynproxyEncoder;
import io.twinwall.wire.TcpEncoder;
import io.twinwall.wire.ZoneEncoder;
import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes the rare attributes of a flow as the wire's parts, back to back in bit order, into a buffer of its own: they
 * must be known before the flow itself is written, since their length decides whether it still fits the frame.
 */
final class FlowEncoder {
    private final UnsafeBuffer parts = new UnsafeBuffer(new byte[Parts.EXT_BYTES_MAX]);
    private final Reply4Encoder reply4 = new Reply4Encoder();
    private final Reply6Encoder reply6 = new Reply6Encoder();
    private final TcpEncoder tcp = new TcpEncoder();
    private final SctpEncoder sctp = new SctpEncoder();
    private final MarkEncoder mark = new MarkEncoder();
    private final LabelsEncoder labels = new LabelsEncoder();
    private final ZoneEncoder zone = new ZoneEncoder();
    private final Master4Encoder master4 = new Master4Encoder();
    private final Master6Encoder master6 = new Master6Encoder();
    private final SeqAdjEncoder seqAdj = new SeqAdjEncoder();
    private final SynproxyEncoder synproxy = new SynproxyEncoder();
    private final HelperEncoder helper = new HelperEncoder();
    private final FlowCountersEncoder counters = new FlowCountersEncoder();
    private final StartEncoder start = new StartEncoder();
    private final SecctxEncoder secctx = new SecctxEncoder();

    private int present;
    private int length;

    /** Encodes the parts of {@code image}; then {@link #present}, {@link #length} and {@link #buffer} hold them. */
    void encode(FlowImage image) {
        present = 0;
        length = 0;
        boolean ipv4 = image.family() == FlowImage.AF_INET;
        if (!Inverse.isPlain(image)) {
            reply(image, ipv4);
        }
        if (image.has(FlowImage.TCP)) {
            tcp.wrap(parts, take(Parts.TCP, TcpEncoder.ENCODED_LENGTH))
                    .state((short) image.tcpState())
                    .wscaleOrig((short) image.tcpWscaleOrig())
                    .wscaleReply((short) image.tcpWscaleReply())
                    .flagsOrig((short) image.tcpFlagsOrig())
                    .flagsReply((short) image.tcpFlagsReply());
        }
        if (image.has(FlowImage.SCTP)) {
            sctp.wrap(parts, take(Parts.SCTP, SctpEncoder.ENCODED_LENGTH))
                    .state((short) image.sctpState())
                    .vtagOrig(Integer.toUnsignedLong(image.sctpVtagOrig()))
                    .vtagReply(Integer.toUnsignedLong(image.sctpVtagReply()));
        }
        if (image.mark() != 0) {
            mark.wrap(parts, take(Parts.MARK, MarkEncoder.ENCODED_LENGTH)).mark(Integer.toUnsignedLong(image.mark()));
        }
        if (image.has(FlowImage.LABELS)) {
            int offset = take(Parts.LABELS, LabelsEncoder.ENCODED_LENGTH);
            labels.wrap(parts, offset);
            parts.putBytes(offset, image.buffer(), image.labelsOffset(), FlowImage.LABELS_BYTES);
        }
        if (image.zoneDir() != 0) {
            zone.wrap(parts, take(Parts.ZONE, ZoneEncoder.ENCODED_LENGTH))
                    .dir((short) image.zoneDir())
                    .orig(image.zoneOrig())
                    .reply(image.zoneReply());
        }
        if (image.has(FlowImage.MASTER)) {
            master(image, ipv4);
        }
        rare(image);
    }

    /** Which parts were written: bits of {@link Parts}. */
    int present() {
        return present;
    }

    /** Bytes of {@link #buffer} they take. */
    int length() {
        return length;
    }

    MutableDirectBuffer buffer() {
        return parts;
    }

    /** The number an IPv4 address is written from. */
    static long address4(FlowImage image, int offset) {
        return Integer.toUnsignedLong(image.buffer().getInt(offset, ByteOrder.BIG_ENDIAN));
    }

    private void reply(FlowImage image, boolean ipv4) {
        if (ipv4) {
            reply4.wrap(parts, take(Parts.REPLY, Reply4Encoder.ENCODED_LENGTH))
                    .src(address4(image, image.replySrcOffset()))
                    .dst(address4(image, image.replyDstOffset()))
                    .sport(image.replySrcPort())
                    .dport(image.replyDstPort());
        } else {
            int offset = take(Parts.REPLY, Reply6Encoder.ENCODED_LENGTH);
            reply6.wrap(parts, offset).sport(image.replySrcPort()).dport(image.replyDstPort());
            parts.putBytes(offset + Reply6Encoder.srcEncodingOffset(), image.buffer(), image.replySrcOffset(), 16);
            parts.putBytes(offset + Reply6Encoder.dstEncodingOffset(), image.buffer(), image.replyDstOffset(), 16);
        }
    }

    private void master(FlowImage image, boolean ipv4) {
        if (ipv4) {
            master4.wrap(parts, take(Parts.MASTER, Master4Encoder.ENCODED_LENGTH))
                    .src(address4(image, image.masterSrcOffset()))
                    .dst(address4(image, image.masterDstOffset()))
                    .sport(image.masterSrcPort())
                    .dport(image.masterDstPort())
                    .proto((short) image.masterProto());
        } else {
            int offset = take(Parts.MASTER, Master6Encoder.ENCODED_LENGTH);
            master6.wrap(parts, offset)
                    .sport(image.masterSrcPort())
                    .dport(image.masterDstPort())
                    .proto((short) image.masterProto());
            parts.putBytes(offset + Master6Encoder.srcEncodingOffset(), image.buffer(), image.masterSrcOffset(), 16);
            parts.putBytes(offset + Master6Encoder.dstEncodingOffset(), image.buffer(), image.masterDstOffset(), 16);
        }
    }

    private void rare(FlowImage image) {
        if (image.has(FlowImage.SEQ_ADJ_ORIG) || image.has(FlowImage.SEQ_ADJ_REPLY)) {
            seqAdj.wrap(parts, take(Parts.SEQADJ, SeqAdjEncoder.ENCODED_LENGTH))
                    .origPos(Integer.toUnsignedLong(image.seqAdjOrigPos()))
                    .origBefore(Integer.toUnsignedLong(image.seqAdjOrigBefore()))
                    .origAfter(Integer.toUnsignedLong(image.seqAdjOrigAfter()))
                    .replyPos(Integer.toUnsignedLong(image.seqAdjReplyPos()))
                    .replyBefore(Integer.toUnsignedLong(image.seqAdjReplyBefore()))
                    .replyAfter(Integer.toUnsignedLong(image.seqAdjReplyAfter()));
        }
        if (image.has(FlowImage.SYNPROXY)) {
            synproxy.wrap(parts, take(Parts.SYNPROXY, SynproxyEncoder.ENCODED_LENGTH))
                    .isn(Integer.toUnsignedLong(image.synproxyIsn()))
                    .its(Integer.toUnsignedLong(image.synproxyIts()))
                    .tsoff(Integer.toUnsignedLong(image.synproxyTsoff()));
        }
        if (image.has(FlowImage.HELPER)) {
            int offset = take(Parts.HELPER, HelperEncoder.ENCODED_LENGTH);
            helper.wrap(parts, offset);
            parts.putBytes(offset, image.buffer(), image.helperOffset(), FlowImage.HELPER_BYTES);
        }
        if (image.has(FlowImage.COUNTERS_ORIG) || image.has(FlowImage.COUNTERS_REPLY)) {
            counters.wrap(parts, take(Parts.COUNTERS, FlowCountersEncoder.ENCODED_LENGTH))
                    .origPackets(image.packetsOrig())
                    .origBytes(image.bytesOrig())
                    .replyPackets(image.packetsReply())
                    .replyBytes(image.bytesReply());
        }
        if (image.has(FlowImage.START)) {
            start.wrap(parts, take(Parts.START, StartEncoder.ENCODED_LENGTH)).startNs(image.startNs());
        }
        if (image.has(FlowImage.SECCTX)) {
            int offset = take(Parts.SECCTX, SecctxEncoder.ENCODED_LENGTH);
            secctx.wrap(parts, offset);
            parts.putBytes(offset, image.buffer(), image.secctxOffset(), FlowImage.SECCTX_BYTES);
        }
    }

    private int take(int part, int bytes) {
        present |= part;
        int offset = length;
        length += bytes;
        return offset;
    }
}
