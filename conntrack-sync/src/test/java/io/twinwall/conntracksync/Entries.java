/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;

import io.twinwall.netlink.CtEncoder;
import java.util.ArrayList;
import java.util.List;

/** An entry for each attribute that is replicated, with the change that must follow. Their keys differ. */
final class Entries {
    static final Entry MASTER = Entry.tcp("helper, and master of a child", 3000).with(e -> e.helper("ftp"));
    static final Entry ZONED_MASTER =
            Entry.tcp("helper in a zone", 3001).zone(9).with(e -> e.helper("ftp"));

    private static final int ALL = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED;

    private Entries() {}

    static List<Entry> all() {
        List<Entry> all = new ArrayList<>();
        all.addAll(protocols());
        all.addAll(tcp());
        all.addAll(translations());
        all.addAll(attributes());
        return all;
    }

    private static List<Entry> protocols() {
        return List.of(
                Entry.udp("UDP over IPv4", 5000).then(e -> e.timeoutS(1300).mark(2)),
                Entry.v6("UDP over IPv6", IPPROTO_UDP, 5001, 53).then(e -> e.mark(3)),
                Entry.v4("ICMP echo", IPPROTO_ICMP, 4711, 8 << 8).then(e -> e.mark(4)),
                Entry.v4("ICMP timestamp", IPPROTO_ICMP, 4712, 13 << 8),
                Entry.v6("ICMPv6 echo", IPPROTO_ICMPV6, 4713, 128 << 8).then(e -> e.mark(5)),
                Entry.v4("SCTP", IPPROTO_SCTP, 6000, 2905)
                        .with(e -> e.sctp(SCTP_CONNTRACK_ESTABLISHED, 0x11223344, 0xaabbccdd))
                        .then(e -> e.sctp(SCTP_CONNTRACK_SHUTDOWN_SENT, 0x11223344, 0xaabbccdd)),
                Entry.v6("SCTP over IPv6", IPPROTO_SCTP, 6001, 2905)
                        .with(e -> e.sctp(SCTP_CONNTRACK_COOKIE_ECHOED, 1, 2)),
                Entry.v4("GRE with keys", IPPROTO_GRE, 0x1234, 0x5678).then(e -> e.mark(6)),
                Entry.v4("ESP: a protocol without key", 50, 0, 0).then(e -> e.mark(7)),
                Entry.v6("ESP over IPv6", 50, 0, 0));
    }

    private static List<Entry> tcp() {
        List<Entry> all = new ArrayList<>();
        for (int state = TCP_CONNTRACK_SYN_RECV; state <= TCP_CONNTRACK_CLOSE; state++) {
            int inThis = state;
            all.add(Entry.v4("TCP in state " + state, IPPROTO_TCP, 2000 + state, 80)
                    .with(e -> e.tcp(inThis, 7, 8, 0x23, 0x33)));
        }
        all.add(Entry.tcp("TCP closing", 2020).then(e -> e.tcp(TCP_CONNTRACK_FIN_WAIT, 7, 8, 0x27, 0x33)));
        all.add(Entry.v6("TCP over IPv6", IPPROTO_TCP, 2021, 443)
                .with(e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 0, 14, 0x01, 0x05)));
        all.add(Entry.v4("TCP without window scaling", IPPROTO_TCP, 2022, 80)
                .with(e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 0, 0, 0, 0x02)));
        all.add(Entry.tcp("idle for long", 2023).timeoutS(432_000));
        all.add(Entry.tcp("not assured", 2024)
                .status(IPS_CONFIRMED | IPS_SEEN_REPLY)
                .then(e -> e.status(ALL)));
        all.add(Entry.udp("unreplied", 2025).status(IPS_CONFIRMED).then(e -> e.status(IPS_CONFIRMED | IPS_SEEN_REPLY)));
        all.add(Entry.udp("fixed timeout", 2026).status(ALL | IPS_FIXED_TIMEOUT).then(e -> e.mark(2)));
        return all;
    }

    private static List<Entry> translations() {
        return List.of(
                Entry.tcp("SNAT with port", 2100).snat("203.0.113.1", 40_000).then(e -> e.mark(8)),
                Entry.tcp("SNAT without port", 2101).snat("203.0.113.1", CtEncoder.NONE),
                Entry.tcp("SNAT of the port alone", 2102).snat("10.0.0.1", 40_002),
                Entry.tcp("DNAT with port", 2103)
                        .dnat("10.9.9.9", 8080)
                        .then(e -> e.tcp(TCP_CONNTRACK_CLOSE_WAIT, 7, 8, 0x23, 0x33)),
                Entry.tcp("DNAT without port", 2104).dnat("10.9.9.9", CtEncoder.NONE),
                Entry.tcp("DNAT of the port alone", 2105).dnat("192.0.2.7", 8085),
                Entry.tcp("SNAT and DNAT", 2106)
                        .snat("203.0.113.1", 40_006)
                        .dnat("10.9.9.9", 8086)
                        .then(e -> e.mark(9)),
                Entry.udp("UDP with SNAT and DNAT", 2107)
                        .snat("203.0.113.1", 40_007)
                        .dnat("10.9.9.9", 5353),
                Entry.v4("SCTP with SNAT", IPPROTO_SCTP, 2108, 2905)
                        .with(e -> e.sctp(SCTP_CONNTRACK_ESTABLISHED, 5, 6))
                        .snat("203.0.113.1", 40_008),
                Entry.v4("ICMP with another id", IPPROTO_ICMP, 4720, 8 << 8).snat("203.0.113.1", 4999),
                Entry.v4("ICMP with DNAT", IPPROTO_ICMP, 4721, 8 << 8).dnat("10.9.9.9", CtEncoder.NONE),
                Entry.v4("GRE with SNAT", IPPROTO_GRE, 0, 0x77).snat("203.0.113.1", CtEncoder.NONE),
                Entry.v4("IPIP with SNAT", 4, 0, 0).snat("203.0.113.1", CtEncoder.NONE),
                Entry.v6("SNAT of IPv6", IPPROTO_UDP, 2110, 53).snat("2001:db8:f::1", 40_010),
                Entry.v6("DNAT of IPv6", IPPROTO_TCP, 2111, 80)
                        .with(e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 1, 2, 1, 1))
                        .dnat("2001:db8:d::1", 8080),
                Entry.v6("ICMPv6 with another id", IPPROTO_ICMPV6, 4722, 128 << 8)
                        .snat("2001:db8:f::1", 4998));
    }

    private static List<Entry> attributes() {
        return List.of(
                Entry.tcp("mark", 2200).with(e -> e.mark(0xdeadbeef)).then(e -> e.mark(1)),
                Entry.tcp("mark taken away", 2201).with(e -> e.mark(5)).then(e -> e.mark(0)),
                Entry.tcp("labels", 2202)
                        .with(e -> e.labels(0x8000_0000_0000_0003L, 0x4000_0000_0000_0001L))
                        .then(e -> e.labels(2, 1)),
                Entry.tcp("zone of both directions", 2020).zone(77).then(e -> e.mark(2)),
                Entry.tcp("zone of the original direction", 2204).origZone(78).then(e -> e.mark(2)),
                Entry.tcp("zone of the reply direction", 2205).replyZone(79).then(e -> e.mark(2)),
                Entry.tcp("SNAT in a zone", 2206).zone(77).snat("203.0.113.1", 40_200),
                MASTER,
                Entry.tcp("child of a master", 3002).childOf(MASTER).then(e -> e.mark(2)),
                ZONED_MASTER,
                Entry.tcp("child of a master in a zone", 3003).zone(9).childOf(ZONED_MASTER),
                Entry.tcp("sequence adjustment", 2210)
                        .with(e -> e.seqAdj(CTA_SEQ_ADJ_ORIG, 0xf0000001, -5, 7))
                        .with(e -> e.seqAdj(CTA_SEQ_ADJ_REPLY, 12, 0, -3))
                        .then(e -> e.seqAdj(CTA_SEQ_ADJ_ORIG, 0xf0001001, 7, 11)),
                Entry.tcp("SYN proxy", 2211)
                        .with(e -> e.synproxy(0x89abcdef, 1234, -77))
                        .then(e -> e.synproxy(5, 6, 7)));
    }
}
