/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.ConntrackKernel;
import io.twinwall.conntracksync.SyncAgent;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncConfig;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlTransport;
import io.twinwall.netlink.ScriptedKernel;
import io.twinwall.testkit.Await;
import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.Link;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sync agent knew of a scripted kernel's flows, minute by minute. */
class CliFlowsAtIT {
    private static final long NOON = 1_795_262_400_000L;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int CYCLES = 200;
    private static final String FIRST = "src=10.0.0.1 ";
    private static final String SECOND = "src=10.0.0.2 ";

    @TempDir
    private Path directory;

    private final ScriptedKernel kernel = new ScriptedKernel();
    private final AtomicLong atMs = new AtomicLong(NOON);
    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[32]);
    private final UnsafeBuffer request = new UnsafeBuffer(ByteBuffer.allocateDirect(1024));
    private JournalKeeper keeper;
    private SyncAgent agent;
    private String out;
    private String err;

    @BeforeEach
    void live() {
        keeper = keeper(true);
        agent = agent();
        agent.record(keeper.deltas().orElseThrow(), atMs::get);
        agent.offer(new SyncCommand.BecomeSource(1, 1));
        begins(1);
        work();
        minute();
        begins(2);
        work();
        minute();
        ends(1);
        work();
        minute();
        Await.until("all of it is journalled", SOON, () -> known(NOON + 150_000) == 1);
    }

    @AfterEach
    void close() {
        agent.onClose();
        keeper.close();
    }

    @Test
    void shouldTellWhichFlowsThereWere() {
        assertEquals(0, run("2026-11-21T12:00:30Z"), err);
        assertTrue(out.startsWith("# 1 flows at "), out);
        assertTrue(out.contains(FIRST) && !out.contains(SECOND), out);
        assertTrue(out.contains("tcp      6 "), out);
        assertEquals(0, run("2026-11-21T12:01:30Z"), err);
        assertTrue(out.contains(FIRST) && out.contains(SECOND), out);
        assertEquals(0, run("2026-11-21T12:02:30Z"), err);
        assertFalse(out.contains(FIRST), out);
        assertTrue(out.contains(SECOND), out);
        assertEquals(0, run("2026-11-21T12:01:30Z", "--limit", "1"), err);
        assertEquals(2, out.lines().count(), out);
        assertTrue(out.startsWith("# 2 flows at "), out);
        assertEquals(0, run("2026-11-21T12:01:30Z", "--json"), err);
        assertTrue(out.startsWith("{\"atMs\":" + (NOON + 90_000) + ",\"changedMs\":" + (NOON + 60_000)), out);
    }

    @Test
    void shouldChooseAndCountAsOfTheFlowsOfNow() {
        assertEquals(0, run("2026-11-21T12:01:30Z", "--src", "10.0.0.2"), err);
        assertTrue(out.startsWith("# 1 flows at "), out);
        assertTrue(out.contains(SECOND) && !out.contains(FIRST), out);
        assertEquals(0, run("2026-11-21T12:01:30Z", "-o", "extended"), err);
        assertTrue(out.contains("\nipv4      2 tcp      6 "), out);
        assertEquals(0, run("2026-11-21T12:01:30Z", "--count", "--dport", "443"), err);
        assertEquals("2\n", out);
        assertEquals(64, run("2026-11-21T12:01:30Z", "--dport", "x"));
    }

    @Test
    void shouldSayWhatItDoesNotKnow() {
        assertEquals(1, run("2026-11-21T11:59:59Z"), out);
        assertTrue(err.contains("does not know the flows of then"), err);
        assertEquals(64, run("yesterday"));
        assertTrue(err.contains("--at: expected a time such as"), err);
        assertEquals(
                65,
                command(
                        "flows",
                        "--at",
                        "1h",
                        "--journal",
                        directory.resolve("none").toString()));
        assertTrue(err.contains("no deltas there") && err.contains("deltas = true"), err);
        assertEquals(64, command("flows", "--journal", directory.toString()));
        assertTrue(err.contains("--journal: only with --at"), err);
    }

    /** What was known before a restart is known still; what was known then after it, nothing of before. */
    @Test
    void shouldBeginAnewWithEachLife() {
        agent.onClose();
        keeper.close();
        minute();
        keeper = keeper(true);
        agent = agent();
        agent.record(keeper.deltas().orElseThrow(), atMs::get);
        agent.offer(new SyncCommand.BecomeSource(1, 1));
        begins(3);
        work();
        Await.until("the second life is journalled", SOON, () -> known(atMs.get()) == 2);
        assertEquals(0, run("2026-11-21T12:01:30Z"), err);
        assertTrue(out.contains(FIRST) && out.contains(SECOND) && !out.contains("src=10.0.0.3 "), out);
        assertEquals(0, run("2026-11-21T12:04:30Z"), err);
        assertTrue(!out.contains(FIRST) && out.contains(SECOND) && out.contains("src=10.0.0.3 "), out);
    }

    @Test
    void shouldKeepNoneUnlessAskedTo() {
        JournalKeeper none = keeper(false);
        assertTrue(none.deltas().isEmpty());
        none.close();
    }

    private JournalKeeper keeper(boolean deltas) {
        return new JournalKeeper(
                new Config.JournalFiles(true, directory.resolve(deltas ? "journal" : "other"), 32, 10_000, deltas),
                NanoClock.SYSTEM,
                atMs::get,
                new Counters());
    }

    private SyncAgent agent() {
        return new SyncAgent(
                new SyncConfig(1_024, 6, 42),
                new Sockets(),
                new NoPeer(),
                bytes -> new UnsafeBuffer(ByteBuffer.allocateDirect(Math.toIntExact(bytes))),
                NanoClock.SYSTEM,
                new Counters(),
                report -> {});
    }

    private void work() {
        for (int i = 0; i < CYCLES; i++) {
            agent.doWork();
        }
    }

    private void minute() {
        atMs.addAndGet(60_000);
    }

    private void begins(int host) {
        CtEncoder encoder = new CtEncoder().wrap(request, 0, request.capacity()).beginCreate(0, 0, 2);
        tuples(encoder, host);
        encoder.status(CtConst.IPS_CONFIRMED | CtConst.IPS_SEEN_REPLY | CtConst.IPS_ASSURED);
        encoder.timeoutS(3_600).tcp(3, 7, 7, 3, 3);
        encoder.end();
        kernel.packetPath(request, 0, encoder.length());
    }

    private void ends(int host) {
        CtEncoder encoder = new CtEncoder().wrap(request, 0, request.capacity()).beginUpdate(0, 0, 2);
        tuples(encoder, host);
        encoder.timeoutS(0);
        encoder.end();
        kernel.packetPath(request, 0, encoder.length());
        encoder.wrap(request, 0, request.capacity()).beginDelete(0, 0, 2);
        tuples(encoder, host);
        encoder.end();
        kernel.packetPath(request, 0, encoder.length());
    }

    private void tuples(CtEncoder encoder, int host) {
        addresses.putBytes(0, new byte[] {10, 0, 0, (byte) host});
        addresses.putBytes(16, new byte[] {10, 9, 0, 1});
        encoder.tuple(CtConst.CTA_TUPLE_ORIG, 2, addresses, 0, addresses, 16, CtConst.IPPROTO_TCP, 1_024, 443);
        encoder.tuple(CtConst.CTA_TUPLE_REPLY, 2, addresses, 16, addresses, 0, CtConst.IPPROTO_TCP, 443, 1_024);
    }

    /** How many flows the journal knows at {@code at}; -1 when it does not know. */
    private int known(long at) {
        try {
            return CliFlowsAt.of(directory.resolve("journal"), at, FlowQuery.of(Map.of()), 10)
                    .size();
        } catch (Fatal e) {
            return -1;
        }
    }

    private int run(String at, String... more) {
        String[] all = new String[more.length + 5];
        all[0] = "flows";
        all[1] = "--at";
        all[2] = at;
        all[3] = "--journal";
        all[4] = directory.resolve("journal").toString();
        System.arraycopy(more, 0, all, 5, more.length);
        return command(all);
    }

    private int command(String... all) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = new Main(() -> (config, file) -> ExitCode.OK, () -> options -> ExitCode.OK)
                .run(
                        all,
                        new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                        new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private final class Sockets implements ConntrackKernel {
        @Override
        public NlTransport events() {
            NlTransport socket = kernel.connect(NlConst.NETLINK_NETFILTER);
            socket.setReceiveBuffer(1 << 20);
            return socket;
        }

        @Override
        public NlTransport dumps() {
            return kernel.connect(NlConst.NETLINK_NETFILTER);
        }

        @Override
        public NlTransport injections() {
            return kernel.connect(NlConst.NETLINK_NETFILTER);
        }
    }

    private static final class NoPeer implements Link {
        @Override
        public long offer(DirectBuffer frame, int offset, int length) {
            return NOT_CONNECTED;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            return 0;
        }

        @Override
        public boolean connected() {
            return false;
        }

        @Override
        public int doWork() {
            return 0;
        }

        @Override
        public int frameBytesMax() {
            return 1_400;
        }

        @Override
        public void close() {
            // There is nothing open.
        }
    }
}
