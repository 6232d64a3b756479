/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static io.twinwall.netlink.CtConst.CTA_TUPLE_ORIG;
import static io.twinwall.netlink.CtConst.CTA_TUPLE_REPLY;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The flows of the canonical workload, made from their number alone: of ten, three are UDP, one UDP behind DNAT, two TCP,
 * two TCP behind SNAT, and two IPv6 (one TCP, one UDP). Each can be had as the request that creates it, as the event by
 * which a kernel tells of it, and as the image that the table takes. Not thread-safe; allocates nothing after
 * construction.
 *
 * <p>{@code floor.c} has the same flows; {@code FloorTwinIT} holds both to the same bytes.
 */
public final class FlowMix {
    /** As the kernel starts an established flow's. */
    public static final int TIMEOUT_SECONDS = 7200;

    private static final int SRC = 0;
    private static final int DST = 16;
    private static final int NAT = 32;
    private static final int PORTS = 60_000;
    private static final int PORT_MIN = 1024;
    private static final int DNAT_PORT = 5353;
    private static final int WSCALE = 7;
    private static final int STATUS = CtConst.IPS_CONFIRMED | CtConst.IPS_SEEN_REPLY | CtConst.IPS_ASSURED;
    private static final int TCP_FLAGS = CtConst.IP_CT_TCP_FLAG_WINDOW_SCALE | CtConst.IP_CT_TCP_FLAG_SACK_PERM;

    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[48]);
    private int family;
    private int proto;
    private int sport;
    private int dport;
    private boolean snat;
    private boolean dnat;

    /** Adds the request that creates flow {@code number}, below 2^24. */
    void create(CtEncoder encoder, int number, int seq) {
        turnTo(number);
        encoder.beginCreate(0, seq, family);
        encoder.tuple(CTA_TUPLE_ORIG, family, addresses, SRC, addresses, DST, proto, sport, dport);
        encoder.tuple(CTA_TUPLE_REPLY, family, addresses, DST, addresses, SRC, proto, dport, sport);
        encoder.status(STATUS);
        encoder.timeoutS(TIMEOUT_SECONDS);
        protocol(encoder);
        if (dnat) {
            encoder.natDst(family, addresses, NAT, addresses, NAT, DNAT_PORT, DNAT_PORT);
        } else if (snat) {
            encoder.natSrc(family, addresses, NAT, addresses, NAT, sport, sport);
        }
        encoder.end();
    }

    /**
     * Adds the event of flow {@code number}, in the kernel's order of attributes.
     *
     * @param isNew of its beginning, else of a change
     * @param mark left out when 0, as the kernel does
     */
    public void event(CtEncoder encoder, int number, boolean isNew, int mark) {
        turnTo(number);
        int flags = isNew ? NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL : 0;
        encoder.begin(CtConst.IPCTNL_MSG_CT_NEW, flags, 0, family);
        encoder.tuple(CTA_TUPLE_ORIG, family, addresses, SRC, addresses, DST, proto, sport, dport);
        encoder.tuple(
                CTA_TUPLE_REPLY, family, addresses, replySrc(), addresses, replyDst(), proto, replySport(), sport);
        encoder.id(id(number));
        encoder.status(translatedStatus() | CtConst.IPS_SRC_NAT_DONE | CtConst.IPS_DST_NAT_DONE);
        encoder.timeoutS(TIMEOUT_SECONDS);
        protocol(encoder);
        if (mark != 0) {
            encoder.mark(mark);
        }
        encoder.end();
    }

    /** Fills {@code image} with what the event of flow {@code number} says; {@code mark} as there. */
    public void image(FlowImage image, int number, int mark) {
        turnTo(number);
        image.clear().family(family).l4proto(proto);
        image.orig(addresses, SRC, DST, sport, dport);
        image.reply(addresses, replySrc(), replyDst(), replySport(), sport);
        image.status(translatedStatus()).timeoutSeconds(TIMEOUT_SECONDS).id(id(number));
        if (mark != 0) {
            image.mark(mark);
        }
        if (proto == CtConst.IPPROTO_TCP) {
            image.tcp(CtConst.TCP_CONNTRACK_ESTABLISHED, WSCALE, WSCALE, TCP_FLAGS, TCP_FLAGS);
        }
    }

    private void protocol(CtEncoder encoder) {
        if (proto == CtConst.IPPROTO_TCP) {
            encoder.tcp(CtConst.TCP_CONNTRACK_ESTABLISHED, WSCALE, WSCALE, TCP_FLAGS, TCP_FLAGS);
        }
    }

    private static int id(int number) {
        return number + 1;
    }

    private int replySrc() {
        return dnat ? NAT : DST;
    }

    private int replyDst() {
        return snat ? NAT : SRC;
    }

    private int replySport() {
        return dnat ? DNAT_PORT : dport;
    }

    private int translatedStatus() {
        return STATUS | (snat ? CtConst.IPS_SRC_NAT : 0) | (dnat ? CtConst.IPS_DST_NAT : 0);
    }

    private void turnTo(int number) {
        int kind = number % 10;
        boolean v6 = kind >= 8;
        boolean tcp = kind >= 4 && kind < 9;
        family = v6 ? NlConst.AF_INET6 : NlConst.AF_INET;
        proto = tcp ? CtConst.IPPROTO_TCP : CtConst.IPPROTO_UDP;
        sport = PORT_MIN + number % PORTS;
        dport = tcp ? 443 : 53;
        dnat = kind == 3;
        snat = kind == 6 || kind == 7;
        addresses.setMemory(0, addresses.capacity(), (byte) 0);
        if (v6) {
            put(SRC, 0x20010db8);
            put(SRC + 12, number);
            put(DST, 0x20010db9);
            put(DST + 12, 1);
        } else {
            put(SRC, 10 << 24 | number);
            put(DST, 198 << 24 | 18 << 16 | 1);
            put(NAT, dnat ? 10 << 24 | 200 << 16 | 1 : 203 << 24 | 113 << 8 | 1 + number / PORTS);
        }
    }

    private void put(int offset, int bigEndian) {
        addresses.putInt(offset, bigEndian, ByteOrder.BIG_ENDIAN);
    }
}
