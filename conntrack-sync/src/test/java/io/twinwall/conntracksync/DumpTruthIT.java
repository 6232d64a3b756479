/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlError;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlSocket;
import io.twinwall.netlink.NlWriter;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** By what the kernel narrows a dump, as {@code docs/KERNEL.md} has it. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class DumpTruthIT {
    private static final int AF_UNSPEC = 0;
    private static final int REQUEST_BYTES = 1024;
    private static final int WAIT_MS = 2000;

    /** {@code CTA_FILTER_F_*}. */
    private static final int IP_SRC = 1;

    private static final int PROTO_NUM = 1 << 3;
    private static final int DST_PORT = 1 << 5;

    private static final Entry UDP = Entry.udp("UDP", 1000);
    private static final Entry MARKED = Entry.tcp("marked", 1001).with(e -> e.mark(0x15));
    private static final Entry ZONED = Entry.tcp("zone 5", 1002).zone(5);
    private static final Entry IPV6 = Entry.v6("IPv6", IPPROTO_UDP, 1003, 53);
    private static final Entry UNREPLIED =
            new Entry("unreplied", "10.9.0.1", "192.0.2.7", IPPROTO_UDP, 1004, 54).status(IPS_CONFIRMED);
    private static final List<Entry> ALL = List.of(UDP, MARKED, ZONED, IPV6, UNREPLIED);

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(REQUEST_BYTES));
    private final CtEncoder encoder = new CtEncoder();
    private final CtFlyweight entry = new CtFlyweight();
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private final List<String> lines = new ArrayList<>();
    private NlSocket socket;
    private int seq;

    @Test
    void shouldNarrowADumpAsTheDocumentSays(TestNet net) throws Exception {
        String netNs = KernelPair.firewall(net, RejoinIT.RULESET);
        try (Conntrack kernel = new Conntrack(netNs)) {
            ALL.forEach(each -> assertEquals(0, kernel.create(each), each.name));
            socket = NetNs.call(netNs, () -> NlSocket.open(NlConst.NETLINK_NETFILTER, 64, 32 * 1024));
            lines.add("| A dump asked for by | |");
            lines.add("|---|---|");
            ask("nothing", AF_UNSPEC, e -> {}, UDP, MARKED, ZONED, IPV6, UNREPLIED);
            ask("the family", NlConst.AF_INET6, e -> {}, IPV6);
            ask("`CTA_MARK` and `CTA_MARK_MASK`", AF_UNSPEC, e -> e.filterMark(0x10, 0xf0), MARKED);
            ask(
                    "`CTA_STATUS` and `CTA_STATUS_MASK`, set bits",
                    AF_UNSPEC,
                    e -> e.filterStatus(IPS_ASSURED, IPS_ASSURED),
                    UDP,
                    MARKED,
                    ZONED,
                    IPV6);
            ask(
                    "`CTA_STATUS` and `CTA_STATUS_MASK`, bits not set",
                    AF_UNSPEC,
                    e -> e.writer().putU32be(CTA_STATUS, 0).putU32be(CTA_STATUS_MASK, IPS_ASSURED),
                    UNREPLIED);
            ask("`CTA_ZONE`", AF_UNSPEC, e -> e.zone(5), ZONED);
            ask("`CTA_FILTER`, protocol", NlConst.AF_INET, e -> tuple(e, PROTO_NUM), UDP, UNREPLIED);
            ask("`CTA_FILTER`, protocol of both families", AF_UNSPEC, e -> tuple(e, PROTO_NUM), UDP, IPV6, UNREPLIED);
            ask("`CTA_FILTER`, source address", NlConst.AF_INET, e -> tuple(e, IP_SRC), UNREPLIED);
            ask("`CTA_FILTER`, protocol and port", NlConst.AF_INET, e -> tuple(e, PROTO_NUM | DST_PORT), UNREPLIED);
            socket.close();
        }
        TruthTable.assertDocumented(lines);
    }

    /** Asks for what agrees with {@link #UNREPLIED} in {@code flags}. */
    private static void tuple(CtEncoder request, int flags) {
        NlWriter writer = request.writer();
        int tuple = writer.nestBegin(CTA_TUPLE_ORIG);
        if ((flags & IP_SRC) != 0) {
            int ip = writer.nestBegin(CTA_TUPLE_IP);
            writer.putBytes(CTA_IP_V4_SRC, UNREPLIED.src);
            writer.nestEnd(ip);
        }
        if ((flags & PROTO_NUM) != 0) {
            int proto = writer.nestBegin(CTA_TUPLE_PROTO);
            writer.putU8(CTA_PROTO_NUM, IPPROTO_UDP);
            if ((flags & DST_PORT) != 0) {
                writer.putU16be(CTA_PROTO_DST_PORT, UNREPLIED.b);
            }
            writer.nestEnd(proto);
        }
        writer.nestEnd(tuple);
        int filter = writer.nestBegin(CTA_FILTER);
        writer.putU32(1, flags).putU32(2, 0);
        writer.nestEnd(filter);
    }

    private void ask(String name, int family, Consumer<CtEncoder> narrowing, Entry... wanted) {
        encoder.wrap(buffer, 0, REQUEST_BYTES).beginDump(++seq, family);
        narrowing.accept(encoder);
        encoder.end();
        assertEquals(encoder.length(), socket.send(buffer, 0, encoder.length()));
        Set<String> shown = new TreeSet<>();
        int errno = read(shown);
        Set<String> keys = new TreeSet<>();
        for (Entry each : wanted) {
            keys.add(each.key());
        }
        String outcome = shown.equals(keys) ? "narrowed" : "shows " + shown.size() + " of " + ALL.size();
        String told = wanted.length == ALL.size() ? "all" : errno != 0 ? "refused: " + Errno.name(errno) : outcome;
        lines.add("| " + name + " | " + told + " |");
    }

    private int read(Set<String> shown) {
        int[] end = {-1};
        while (end[0] < 0) {
            int read = socket.poll((bytes, offset, length) -> {
                reader.wrap(bytes, offset, length);
                while (reader.next()) {
                    if (reader.type() == NlConst.NLMSG_DONE || reader.type() == NlConst.NLMSG_ERROR) {
                        end[0] = error.wrap(reader) ? error.errno() : 0;
                    } else if (entry.wrap(bytes, reader.offset(), reader.length())) {
                        shown.add(EntryText.key(entry));
                    }
                }
            });
            if (read < 0 || (read == 0 && !socket.await(WAIT_MS))) {
                throw new AssertionError("no answer of the kernel: " + read);
            }
        }
        return end[0];
    }
}
