/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import org.agrona.MutableDirectBuffer;

/**
 * What the reply tuple of a flow would be without translation, and how the true one differs from that. The kernel makes
 * a working translation only from the plain inverse plus {@code CTA_NAT_SRC}/{@code CTA_NAT_DST}
 * (net/netfilter/nf_conntrack_netlink.c, ctnetlink_setup_nat).
 */
final class Inverse {
    static final int IPPROTO_ICMP = 1;
    static final int IPPROTO_ICMPV6 = 58;

    private Inverse() {}

    /** True when the reply tuple is the original one turned round: the flow is not translated. */
    static boolean isPlain(FlowImage image) {
        return !sourceTranslated(image) && !destinationTranslated(image);
    }

    /** True when replies go elsewhere than to the original source (SNAT, masquerade). */
    static boolean sourceTranslated(FlowImage image) {
        return !sameAddress(image, image.origSrcOffset(), image.replyDstOffset())
                || image.replyDstPort() != plainDstPort(image)
                || (isIcmp(image) && image.replySrcPort() != image.origSrcPort());
    }

    /** True when replies come from elsewhere than the original destination (DNAT). */
    static boolean destinationTranslated(FlowImage image) {
        return !sameAddress(image, image.origDstOffset(), image.replySrcOffset())
                || (!isIcmp(image) && image.replySrcPort() != image.origDstPort());
    }

    /** Source port of the plain reply; an ICMP id stays where it is. */
    static int plainSrcPort(FlowImage image) {
        return isIcmp(image) ? image.origSrcPort() : image.origDstPort();
    }

    /** Destination port of the plain reply; for ICMP the type and code the kernel made for the reply. */
    static int plainDstPort(FlowImage image) {
        return isIcmp(image) ? image.replyDstPort() : image.origSrcPort();
    }

    static boolean isIcmp(FlowImage image) {
        return image.l4proto() == IPPROTO_ICMP || image.l4proto() == IPPROTO_ICMPV6;
    }

    /** Gives {@code image} the plain inverse as its reply tuple, for a flow that came without one. */
    static void setPlain(FlowImage image) {
        image.reply(
                image.buffer(),
                image.origDstOffset(),
                image.origSrcOffset(),
                isIcmp(image) ? image.origSrcPort() : image.origDstPort(),
                isIcmp(image) ? invertedIcmp(image) : image.origSrcPort());
    }

    /** Type and code of the answer to the ICMP query of {@code image} (nf_conntrack_proto_icmp.c, invmap). */
    private static int invertedIcmp(FlowImage image) {
        int type = image.origDstPort() >>> 8;
        int code = image.origDstPort() & 0xff;
        int answer = image.l4proto() == IPPROTO_ICMP
                ? switch (type) {
                    case 8 -> 0;
                    case 0 -> 8;
                    case 13 -> 14;
                    case 14 -> 13;
                    case 15 -> 16;
                    case 16 -> 15;
                    case 17 -> 18;
                    case 18 -> 17;
                    default -> type;
                }
                : switch (type) {
                    case 128 -> 129;
                    case 129 -> 128;
                    case 139 -> 140;
                    case 140 -> 139;
                    default -> type;
                };
        return answer << 8 | code;
    }

    private static boolean sameAddress(FlowImage image, int one, int other) {
        MutableDirectBuffer buffer = image.buffer();
        return buffer.getLong(one) == buffer.getLong(other) && buffer.getLong(one + 8) == buffer.getLong(other + 8);
    }
}
