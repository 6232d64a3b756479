/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.Json;
import io.twinwall.base.Counters;
import io.twinwall.protocol.Handover;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.HeartbeatCodec;
import io.twinwall.wire.Likeness;
import io.twinwall.wire.LinkIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PeerSessionTest {
    private static final LinkIdentity IDENTITY = new LinkIdentity(7, 1, 2);
    private static final long TELL_EVERY_NS = 10_000_000_000L;
    private static final long AGAIN_NS = 2_000_000_000L;
    private static final ClusterKey KEY = ClusterKey.of(1, new byte[32]);

    private final PairLikeness likenessOfA = new PairLikeness("1.0", () -> 10_000);
    private final PairLikeness likenessOfB = new PairLikeness("1.0", () -> 7_000);
    private final Counters countersOfA = new Counters();
    private final PeerReports reportsOfA = new PeerReports(IDENTITY, () -> KEY, countersOfA);
    private final Counters countersOfB = new Counters();
    private final PeerReports reportsOfB = new PeerReports(IDENTITY.mirrored(), () -> KEY, countersOfB);
    private final PeerSession a =
            new PeerSession(IDENTITY, keys(IDENTITY), () -> 100, likenessOfA, reportsOfA, new Counters());
    private final PeerSession b = new PeerSession(
            IDENTITY.mirrored(), keys(IDENTITY.mirrored()), () -> 50, likenessOfB, reportsOfB, new Counters());
    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[HeartbeatCodec.BYTES_MAX]);
    private long nowNs = 77;
    private long counterOfA;
    private long counterOfB;

    private static Config config(String text) {
        return ConfigFile.check("t.toml", text).config().orElseThrow();
    }

    private static KeyKeeper keys(LinkIdentity identity) {
        return new KeyKeeper(Path.of("never-written"), KEY, identity, Runnable::run, new Counters());
    }

    private static Heartbeat heartbeat(long counter, boolean urgent) {
        return new Heartbeat(
                counter,
                0,
                9,
                Role.MASTER,
                Readiness.READY,
                77,
                true,
                true,
                false,
                urgent,
                urgent,
                1_234,
                Handover.NONE);
    }

    private RoleEvent.HeartbeatHeard fromA(int path, boolean urgent) {
        int length = a.encode(heartbeat(++counterOfA, urgent), 5, datagram);
        return b.hear(path, datagram, length, 0);
    }

    private RoleEvent.HeartbeatHeard fromB(int path) {
        int length = b.encode(heartbeat(++counterOfB, false), 5, datagram);
        return a.hear(path, datagram, length, 0);
    }

    @Test
    void shouldBelieveOnceProvenAndCarryWhatIsSaid() {
        assertNull(fromA(0, false));
        assertNull(fromB(0));
        RoleEvent.HeartbeatHeard first = fromA(0, true);
        assertNotNull(first);
        assertTrue(b.take().isPresent());
        assertFalse(b.take().isPresent());
        assertEquals(1, first.peer());
        assertEquals(
                new Heartbeat(
                        2, 1, 9, Role.MASTER, Readiness.READY, 77, true, true, false, true, true, 1_234, Handover.NONE),
                first.heartbeat());
        assertFalse(fromA(1, false).heartbeat().urgent());
        assertEquals(2, a.peer());
    }

    @Test
    void shouldHoldVersionConfigurationAndClockAgainstThePeers() {
        assertEquals(Optional.empty(), likenessOfB.compared());
        fromA(0, false);
        fromB(0);
        fromA(0, false);
        assertEquals(Optional.of(new PairLikeness.Compared(true, null, 3_000)), likenessOfB.compared());
        likenessOfA.configured(config(ConfigSamples.FULL));
        fromA(0, false);
        assertNull(likenessOfB.compared().orElseThrow().samePair(), "its own is not known yet");
        likenessOfB.configured(config(ConfigSamples.FULL));
        fromA(0, false);
        assertEquals(Optional.of(new PairLikeness.Compared(true, true, 3_000)), likenessOfB.compared());
        likenessOfB.configured(config(ConfigSamples.FULL.replace("dead-ms = 120", "dead-ms = 130")));
        fromA(0, false);
        assertEquals(Optional.of(new PairLikeness.Compared(true, false, 3_000)), likenessOfB.compared());
    }

    private static PeerReport report(String detail) {
        PeerReport sample = Json.read(CliSamples.STATUS, CliStatus.class).peer().report();
        String json = Json.text(sample.shown(false, 0))
                .replace("\"detail\":\"exit status 1\"", "\"detail\":\"" + detail + "\"");
        return PeerReport.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private void pair() {
        fromA(0, false);
        fromB(0);
        fromA(0, false);
        fromB(0);
    }

    /** Carries all of A's report that waits, but for the piece {@code lost}; how many pieces there were. */
    private int carryReport(int lost) {
        int pieces = 0;
        int length = a.encodeReport(datagram, nowNs);
        while (length > 0) {
            if (pieces != lost) {
                assertNull(b.hear(0, datagram, length, nowNs), "no heartbeat");
                assertNull(b.hear(1, datagram, length, nowNs), "nor by the other path");
            }
            pieces++;
            nowNs += 500_000_000L;
            length = a.encodeReport(datagram, nowNs);
        }
        return pieces;
    }

    @Test
    void shouldTellThePeerOfItselfAsSoonAsThereIsASession() {
        reportsOfA.tell(report("too soon"), nowNs);
        assertEquals(0, carryReport(-1));
        pair();
        assertEquals(Optional.empty(), reportsOfB.heard());
        reportsOfA.tell(report("first"), nowNs);
        long firstNs = nowNs;
        assertTrue(carryReport(-1) > 1);
        assertEquals(
                Optional.of(new PeerReports.Heard(report("first"), firstNs, true)),
                reportsOfB.heard(),
                "as old as its first piece");
        nowNs += TELL_EVERY_NS;
        reportsOfA.tell(report("second"), nowNs);
        carryReport(1);
        assertEquals(report("first"), reportsOfB.heard().orElseThrow().report(), "a piece is missing");
        nowNs += TELL_EVERY_NS;
        reportsOfA.tell(report("third"), nowNs);
        nowNs += TELL_EVERY_NS;
        reportsOfA.tell(report("fourth"), nowNs);
        carryReport(-1);
        assertEquals(report("fourth"), reportsOfB.heard().orElseThrow().report());
        assertEquals(2, countersOfB.value("status_reports_received_total"));
        assertEquals(0, countersOfB.value("status_reports_refused_total"));
    }

    @Test
    void shouldTellAtOnceWhatChangesAndTheRestNowAndThen() {
        pair();
        reportsOfA.tell(report("same"), nowNs);
        assertTrue(carryReport(-1) > 0);
        long toldNs = nowNs;
        reportsOfA.tell(report("a measurement: what a tracker saw"), toldNs + 1);
        assertEquals(0, carryReport(-1));
        PeerReport changed = PeerReport.parse(
                Json.text(report("same")).replace("\"DOWN\"", "\"UP\"").getBytes(StandardCharsets.UTF_8));
        reportsOfA.tell(changed, toldNs + 2);
        assertTrue(carryReport(-1) > 0);
        // Once more, since the first may be lost; then now and then.
        long changedNs = toldNs + 2;
        assertTrue(nowNs - changedNs < AGAIN_NS);
        reportsOfA.tell(changed, changedNs + AGAIN_NS - 1);
        assertEquals(0, carryReport(-1));
        nowNs = changedNs + AGAIN_NS;
        reportsOfA.tell(changed, nowNs);
        assertTrue(carryReport(-1) > 0);
        reportsOfA.tell(changed, changedNs + AGAIN_NS + TELL_EVERY_NS - 1);
        assertEquals(0, carryReport(-1));
        nowNs = changedNs + AGAIN_NS + TELL_EVERY_NS;
        reportsOfA.tell(changed, nowNs);
        assertTrue(carryReport(-1) > 0);
        assertEquals(changed, reportsOfB.heard().orElseThrow().report());
        // A peer that began anew knows nothing of it.
        reportsOfA.began(1, 2, true);
        reportsOfA.tell(changed, nowNs + TELL_EVERY_NS + 1);
        assertTrue(a.encodeReport(datagram, nowNs) > 0);
    }

    @Test
    void shouldNotTakeWhatAFormerLifeToldForThePresentOne() {
        pair();
        reportsOfA.tell(report("before"), nowNs);
        carryReport(-1);
        assertTrue(reportsOfB.heard().orElseThrow().ofThisLife());
        reportsOfB.began(22, 33, true);
        assertFalse(reportsOfB.heard().orElseThrow().ofThisLife());
        reportsOfB.began(22, 44, false);
        assertFalse(reportsOfB.heard().orElseThrow().ofThisLife());
    }

    @Test
    void shouldRefuseAPieceThatWasTamperedWithAndCountIt() {
        pair();
        reportsOfA.tell(report("first"), nowNs);
        int length = a.encodeReport(datagram, nowNs);
        datagram.putByte(60, (byte) (datagram.getByte(60) ^ 1));
        assertNull(b.hear(0, datagram, length, 0));
        assertEquals(1, countersOfB.value("status_reports_refused_total"));
        nowNs += 500_000_000L;
        assertTrue(carryReport(-1) > 0);
        assertEquals(Optional.empty(), reportsOfB.heard());
    }

    @Test
    void shouldCutOffWhatWasMadeForASessionThatIsOver() {
        pair();
        reportsOfA.tell(report("first"), nowNs);
        assertTrue(a.encodeReport(datagram, nowNs) > 0);
        nowNs += 500_000_000L;
        reportsOfA.began(1, 2, true);
        assertEquals(0, carryReport(-1));
        reportsOfA.tell(report("for the next"), nowNs);
        reportsOfA.began(1, 3, true);
        assertEquals(0, carryReport(-1));
        reportsOfA.began(1, 3, false);
        reportsOfA.tell(report("to an earlier version"), nowNs);
        assertEquals(0, carryReport(-1));
    }

    @Test
    void shouldSendThePiecesOfAReportOverHalfASecond() {
        pair();
        reportsOfA.tell(report("first"), nowNs);
        int pieces = 0;
        int mostAtOnce = 0;
        for (long atNs = nowNs; atNs <= nowNs + 500_000_000L; atNs += 20_000_000L) {
            int atOnce = 0;
            while (a.encodeReport(datagram, atNs) > 0) {
                atOnce++;
            }
            pieces += atOnce;
            mostAtOnce = Math.max(mostAtOnce, atOnce);
        }
        assertEquals(1, countersOfA.value("status_reports_sent_total"), "all are sent");
        assertTrue(pieces > 1, "a report of one piece shows nothing");
        assertEquals(1, mostAtOnce);
    }

    @Test
    void shouldReadAReportOfTheFirstVersionThatTells() {
        PeerReport told = PeerReport.parse(
                CliSamples.resource("peer-report-of-wire-3.json").getBytes(StandardCharsets.UTF_8));
        assertNotNull(told, "what was added since must be optional");
        assertEquals("disk", told.trackers().getFirst().name());
    }

    @Test
    void shouldLetNoWordOfThePeerSteerATerminal() {
        String json = Json.text(report("x")).replace("\"x\"", "\"\\u001b[2J\\n\u202eevil\"");
        PeerReport told = PeerReport.parse(json.getBytes(StandardCharsets.UTF_8));
        assertEquals("?[2J??evil", told.trackers().getFirst().detail());
        assertNull(PeerReport.parse("null".getBytes(StandardCharsets.UTF_8)));
        String nameless = json.replace("\"name\":\"disk\",", "");
        assertNull(PeerReport.parse(nameless.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void shouldSeeAnotherVersion() {
        PairLikeness older = new PairLikeness("0.9", () -> 7_000);
        older.heard(likenessOfA.own());
        assertFalse(older.compared().orElseThrow().sameVersion());
        older.heard(Likeness.UNTOLD);
        assertEquals(Optional.empty(), older.compared());
    }

    @Test
    void shouldHearTheSameHeartbeatOnceByEachPath() {
        fromA(0, false);
        fromB(0);
        assertNotNull(fromA(0, false));
        int length = a.encode(heartbeat(++counterOfA, false), 5, datagram);
        assertNotNull(b.hear(0, datagram, length, 0));
        RoleEvent.HeartbeatHeard second = b.hear(3, datagram, length, 0);
        assertEquals(3, second.path());
        assertEquals(counterOfA, second.heartbeat().counter());
        assertNull(b.hear(0, datagram, length, 0), "a replay");
        assertNull(b.hear(3, datagram, length, 0), "a replay by the other path");
    }

    @Test
    void shouldHearNothingThatIsNotAHeartbeat() {
        datagram.setMemory(0, 200, (byte) 1);
        assertNull(a.hear(0, datagram, 200, 0));
        assertNull(a.hear(0, datagram, 0, 0));
    }
}
