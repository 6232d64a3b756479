/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.CtProtoInfo;
import io.twinwall.netlink.CtSeqAdj;
import io.twinwall.netlink.CtTuple;
import io.twinwall.netlink.NlConst;
import java.util.HexFormat;
import org.agrona.DirectBuffer;

/**
 * All that a kernel tells of an entry, as text that must be the same on both sides. Left out: id and use count (each
 * kernel's own), the TCP flags BE_LIBERAL (set by who injects) and of packets seen (each kernel's own), timeout (compared
 * apart), counters and times (no kernel lets them be set), and the two NAT_DONE bits, which say which hooks have seen the
 * flow.
 */
final class EntryText {
    private static final int STATUS_OWN = CtConst.IPS_SRC_NAT_DONE | CtConst.IPS_DST_NAT_DONE;

    private EntryText() {}

    static String key(
            int family,
            DirectBuffer src,
            int srcOffset,
            DirectBuffer dst,
            int dstOffset,
            int proto,
            int a,
            int b,
            int zone,
            int origZone) {
        int bytes = family == NlConst.AF_INET ? 4 : 16;
        return hex(src, srcOffset, bytes) + ">" + hex(dst, dstOffset, bytes) + " " + proto + " " + a + "," + b
                + " zone " + zone + " orig " + origZone;
    }

    static String key(CtFlyweight ct) {
        CtTuple orig = ct.orig();
        DirectBuffer buffer = ct.buffer();
        return key(
                ct.family(),
                buffer,
                orig.srcOffset(),
                buffer,
                orig.dstOffset(),
                orig.proto(),
                orig.a(),
                orig.b(),
                ct.has(CtFlyweight.HAS_ZONE) ? ct.zone() : 0,
                orig.zone());
    }

    static String describe(CtFlyweight ct) {
        StringBuilder text = new StringBuilder();
        tuple("reply", ct, CtFlyweight.HAS_REPLY, ct.reply(), text);
        tuple("master", ct, CtFlyweight.HAS_MASTER, ct.master(), text);
        text.append(" status ").append(Integer.toHexString(ct.status() & ~STATUS_OWN));
        number("mark", ct, CtFlyweight.HAS_MARK, ct.mark(), text);
        bytes("labels", ct, CtFlyweight.HAS_LABELS, ct.labelsOffset(), ct.labelsBytes(), text);
        bytes("helper", ct, CtFlyweight.HAS_HELPER, ct.helperOffset(), ct.helperBytes(), text);
        protocol(ct, text);
        adjustment("seqadj-orig", ct, CtFlyweight.HAS_SEQADJ_ORIG, ct.seqAdjOrig(), text);
        adjustment("seqadj-reply", ct, CtFlyweight.HAS_SEQADJ_REPLY, ct.seqAdjReply(), text);
        number("isn", ct, CtFlyweight.HAS_SYNPROXY, ct.synproxyIsn(), text);
        number("its", ct, CtFlyweight.HAS_SYNPROXY, ct.synproxyIts(), text);
        number("tsoff", ct, CtFlyweight.HAS_SYNPROXY, ct.synproxyTsOff(), text);
        return text.toString();
    }

    private static void protocol(CtFlyweight ct, StringBuilder text) {
        CtProtoInfo info = ct.protoInfo();
        int flags = FlowTableConfig.TCP_FLAGS_MASK_DEFAULT;
        number("tcp", ct, CtFlyweight.HAS_TCP_STATE, info.tcpState(), text);
        number("wscale-orig", ct, CtFlyweight.HAS_TCP_WSCALE_ORIG, info.tcpWscaleOrig(), text);
        number("wscale-reply", ct, CtFlyweight.HAS_TCP_WSCALE_REPLY, info.tcpWscaleReply(), text);
        number("flags-orig", ct, CtFlyweight.HAS_TCP_FLAGS_ORIG, info.tcpFlagsOrig() & flags, text);
        number("flags-reply", ct, CtFlyweight.HAS_TCP_FLAGS_REPLY, info.tcpFlagsReply() & flags, text);
        number("sctp", ct, CtFlyweight.HAS_SCTP_STATE, info.sctpState(), text);
        number("vtag-orig", ct, CtFlyweight.HAS_SCTP_VTAG_ORIG, info.sctpVtagOrig(), text);
        number("vtag-reply", ct, CtFlyweight.HAS_SCTP_VTAG_REPLY, info.sctpVtagReply(), text);
    }

    private static void tuple(String name, CtFlyweight ct, long bit, CtTuple tuple, StringBuilder text) {
        if (ct.has(bit)) {
            int length = tuple.addressBytes();
            text.append(' ').append(name).append(' ');
            text.append(hex(ct.buffer(), tuple.srcOffset(), length)).append('>');
            text.append(hex(ct.buffer(), tuple.dstOffset(), length));
            text.append(' ')
                    .append(tuple.proto())
                    .append(' ')
                    .append(tuple.a())
                    .append(',')
                    .append(tuple.b());
            text.append(" zone ").append(tuple.zone());
        }
    }

    private static void number(String name, CtFlyweight ct, long bit, int value, StringBuilder text) {
        if (ct.has(bit)) {
            text.append(' ').append(name).append(' ').append(Integer.toUnsignedString(value));
        }
    }

    private static void bytes(String name, CtFlyweight ct, long bit, int offset, int length, StringBuilder text) {
        if (ct.has(bit)) {
            text.append(' ').append(name).append(' ').append(hex(ct.buffer(), offset, length));
        }
    }

    private static void adjustment(String name, CtFlyweight ct, long bit, CtSeqAdj value, StringBuilder text) {
        if (ct.has(bit)) {
            text.append(' ').append(name).append(' ').append(value.correctionPos());
            text.append(' ').append(value.offsetBefore()).append(' ').append(value.offsetAfter());
        }
    }

    private static String hex(DirectBuffer buffer, int offset, int length) {
        byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        return HexFormat.of().formatHex(copy);
    }
}
