/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.agrona.DirectBuffer;

/** A flow in one line for people, in the order of {@code conntrack -L}. Allocates; not for the data plane. */
final class FlowImageText {
    private FlowImageText() {}

    static String describe(FlowImage image) {
        StringBuilder out = new StringBuilder(160);
        out.append(image.isIpv6() ? "ipv6 " : "ipv4 ").append(protocol(image.l4proto()));
        numbers(image, out);
        tuple(image, out, image.origSrcOffset(), image.origDstOffset(), image.origSrcPort(), image.origDstPort());
        if (image.has(FlowImage.REPLY)) {
            out.append(" reply");
            tuple(
                    image,
                    out,
                    image.replySrcOffset(),
                    image.replyDstOffset(),
                    image.replySrcPort(),
                    image.replyDstPort());
        }
        if (image.has(FlowImage.MASTER)) {
            out.append(" master ").append(protocol(image.masterProto()));
            tuple(
                    image,
                    out,
                    image.masterSrcOffset(),
                    image.masterDstOffset(),
                    image.masterSrcPort(),
                    image.masterDstPort());
        }
        rare(image, out);
        return out.toString();
    }

    private static void numbers(FlowImage image, StringBuilder out) {
        if (image.has(FlowImage.TIMEOUT)) {
            out.append(' ').append(image.timeoutSeconds()).append('s');
        }
        if (image.has(FlowImage.TCP)) {
            out.append(" state=").append(image.tcpState());
            out.append(" wscale=").append(image.tcpWscaleOrig()).append('/').append(image.tcpWscaleReply());
        }
        if (image.has(FlowImage.SCTP)) {
            out.append(" state=").append(image.sctpState());
        }
        if (image.has(FlowImage.STATUS)) {
            out.append(" status=0x").append(Integer.toHexString(image.status()));
        }
        if (image.has(FlowImage.MARK)) {
            out.append(" mark=").append(Integer.toUnsignedString(image.mark()));
        }
        if (image.has(FlowImage.ZONE)) {
            out.append(" zone=").append(image.zone()).append(zoneDirection(image.zoneDir()));
        }
        if (image.has(FlowImage.ID)) {
            out.append(" id=").append(Integer.toUnsignedString(image.id()));
        }
    }

    private static void rare(FlowImage image, StringBuilder out) {
        if (image.has(FlowImage.HELPER)) {
            out.append(" helper=").append(ascii(image, image.helperOffset(), image.helperLength()));
        }
        if (image.has(FlowImage.LABELS)) {
            byte[] labels = new byte[FlowImage.LABELS_BYTES];
            image.buffer().getBytes(image.labelsOffset(), labels);
            out.append(" labels=").append(HexFormat.of().formatHex(labels));
        }
        if (image.has(FlowImage.COUNTERS_ORIG)) {
            out.append(" packets=").append(image.packetsOrig()).append('/').append(image.packetsReply());
        }
        if (image.has(FlowImage.SECCTX)) {
            out.append(" secctx=").append(ascii(image, image.secctxOffset(), image.secctxLength()));
        }
    }

    private static void tuple(FlowImage image, StringBuilder out, int src, int dst, int srcPort, int dstPort) {
        out.append(" src=").append(address(image.buffer(), src, image.addressBytes()));
        out.append(" dst=").append(address(image.buffer(), dst, image.addressBytes()));
        out.append(" sport=").append(srcPort).append(" dport=").append(dstPort);
    }

    private static String ascii(FlowImage image, int offset, int length) {
        return image.buffer().getStringWithoutLengthAscii(offset, length);
    }

    private static String zoneDirection(int direction) {
        return switch (direction) {
            case FlowImage.ZONE_DIR_ORIG -> "(orig)";
            case FlowImage.ZONE_DIR_REPLY -> "(reply)";
            default -> "";
        };
    }

    private static String protocol(int number) {
        return switch (number) {
            case 1 -> "icmp";
            case 6 -> "tcp";
            case 17 -> "udp";
            case 47 -> "gre";
            case 58 -> "icmpv6";
            case 132 -> "sctp";
            default -> "proto=" + number;
        };
    }

    private static String address(DirectBuffer buffer, int offset, int bytes) {
        byte[] raw = new byte[bytes];
        buffer.getBytes(offset, raw);
        try {
            return InetAddress.getByAddress(raw).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes + " bytes", e);
        }
    }
}
