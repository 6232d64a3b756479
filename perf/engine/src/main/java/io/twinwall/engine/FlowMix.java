/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static io.twinwall.netlink.CtConst.CTA_TUPLE_ORIG;
import static io.twinwall.netlink.CtConst.CTA_TUPLE_REPLY;

import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The flows of the canonical workload, made from their number alone: of ten, three are UDP, one UDP behind DNAT, two TCP,
 * two TCP behind SNAT, and two IPv6 (one TCP, one UDP). Not thread-safe; allocates nothing after construction.
 */
final class FlowMix {
    private static final int SRC = 0;
    private static final int DST = 16;
    private static final int NAT = 32;
    private static final int TIMEOUT_SECONDS = 7200;
    private static final int PORTS = 60_000;
    private static final int PORT_MIN = 1024;
    private static final int TCP_ESTABLISHED = 3;
    private static final int WSCALE = 7;

    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[48]);

    /** Adds the request that creates flow {@code number}, below 2^24. */
    void create(CtEncoder encoder, int number, int seq) {
        int kind = number % 10;
        boolean v6 = kind >= 8;
        boolean tcp = kind >= 4 && kind < 9;
        int family = v6 ? NlConst.AF_INET6 : NlConst.AF_INET;
        int proto = tcp ? CtConst.IPPROTO_TCP : CtConst.IPPROTO_UDP;
        int sport = PORT_MIN + number % PORTS;
        int dport = tcp ? 443 : 53;
        fill(number, v6);
        encoder.beginCreate(0, seq, family);
        encoder.tuple(CTA_TUPLE_ORIG, family, addresses, SRC, addresses, DST, proto, sport, dport);
        encoder.tuple(CTA_TUPLE_REPLY, family, addresses, DST, addresses, SRC, proto, dport, sport);
        encoder.status(CtConst.IPS_CONFIRMED | CtConst.IPS_SEEN_REPLY | CtConst.IPS_ASSURED);
        encoder.timeoutS(TIMEOUT_SECONDS);
        if (tcp) {
            int flags = CtConst.IP_CT_TCP_FLAG_WINDOW_SCALE | CtConst.IP_CT_TCP_FLAG_SACK_PERM;
            encoder.tcp(TCP_ESTABLISHED, WSCALE, WSCALE, flags, flags);
        }
        if (kind == 3) {
            nat(10 << 24 | 200 << 16 | 1);
            encoder.natDst(family, addresses, NAT, addresses, NAT, 5353, 5353);
        } else if (kind == 6 || kind == 7) {
            nat(203 << 24 | 113 << 8 | 1 + number / PORTS);
            encoder.natSrc(family, addresses, NAT, addresses, NAT, sport, sport);
        }
        encoder.end();
    }

    private void fill(int number, boolean v6) {
        addresses.setMemory(0, addresses.capacity(), (byte) 0);
        if (v6) {
            put(SRC, 0x20010db8);
            put(SRC + 12, number);
            put(DST, 0x20010db9);
            put(DST + 12, 1);
        } else {
            put(SRC, 10 << 24 | number);
            put(DST, 198 << 24 | 18 << 16 | 1);
        }
    }

    private void nat(int address) {
        put(NAT, address);
    }

    private void put(int offset, int bigEndian) {
        addresses.putInt(offset, bigEndian, java.nio.ByteOrder.BIG_ENDIAN);
    }
}
