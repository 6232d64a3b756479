/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

import java.util.List;

/** An entry of each kind that Twinwall carries. Their keys differ, so that all fit in one kernel. */
final class CtSpecs {
    private CtSpecs() {}

    static List<CtSpec> all() {
        CtSpec master = CtSpec.tcp4("master with helper", 2001);
        master.helper = "ftp";
        master.prints("sport=2001 ", "helper=ftp ");
        CtSpec child = CtSpec.tcp4("child of the master", 2002);
        child.master = master;
        child.prints("sport=2002 ");
        return List.of(
                tcp(),
                new CtSpec("UDP over IPv4", "10.0.0.1", "192.0.2.7", IPPROTO_UDP, 5000, 53)
                        .prints(
                                "udp      17 ",
                                "src=10.0.0.1 dst=192.0.2.7 sport=5000 dport=53 ",
                                "src=192.0.2.7 dst=10.0.0.1 sport=53 dport=5000 "),
                new CtSpec("UDP over IPv6", "2001:db8::1", "2001:db8::2", IPPROTO_UDP, 5000, 53)
                        .prints("udp      17 ", "src=2001:db8::1 dst=2001:db8::2 sport=5000 dport=53 "),
                tcp6(),
                new CtSpec("ICMP echo", "10.0.0.1", "192.0.2.7", IPPROTO_ICMP, 4711, 8 << 8)
                        .prints("type=8 code=0 id=4711 ", "type=0 code=0 id=4711 "),
                new CtSpec("ICMPv6 echo", "2001:db8::1", "2001:db8::2", IPPROTO_ICMPV6, 4712, 128 << 8)
                        .prints("type=128 code=0 id=4712 ", "type=129 code=0 id=4712 "),
                sctp(),
                new CtSpec("GRE with keys", "10.0.0.1", "192.0.2.7", IPPROTO_GRE, 0x1234, 0x5678)
                        .prints("srckey=0x1234 dstkey=0x5678 ", "srckey=0x5678 dstkey=0x1234 "),
                new CtSpec("ESP, a protocol without key", "10.0.0.1", "192.0.2.7", 50, 0, 0)
                        .prints("unknown  50 ", "src=10.0.0.1 dst=192.0.2.7 "),
                new CtSpec("ESP over IPv6", "2001:db8::1", "2001:db8::2", 50, 0, 0)
                        .prints("unknown  50 ", "src=2001:db8::1 dst=2001:db8::2 "),
                CtSpec.tcp4("SNAT", 2010)
                        .natSrc("203.0.113.1", 40_000)
                        .prints("sport=2010 dport=80 ", "src=192.0.2.7 dst=203.0.113.1 sport=80 dport=40000 "),
                CtSpec.tcp4("SNAT without port", 2011)
                        .natSrc("203.0.113.1", CtEncoder.NONE)
                        .prints("src=192.0.2.7 dst=203.0.113.1 sport=80 dport=2011 "),
                CtSpec.tcp4("DNAT", 2012)
                        .natDst("10.9.9.9", 8080)
                        .prints("sport=2012 dport=80 ", "src=10.9.9.9 dst=10.0.0.1 sport=8080 dport=2012 "),
                CtSpec.tcp4("SNAT and DNAT", 2013)
                        .natSrc("203.0.113.1", 40_001)
                        .natDst("10.9.9.9", 8081)
                        .prints("sport=2013 dport=80 ", "src=10.9.9.9 dst=203.0.113.1 sport=8081 dport=40001 "),
                new CtSpec("SNAT of IPv6", "2001:db8::1", "2001:db8::2", IPPROTO_UDP, 5001, 53)
                        .natSrc("2001:db8:f::1", 40_002)
                        .prints("src=2001:db8::2 dst=2001:db8:f::1 sport=53 dport=40002 "),
                new CtSpec("DNAT of IPv6", "2001:db8::1", "2001:db8::2", IPPROTO_UDP, 5002, 53)
                        .natDst("2001:db8:d::1", 5353)
                        .prints("src=2001:db8:d::1 dst=2001:db8::1 sport=5353 dport=5002 "),
                marked(),
                zoned(),
                zonedByDirection(),
                zonedByReply(),
                master,
                child,
                adjusted(),
                synproxied());
    }

    private static CtSpec tcp() {
        CtSpec spec = CtSpec.tcp4("TCP over IPv4", 2000);
        spec.timeoutS = 432_000;
        spec.prints(
                "tcp      6 43",
                "ESTABLISHED src=10.0.0.1 dst=192.0.2.7 sport=2000 dport=80 ",
                "src=192.0.2.7 dst=10.0.0.1 sport=80 dport=2000 ",
                "[ASSURED] mark=0 use=1");
        return spec;
    }

    private static CtSpec tcp6() {
        CtSpec spec = new CtSpec("TCP over IPv6", "2001:db8::1", "2001:db8::2", IPPROTO_TCP, 5000, 443);
        spec.tcp = new int[] {TCP_CONNTRACK_CLOSE_WAIT, 0, 14, 0x09, 0x0d};
        spec.prints("tcp      6 ", "CLOSE_WAIT src=2001:db8::1 dst=2001:db8::2 sport=5000 dport=443 ");
        return spec;
    }

    private static CtSpec sctp() {
        CtSpec spec = new CtSpec("SCTP", "10.0.0.1", "192.0.2.7", IPPROTO_SCTP, 6000, 2905);
        spec.sctp = new int[] {SCTP_CONNTRACK_ESTABLISHED, 0x11223344, 0xaabbccdd};
        spec.prints("sctp     132 ", "ESTABLISHED src=10.0.0.1 dst=192.0.2.7 sport=6000 dport=2905 ");
        return spec;
    }

    private static CtSpec marked() {
        CtSpec spec = CtSpec.tcp4("mark and labels", 2020);
        spec.mark = 0xdeadbeef;
        spec.labels = new long[] {0x8000_0000_0000_0003L, 0x4000_0000_0000_0001L};
        spec.prints("sport=2020 ", "mark=3735928559 ", "labels=zero,one,sixtythree,sixtyfour,last");
        return spec;
    }

    private static CtSpec zoned() {
        CtSpec spec = CtSpec.tcp4("zone of both directions", 2000);
        spec.zone = 77;
        spec.prints("sport=2000 dport=80 ", "zone=77 ");
        return spec;
    }

    private static CtSpec zonedByDirection() {
        CtSpec spec = CtSpec.tcp4("zone of the original direction", 2021);
        spec.origZone = 78;
        spec.prints("sport=2021 dport=80 zone-orig=78 ");
        return spec;
    }

    private static CtSpec zonedByReply() {
        CtSpec spec = CtSpec.tcp4("zone of the reply direction", 2022);
        spec.replyZone = 79;
        spec.prints("sport=2022 dport=80 ", "sport=80 dport=2022 zone-reply=79 ");
        return spec;
    }

    private static CtSpec adjusted() {
        CtSpec spec = CtSpec.tcp4("sequence adjustment", 2030);
        spec.seqAdjOrig = new int[] {0xf0000001, -5, 7};
        spec.seqAdjReply = new int[] {12, 0, -3};
        spec.prints("sport=2030 ");
        return spec;
    }

    private static CtSpec synproxied() {
        CtSpec spec = CtSpec.tcp4("SYN proxy", 2031);
        spec.synproxy = new int[] {0x89abcdef, 1234, -77};
        spec.prints("sport=2031 ");
        return spec;
    }
}
