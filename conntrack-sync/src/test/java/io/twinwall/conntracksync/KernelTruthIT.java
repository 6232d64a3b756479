/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;
import static io.twinwall.netlink.CtFlyweight.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlWriter;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The table of {@code docs/KERNEL.md} is what this kernel does, line by line: it is asked for every cell. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class KernelTruthIT {
    private static final String WITH_LABELS = """
            table inet t {
              chain f { type filter hook forward priority 0; ct state new ct label 1 accept; }
              chain n { type nat hook postrouting priority 100; }
            }
            """;

    private static final int ALL = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED;
    private static final int SECONDS = 4321;

    /**
     * What is asked of the kernel.
     *
     * @param base the entry that is changed
     * @param wanted true when the kernel says it is so; must be false of the entry before it is changed
     */
    private record Question(
            String name,
            UnaryOperator<Entry> base,
            UnaryOperator<Entry> creation,
            Consumer<CtEncoder> update,
            Predicate<CtFlyweight> wanted) {}

    private final List<String> lines = new ArrayList<>();
    private Conntrack kernel;
    private int port = 1000;

    @Test
    void shouldDoWhatTheDocumentSays(TestNet net) throws Exception {
        lines.add("| Attribute | At creation | By an update |");
        lines.add("|---|---|---|");
        try (Conntrack labelled = new Conntrack(KernelPair.firewall(net, WITH_LABELS))) {
            kernel = labelled;
            assertEquals(0, kernel.create(Entries.MASTER));
            status();
            protocol();
            translation();
            relations();
            others();
            metadata();
        }
        try (Conntrack plain = new Conntrack(KernelPair.firewall(net, RejoinIT.RULESET))) {
            kernel = plain;
            ask("`CTA_LABELS`, ruleset without `ct label`", e -> e.labels(2, 0), ct -> ct.has(HAS_LABELS));
        }
        TruthTable.assertDocumented(lines);
    }

    private void status() {
        ask(
                "`CTA_STATUS` without `CONFIRMED`",
                null,
                entry -> entry.status(IPS_SEEN_REPLY),
                e -> e.status(IPS_SEEN_REPLY),
                ct -> (ct.status() & IPS_CONFIRMED) == 0);
        bit("EXPECTED", IPS_EXPECTED);
        bit("SEEN_REPLY", IPS_SEEN_REPLY);
        bit("ASSURED", IPS_ASSURED);
        bit("SRC_NAT", IPS_SRC_NAT);
        bit("DST_NAT", IPS_DST_NAT);
        bit("SEQ_ADJUST", IPS_SEQ_ADJUST);
        bit("SRC_NAT_DONE", IPS_SRC_NAT_DONE);
        bit("DYING", IPS_DYING);
        bit("FIXED_TIMEOUT", IPS_FIXED_TIMEOUT);
        bit("TEMPLATE", IPS_TEMPLATE);
        bit("UNTRACKED", IPS_UNTRACKED);
        bit("HELPER", IPS_HELPER);
        bit("OFFLOAD", IPS_OFFLOAD);
        cleared("SEEN_REPLY", IPS_SEEN_REPLY);
        cleared("ASSURED", IPS_ASSURED);
        cleared("FIXED_TIMEOUT", IPS_FIXED_TIMEOUT);
        ask("no `CTA_TIMEOUT`", null, Entry::bare, null, ct -> true);
        ask(
                "`CTA_TIMEOUT`",
                entry -> entry,
                entry -> entry.timeoutS(SECONDS),
                e -> e.timeoutS(SECONDS),
                ct -> Math.abs(ct.timeoutS() - SECONDS) < 3);
        ask(
                "`CTA_TIMEOUT` of a `FIXED_TIMEOUT` entry",
                entry -> entry.status(ALL | IPS_FIXED_TIMEOUT),
                null,
                e -> e.timeoutS(SECONDS),
                ct -> Math.abs(ct.timeoutS() - SECONDS) < 3);
    }

    private void bit(String name, int bit) {
        ask(
                "`CTA_STATUS` `" + name + "`",
                entry -> entry.status(IPS_CONFIRMED),
                entry -> entry.status(IPS_CONFIRMED | bit),
                e -> e.status(IPS_CONFIRMED | bit),
                ct -> (ct.status() & bit) != 0);
    }

    private void cleared(String name, int bit) {
        int all = ALL | IPS_FIXED_TIMEOUT;
        ask(
                "`CTA_STATUS` with `" + name + "` taken away",
                entry -> entry.status(all),
                null,
                e -> e.status(all & ~bit),
                ct -> (ct.status() & bit) == 0);
    }

    private void protocol() {
        ask(
                "TCP state",
                e -> e.tcp(TCP_CONNTRACK_CLOSE_WAIT, 7, 8, 0x23, 0x33),
                ct -> ct.protoInfo().tcpState() == TCP_CONNTRACK_CLOSE_WAIT);
        ask(
                "TCP window scales, with `WINDOW_SCALE` in both flags",
                e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 3, 4, 0x23, 0x33),
                ct -> ct.protoInfo().tcpWscaleOrig() == 3 && ct.protoInfo().tcpWscaleReply() == 4);
        ask(
                "TCP window scales, without",
                entry -> Entry.v4("unscaled", IPPROTO_TCP, ++port, 80)
                        .with(e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 0, 0, 0, 0)),
                entry -> Entry.v4("unscaled", IPPROTO_TCP, ++port, 80)
                        .with(e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 3, 4, 0, 0)),
                e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 3, 4, 0, 0),
                ct -> ct.protoInfo().tcpWscaleOrig() == 3 && ct.protoInfo().tcpWscaleReply() == 4);
        ask(
                "TCP flags, `BE_LIBERAL` among them",
                e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 7, 8, 0x2b, 0x3b),
                ct -> (ct.protoInfo().tcpFlagsOrig() & 0x3f) == 0x2b
                        && (ct.protoInfo().tcpFlagsReply() & 0x3f) == 0x3b);
        UnaryOperator<Entry> sctp = entry ->
                Entry.v4("SCTP", IPPROTO_SCTP, ++port, 2905).with(e -> e.sctp(SCTP_CONNTRACK_ESTABLISHED, 1, 2));
        ask(
                "SCTP state",
                sctp,
                entry -> Entry.v4("SCTP", IPPROTO_SCTP, ++port, 2905)
                        .with(e -> e.sctp(SCTP_CONNTRACK_SHUTDOWN_SENT, 1, 2)),
                e -> e.sctp(SCTP_CONNTRACK_SHUTDOWN_SENT, 1, 2),
                ct -> ct.protoInfo().sctpState() == SCTP_CONNTRACK_SHUTDOWN_SENT);
        ask(
                "SCTP verification tags",
                sctp,
                entry -> Entry.v4("SCTP", IPPROTO_SCTP, ++port, 2905)
                        .with(e -> e.sctp(SCTP_CONNTRACK_ESTABLISHED, 5, 6)),
                e -> e.sctp(SCTP_CONNTRACK_ESTABLISHED, 5, 6),
                ct -> ct.protoInfo().sctpVtagOrig() == 5 && ct.protoInfo().sctpVtagReply() == 6);
    }

    private void translation() {
        UnsafeBuffer to = new UnsafeBuffer(InetAddress.ofLiteral("203.0.113.1").getAddress());
        int ipv4 = NlConst.AF_INET;
        ask("`CTA_NAT_SRC`", e -> e.natSrc(ipv4, to, 0, to, 0, ++port, port), ct -> (ct.status() & IPS_SRC_NAT) != 0);
        ask("`CTA_NAT_DST`", e -> e.natDst(ipv4, to, 0, to, 0, ++port, port), ct -> (ct.status() & IPS_DST_NAT) != 0);
        ask(
                "`CTA_SEQ_ADJ_ORIG`, `CTA_SEQ_ADJ_REPLY`",
                e -> e.seqAdj(CTA_SEQ_ADJ_ORIG, 9, 0, 5).seqAdj(CTA_SEQ_ADJ_REPLY, 9, 0, 5),
                ct -> ct.has(HAS_SEQADJ_ORIG) && ct.seqAdjOrig().offsetAfter() == 5);
        ask(
                "`CTA_SEQ_ADJ_*` of an entry that has them",
                entry -> entry.with(e -> e.seqAdj(CTA_SEQ_ADJ_ORIG, 1, 0, 1)),
                null,
                e -> e.seqAdj(CTA_SEQ_ADJ_ORIG, 9, 0, 5),
                ct -> ct.has(HAS_SEQADJ_ORIG) && ct.seqAdjOrig().offsetAfter() == 5);
        ask("`CTA_SYNPROXY`", e -> e.synproxy(1, 2, 3), ct -> ct.has(HAS_SYNPROXY) && ct.synproxyTsOff() == 3);
    }

    private void relations() {
        UnsafeBuffer name = new UnsafeBuffer("ftp".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        ask("`CTA_TUPLE_MASTER`", masterOf(Entries.MASTER), ct -> ct.has(HAS_MASTER));
        ask("`CTA_TUPLE_MASTER` of no entry", masterOf(Entry.tcp("nobody", 1)), ct -> ct.has(HAS_MASTER));
        ask("`CTA_HELP` of a helper the kernel has", e -> e.helper("ftp"), ct -> ct.has(HAS_HELPER));
        ask(
                "`CTA_HELP` of an entry that has it",
                entry -> entry.with(e -> e.helper("ftp")).with(e -> e.mark(1)),
                null,
                e -> e.helper("ftp").mark(2),
                ct -> ct.mark() == 2);
        ask(
                "`CTA_HELP` of another helper",
                entry -> entry.with(e -> e.helper("ftp")).with(e -> e.mark(1)),
                null,
                e -> e.helper("tftp").mark(2),
                ct -> ct.mark() == 2);
        ask("`CTA_HELP` of an unknown helper", e -> e.helper("no-such"), ct -> ct.has(HAS_HELPER));
        ask(
                "`CTA_HELP_INFO`",
                e -> e.helper(name, 0, 3, new UnsafeBuffer(new byte[] {1, 2, 3, 4}), 0, 4),
                ct -> ct.has(HAS_HELPER_INFO));
    }

    private static Consumer<CtEncoder> masterOf(Entry master) {
        return e -> e.tuple(
                CTA_TUPLE_MASTER,
                master.family(),
                new UnsafeBuffer(master.src),
                0,
                new UnsafeBuffer(master.dst),
                0,
                master.proto,
                master.a,
                master.b);
    }

    private void others() {
        ask("`CTA_MARK`", e -> e.mark(7), ct -> ct.mark() == 7);
        ask(
                "`CTA_MARK` under `CTA_MARK_MASK`",
                entry -> entry.with(e -> e.mark(0xf0)),
                null,
                e -> e.filterMark(0x1f, 0x0f),
                ct -> ct.mark() == 0xff || ct.mark() == 0xef);
        ask("`CTA_LABELS`, ruleset with `ct label`", e -> e.labels(2, 0), ct -> ct.has(HAS_LABELS) && label(ct) == 2);
        ask(
                "`CTA_LABELS` taken away",
                entry -> entry.with(e -> e.labels(3, 0)),
                null,
                e -> e.labels(1, 0),
                ct -> label(ct) == 1);
        ask("`CTA_ZONE`", null, entry -> entry.zone(5), null, ct -> ct.zone() == 5);
        ask(
                "`CTA_TUPLE_ZONE` of the original direction",
                null,
                entry -> entry.origZone(5),
                null,
                ct -> ct.orig().zone() == 5);
        ask(
                "`CTA_TUPLE_ZONE` of the reply direction",
                null,
                entry -> entry.replyZone(5),
                null,
                ct -> ct.reply().zone() == 5);
    }

    private static long label(CtFlyweight ct) {
        return ct.has(HAS_LABELS) ? ct.buffer().getLong(ct.labelsOffset()) : 0;
    }

    private void metadata() {
        ask("`CTA_COUNTERS_ORIG`, `CTA_COUNTERS_REPLY`", KernelTruthIT::counters, ct -> ct.packetsOrig() == 5);
        ask("`CTA_ID`", null, entry -> entry.with(e -> e.id(77)), null, ct -> ct.id() == 77);
        ask("`CTA_ID` of another entry", entry -> entry, null, e -> e.id(77), ct -> ct.id() == 77);
        ask("`CTA_USE`", e -> e.writer().putU32be(CTA_USE, 9), ct -> ct.use() == 9);
        ask("`CTA_SECCTX`", KernelTruthIT::secctx, ct -> ct.has(HAS_SECCTX));
        ask("`CTA_TIMESTAMP`", KernelTruthIT::timestamp, ct -> ct.has(HAS_TIMESTAMP_START) && ct.startNs() == 1);
        ask("an attribute of no kernel (200)", e -> e.writer().putU32be(200, 1), ct -> false);
    }

    private static void counters(CtEncoder encoder) {
        NlWriter writer = encoder.writer();
        for (int which : new int[] {CTA_COUNTERS_ORIG, CTA_COUNTERS_REPLY}) {
            int nest = writer.nestBegin(which);
            writer.putU64be(CTA_COUNTERS_PACKETS, 5).putU64be(CTA_COUNTERS_BYTES, 500);
            writer.nestEnd(nest);
        }
    }

    private static void secctx(CtEncoder encoder) {
        int nest = encoder.writer().nestBegin(CTA_SECCTX);
        encoder.writer().putString(CTA_SECCTX_NAME, "system_u:object_r:unlabeled_t:s0");
        encoder.writer().nestEnd(nest);
    }

    private static void timestamp(CtEncoder encoder) {
        int nest = encoder.writer().nestBegin(CTA_TIMESTAMP);
        encoder.writer().putU64be(CTA_TIMESTAMP_START, 1);
        encoder.writer().nestEnd(nest);
    }

    /** Of an attribute that is written alike in both requests. */
    private void ask(String name, Consumer<CtEncoder> attribute, Predicate<CtFlyweight> wanted) {
        ask(name, entry -> entry, entry -> entry.with(attribute), attribute, wanted);
    }

    private void ask(
            String name,
            UnaryOperator<Entry> base,
            UnaryOperator<Entry> creation,
            Consumer<CtEncoder> update,
            Predicate<CtFlyweight> wanted) {
        Question question = new Question(name, base, creation, update, wanted);
        lines.add("| " + name + " | " + created(question) + " | " + updated(question) + " |");
    }

    private String created(Question question) {
        if (question.creation() == null) {
            return "";
        }
        Entry entry = question.creation().apply(Entry.tcp(question.name(), ++port));
        return outcome(kernel.create(entry), entry, question.wanted());
    }

    private String updated(Question question) {
        if (question.update() == null) {
            return "";
        }
        UnaryOperator<Entry> base = question.base() == null ? entry -> entry : question.base();
        Entry entry = base.apply(Entry.tcp(question.name(), ++port)).then(question.update());
        assertEquals(0, kernel.create(entry), question.name() + ": the entry to be changed");
        assertFalse(kernel.shows(entry, question.wanted()), question.name() + ": is so before");
        return outcome(kernel.tryChange(entry), entry, question.wanted());
    }

    private String outcome(int errno, Entry entry, Predicate<CtFlyweight> wanted) {
        if (errno != 0) {
            return "refused: " + Errno.name(errno);
        }
        return kernel.shows(entry, wanted) ? "set" : "ignored";
    }
}
