/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.Ftp;
import io.twinwall.testkit.RequireRoot;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A connection that a flow expects opens after the takeover: the client has told the server where to connect to, the
 * firewall has rewritten that, and the other firewall must let the server through to the client. The control connection
 * goes on with its sequence numbers shifted, and the next it tells is rewritten by the other firewall.
 */
@RequireRoot
class ExpectationsIT {
    private static final int SESSIONS = 10;

    /** In hexadecimal digits, as {@link EntryText} prints names. */
    private static final String FTP = "667470";

    /** A way through the firewall; {@code told}: where the server is told to connect to, {@code from}: where it comes from. */
    private record Way(String name, String address, int port, int serverPort, String told, String from) {}

    private static final List<Way> WAYS = List.of(
            new Way("SNAT", NatLab.SERVER, 2101, 2101, NatLab.TRANSLATED, NatLab.SERVER),
            new Way("masquerade", NatLab.SERVER, 2103, 2103, "192.0.2.1", NatLab.SERVER),
            new Way("DNAT", NatLab.PUBLIC, 2110, 2100, NatLab.CLIENT, NatLab.PUBLIC),
            new Way("SNAT and DNAT", NatLab.PUBLIC, 2111, 2101, NatLab.TRANSLATED, NatLab.PUBLIC),
            new Way("routed", NatLab.SERVER, 2100, 2100, NatLab.CLIENT, NatLab.SERVER));

    private NatLab lab;
    private KernelPair pair;
    private final List<Ftp> sessions = new ArrayList<>();

    @BeforeEach
    void open() {
        lab = new NatLab();
    }

    @AfterEach
    void close() throws Exception {
        try {
            for (Ftp session : sessions) {
                session.close();
            }
            if (pair != null) {
                pair.close();
            }
        } finally {
            lab.close();
        }
    }

    @Test
    void shouldOpenDataConnectionsAfterTheTakeoverThatWereAnnouncedBefore() throws Exception {
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        List<Ftp.Announced> announced = announceOnEach();
        awaitMirrored(announced.size());
        takeOver();
        for (int i = 0; i < announced.size(); i++) {
            Way way = WAYS.get(i % WAYS.size());
            assertEquals(
                    InetAddress.ofLiteral(way.from),
                    sessions.get(i).send(announced.get(i)),
                    "session " + i + ", " + way);
        }
        // The control connections go on, and what they announce now is this kernel's to rewrite.
        for (int i = 0; i < sessions.size(); i++) {
            Way way = WAYS.get(i % WAYS.size());
            assertEquals("226 done", sessions.get(i).reply("226 done"), way.name);
            announceAndSend(sessions.get(i), way, i);
        }
        assertEquals(0, NatLab.invalid(lab.b), "dropped as invalid");
    }

    /** The control: without them the data connections die, whose announcement only the dead firewall knew. */
    @Test
    void shouldLoseThoseDataConnectionsWhenExpectationsAreNotMirrored() throws Exception {
        pair = KernelPair.withoutExpectations(lab.a, lab.b);
        pair.start();
        List<Ftp.Announced> announced = announceOnEach();
        takeOver();
        for (int i = 0; i < announced.size(); i++) {
            assertNull(sessions.get(i).send(announced.get(i)), "session " + i);
        }
    }

    @Test
    void shouldOpenAPassiveDataConnectionThatAPublishedServerAnnounced() throws Exception {
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        Ftp ftp = opened(WAYS.get(2));
        Ftp.Announced announced = ftp.pasv();
        assertEquals(InetAddress.ofLiteral(NatLab.PUBLIC), announced.told().getAddress());
        awaitMirrored(1);
        takeOver();
        assertEquals(InetAddress.ofLiteral(NatLab.CLIENT), ftp.fetch(announced));
        assertEquals("226 done", ftp.reply("226 done"));
        Ftp.Announced next = ftp.pasv();
        assertEquals(InetAddress.ofLiteral(NatLab.PUBLIC), next.told().getAddress(), "rewritten by the heir");
        assertEquals(InetAddress.ofLiteral(NatLab.CLIENT), ftp.fetch(next));
    }

    @Test
    void shouldKeepExpectingWhenTheRoleComesBack() throws Exception {
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        Way way = WAYS.getFirst();
        Ftp ftp = opened(way);
        announceAndSend(ftp, way, 0);
        pair.a.barrier();
        pair.takeOver();
        lab.move(lab.a, lab.b);
        pair.rejoin();
        announceAndSend(ftp, way, 1);
        Ftp.Announced announced = ftp.port();
        awaitHeld(lab.b, 1);
        awaitHeld(lab.a, 1);
        pair.b.barrier();
        awaitShifts();
        pair.takeBack();
        lab.move(lab.b, lab.a);
        assertEquals(InetAddress.ofLiteral(way.from), ftp.send(announced));
        announceAndSend(ftp, way, 2);
    }

    @Test
    void shouldEndAtThePeerWhatWasUsedOrDiedWithItsFlow() throws Exception {
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        Way way = WAYS.getFirst();
        Ftp ftp = opened(way);
        Ftp.Announced used = ftp.port();
        awaitMirrored(1);
        assertEquals(InetAddress.ofLiteral(way.from), ftp.send(used));
        awaitHeld(lab.b, 0);
        ftp.port();
        awaitMirrored(1);
        Cmd.in(lab.a, "conntrack", "-D", "-p", "tcp", "--dport", "2101");
        awaitHeld(lab.b, 0);
    }

    /** The mirror's kernel loses them with a flow that is made anew, or by another program; and has some left over. */
    @Test
    void shouldRepairWhatTheMirrorsKernelLostAndTakeAwayWhatItHasTooMany() throws Exception {
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        opened(WAYS.getFirst()).port();
        awaitMirrored(1);
        List<String> held = expected(lab.b);
        Cmd.in(lab.b, "conntrack", "-F", "expect");
        assertEquals(List.of(), expected(lab.b));
        Await.until("made anew", KernelPair.DEADLINE, () -> expected(lab.b).equals(held));
        assertNotEquals(0, pair.b.counters.value("sync_expectations_missing_total"));
    }

    @Test
    void shouldLearnWhatWasExpectedBeforeItStarted() throws Exception {
        Way way = WAYS.getFirst();
        Ftp ftp = opened(way);
        Ftp.Announced announced = ftp.port();
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        awaitMirrored(1);
        takeOver();
        assertEquals(InetAddress.ofLiteral(way.from), ftp.send(announced));
        announceAndSend(ftp, way, 1);
    }

    private List<Ftp.Announced> announceOnEach() throws Exception {
        List<Ftp.Announced> announced = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            Way way = WAYS.get(i % WAYS.size());
            announced.add(announce(opened(way), way, i));
        }
        return announced;
    }

    private Ftp opened(Way way) throws Exception {
        Ftp ftp = Ftp.open(
                new Ftp.Host(lab.client, NatLab.CLIENT),
                new Ftp.Host(lab.server, NatLab.SERVER),
                way.address,
                way.port,
                way.serverPort);
        sessions.add(ftp);
        return ftp;
    }

    private static Ftp.Announced announce(Ftp ftp, Way way, int round) throws Exception {
        Ftp.Announced announced = round % 3 == 2 ? ftp.eprt() : ftp.port();
        assertEquals(InetAddress.ofLiteral(way.told), announced.told().getAddress(), way + " in round " + round);
        return announced;
    }

    private static void announceAndSend(Ftp ftp, Way way, int round) throws Exception {
        try (Ftp.Announced announced = announce(ftp, way, round)) {
            assertEquals(InetAddress.ofLiteral(way.from), ftp.send(announced), way + " in round " + round);
        }
    }

    private void takeOver() {
        pair.a.barrier();
        pair.takeOver();
        lab.cutA();
        lab.moveToB();
        pair.b.correctTimeouts();
    }

    private void awaitMirrored(int count) {
        awaitHeld(lab.b, count);
        List<String> atSource = expected(lab.a);
        assertEquals(count, atSource.size());
        assertEquals(atSource, expected(lab.b));
        awaitShifts();
    }

    /** Both kernels say the same of the flows that expect, sequence adjustment and helper among it. */
    private void awaitShifts() {
        List<List<String>> last = new ArrayList<>(List.of(List.of(), List.of()));
        try {
            Await.until("equal control connections", KernelPair.DEADLINE, () -> {
                last.set(0, shifted(lab.a));
                last.set(1, shifted(lab.b));
                return last.get(0).equals(last.get(1));
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + last.get(0) + "\n" + last.get(1), e);
        }
    }

    private static void awaitHeld(String netNs, int count) {
        Await.until(
                count + " expectations in " + netNs,
                KernelPair.DEADLINE,
                () -> expected(netNs).size() == count);
    }

    /** What {@code conntrack -L expect} prints, sorted, less the time that is left. */
    private static List<String> expected(String netNs) {
        return Cmd.in(netNs, "conntrack", "-L", "expect")
                .lines()
                .map(line -> line.replaceFirst("^\\d+ ", ""))
                .sorted()
                .toList();
    }

    /** The sequence adjustments of all entries. */
    private static List<String> shifted(String netNs) {
        try (Conntrack conntrack = new Conntrack(netNs)) {
            List<String> shifted = conntrack.texts().stream()
                    .filter(text -> text.contains(" helper " + FTP + " "))
                    .map(text -> text.replaceAll(" (status|flags-\\w+|isn|its|tsoff) \\S+", ""))
                    .toList();
            assertTrue(!shifted.isEmpty(), "flows with a helper");
            return shifted;
        }
    }
}
