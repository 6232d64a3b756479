/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtConst;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Turns flows of the table into what {@code GET /v1/flows} answers. One per request; control plane. */
final class FlowsPage {
    static final List<String> TCP_STATES = List.of(
            "NONE",
            "SYN_SENT",
            "SYN_RECV",
            "ESTABLISHED",
            "FIN_WAIT",
            "CLOSE_WAIT",
            "LAST_ACK",
            "TIME_WAIT",
            "CLOSE",
            "SYN_SENT2");
    static final List<String> SCTP_STATES = List.of(
            "NONE",
            "CLOSED",
            "COOKIE_WAIT",
            "COOKIE_ECHOED",
            "ESTABLISHED",
            "SHUTDOWN_SENT",
            "SHUTDOWN_RECD",
            "SHUTDOWN_ACK_SENT",
            "HEARTBEAT_SENT");

    private final List<CliFlows.Flow> flows = new ArrayList<>();
    private final FlowQuery query;
    private final int limit;
    private final boolean counting;
    private long count;

    /**
     * @param limit flows to be listed at most
     * @param counting go on beyond that, to count all that match
     */
    FlowsPage(FlowQuery query, int limit, boolean counting) {
        this.query = query;
        this.limit = limit;
        this.counting = counting;
    }

    /** Takes one flow over; false when no more need be shown. Called by the sync agent. */
    boolean add(FlowImage image) {
        if (!query.test(image)) {
            return true;
        }
        count++;
        if (count <= limit) {
            list(image);
        }
        // One more than the page holds, to know that there are more.
        return counting || count <= limit;
    }

    private void list(FlowImage image) {
        flows.add(new CliFlows.Flow(
                image.family() == FlowImage.AF_INET ? "ipv4" : "ipv6",
                protocol(image.l4proto()),
                image.l4proto(),
                image.timeoutSeconds(),
                state(image),
                tuple(image, image.origSrcOffset(), image.origDstOffset(), image.origSrcPort(), image.origDstPort()),
                tuple(
                        image,
                        image.replySrcOffset(),
                        image.replyDstOffset(),
                        image.replySrcPort(),
                        image.replyDstPort()),
                status(image.status()),
                Integer.toUnsignedLong(image.mark()),
                image.zoneOrig(),
                helper(image)));
    }

    CliFlows page() {
        return new CliFlows(List.copyOf(flows), count > limit, counting ? count : null);
    }

    private static String helper(FlowImage image) {
        return image.has(FlowImage.HELPER)
                ? image.buffer().getStringWithoutLengthAscii(image.helperOffset(), image.helperLength())
                : null;
    }

    private static CliFlows.Tuple tuple(FlowImage image, int src, int dst, int srcPort, int dstPort) {
        boolean icmp = image.l4proto() == 1 || image.l4proto() == 58;
        boolean ports = srcPort != 0 || dstPort != 0;
        return new CliFlows.Tuple(
                address(image, src),
                address(image, dst),
                icmp || !ports ? null : srcPort,
                icmp || !ports ? null : dstPort,
                icmp ? dstPort >>> 8 : null,
                icmp ? dstPort & 0xff : null,
                icmp ? srcPort : null);
    }

    private static String address(FlowImage image, int offset) {
        byte[] bytes = new byte[image.family() == FlowImage.AF_INET ? 4 : 16];
        image.buffer().getBytes(offset, bytes);
        try {
            return ConfigAddress.text(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    private static String protocol(int number) {
        return switch (number) {
            case 1 -> "icmp";
            case 6 -> "tcp";
            case 17 -> "udp";
            case 47 -> "gre";
            case 58 -> "icmpv6";
            case 132 -> "sctp";
            case 136 -> "udplite";
            default -> "unknown";
        };
    }

    private static String state(FlowImage image) {
        if (image.has(FlowImage.TCP) && image.tcpState() < TCP_STATES.size()) {
            return TCP_STATES.get(image.tcpState());
        }
        if (image.has(FlowImage.SCTP) && image.sctpState() < SCTP_STATES.size()) {
            return SCTP_STATES.get(image.sctpState());
        }
        return null;
    }

    private static List<String> status(int bits) {
        List<String> names = new ArrayList<>();
        add(names, bits, CtConst.IPS_SEEN_REPLY, "SEEN_REPLY");
        add(names, bits, CtConst.IPS_ASSURED, "ASSURED");
        add(names, bits, CtConst.IPS_SRC_NAT, "SRC_NAT");
        add(names, bits, CtConst.IPS_DST_NAT, "DST_NAT");
        add(names, bits, CtConst.IPS_FIXED_TIMEOUT, "FIXED_TIMEOUT");
        return names;
    }

    private static void add(List<String> names, int bits, int bit, String name) {
        if ((bits & bit) != 0) {
            names.add(name);
        }
    }
}
