/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;

import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtTuple;
import io.twinwall.netlink.NlConst;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A conntrack entry as a test wants it in a kernel: the key, and what the request that makes it says beyond. The reply
 * tuple is the plain inverse; the kernel turns it by the translation asked for.
 */
final class Entry {
    final String name;
    final byte[] src;
    final byte[] dst;
    final int proto;
    final int a;
    final int b;
    private final List<Consumer<CtEncoder>> attributes = new ArrayList<>();
    private final List<Consumer<CtEncoder>> changes = new ArrayList<>();
    private int status = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED;
    private int timeoutS = 1000;
    private boolean bare;
    private int zone;
    private int origZone = CtTuple.NO_ZONE;
    private int replyZone = CtTuple.NO_ZONE;

    Entry(String name, String src, String dst, int proto, int a, int b) {
        this.name = name;
        this.src = bytes(src);
        this.dst = bytes(dst);
        this.proto = proto;
        this.a = a;
        this.b = b;
    }

    static Entry v4(String name, int proto, int a, int b) {
        return new Entry(name, "10.0.0.1", "192.0.2.7", proto, a, b);
    }

    static Entry v6(String name, int proto, int a, int b) {
        return new Entry(name, "2001:db8::1", "2001:db8::2", proto, a, b);
    }

    /** An established connection over IPv4, with window scaling. */
    static Entry tcp(String name, int port) {
        return v4(name, IPPROTO_TCP, port, 80).with(e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 7, 8, 0x23, 0x33));
    }

    static Entry udp(String name, int port) {
        return v4(name, IPPROTO_UDP, port, 53);
    }

    private static byte[] bytes(String address) {
        return InetAddress.ofLiteral(address).getAddress();
    }

    /** Adds an attribute to the request that makes the entry. */
    Entry with(Consumer<CtEncoder> attribute) {
        attributes.add(attribute);
        return this;
    }

    /** Adds an attribute to the request that changes the entry later. */
    Entry then(Consumer<CtEncoder> attribute) {
        changes.add(attribute);
        return this;
    }

    Entry status(int bits) {
        status = bits;
        return this;
    }

    Entry timeoutS(int seconds) {
        timeoutS = seconds;
        return this;
    }

    /** Leaves out what every other entry has: status and timeout. */
    Entry bare() {
        bare = true;
        return this;
    }

    Entry zone(int both) {
        zone = both;
        return this;
    }

    Entry origZone(int original) {
        origZone = original;
        return this;
    }

    Entry replyZone(int reply) {
        replyZone = reply;
        return this;
    }

    Entry snat(String address, int port) {
        UnsafeBuffer to = new UnsafeBuffer(bytes(address));
        return with(e -> e.natSrc(family(), to, 0, to, 0, port, port));
    }

    Entry dnat(String address, int port) {
        UnsafeBuffer to = new UnsafeBuffer(bytes(address));
        return with(e -> e.natDst(family(), to, 0, to, 0, port, port));
    }

    Entry childOf(Entry master) {
        return with(e -> e.tuple(
                CTA_TUPLE_MASTER,
                master.family(),
                new UnsafeBuffer(master.src),
                0,
                new UnsafeBuffer(master.dst),
                0,
                master.proto,
                master.a,
                master.b));
    }

    int family() {
        return src.length == 4 ? NlConst.AF_INET : NlConst.AF_INET6;
    }

    boolean hasFixedTimeout() {
        return (status & IPS_FIXED_TIMEOUT) != 0;
    }

    boolean hasChanges() {
        return !changes.isEmpty();
    }

    void encodeCreate(CtEncoder encoder, int flags, int seq) {
        encodeKey(encoder.beginCreate(flags, seq, family()));
        encoder.tuple(
                CTA_TUPLE_REPLY,
                family(),
                new UnsafeBuffer(dst),
                0,
                new UnsafeBuffer(src),
                0,
                proto,
                hasPorts(proto) ? b : a,
                hasPorts(proto) ? a : answerTo(b >>> 8) << 8,
                replyZone);
        if (!bare) {
            encoder.status(status).timeoutS(timeoutS);
        }
        attributes.forEach(attribute -> attribute.accept(encoder));
        encoder.end();
    }

    void encodeChange(CtEncoder encoder, int flags, int seq) {
        encodeKey(encoder.beginUpdate(flags, seq, family()));
        changes.forEach(change -> change.accept(encoder));
        encoder.end();
    }

    void encodeDelete(CtEncoder encoder, int flags, int seq) {
        encodeKey(encoder.beginDelete(flags, seq, family()));
        encoder.end();
    }

    private void encodeKey(CtEncoder encoder) {
        encoder.tuple(
                CTA_TUPLE_ORIG, family(), new UnsafeBuffer(src), 0, new UnsafeBuffer(dst), 0, proto, a, b, origZone);
        if (zone != 0) {
            encoder.zone(zone);
        }
    }

    private static boolean hasPorts(int proto) {
        return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP || proto == IPPROTO_GRE;
    }

    /** Type of the ICMP message that answers {@code type}. */
    private int answerTo(int type) {
        if (proto == IPPROTO_ICMP) {
            return type == 8 ? 0 : type + 1;
        }
        return proto == IPPROTO_ICMPV6 ? type + 1 : 0;
    }

    /** What begins the {@link EntryText} of this entry, and of no other. */
    String key() {
        return EntryText.key(family(), new UnsafeBuffer(src), 0, new UnsafeBuffer(dst), 0, proto, a, b, zone, origZone);
    }

    @Override
    public String toString() {
        return name;
    }
}
