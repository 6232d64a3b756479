/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.protocol.Handover;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.HeartbeatCodec;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.SessionKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes' keys and sessions, with a disk whose writes may be lost, and heartbeats between them. */
class KeyRotationTest {
    private static final LinkIdentity A = new LinkIdentity(7, 1, 2);
    private static final long BEAT_NS = 100_000_000L;
    /** Heartbeats a whole rotation takes, and some more. */
    private static final int BEATS = 60;

    private static final String OLD = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
    private static final String NINE = "9:ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

    @TempDir
    private Path directory;

    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[HeartbeatCodec.BYTES_MAX]);
    private long nowNs = 1;
    private Node a;
    private Node b;

    private final class Node {
        final LinkIdentity identity;
        final Path file;
        final Queue<Runnable> disk = new ArrayDeque<>();
        Counters counters;
        KeyKeeper keys;
        PeerSession session;
        long beats;

        Node(LinkIdentity identity, String secret) throws IOException {
            this.identity = identity;
            file = directory.resolve("key" + identity.nodeId());
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, secret);
            boot();
        }

        /** What the disk was given and did not write is lost. */
        void boot() {
            disk.clear();
            counters = new Counters();
            keys = new KeyKeeper(file, ClusterKey.read(file), identity, disk::add, counters);
            session = new PeerSession(
                    identity,
                    keys,
                    () -> 100,
                    new PairLikeness("", () -> 0),
                    new PeerReports(identity, keys::key, counters),
                    counters);
            beats = 0;
        }

        /** What the stream was told last of keys, by their use. */
        Map<SyncCommand.Rekey.Use, SessionKeys> rekeyed() {
            Map<SyncCommand.Rekey.Use, SessionKeys> last = new EnumMap<>(SyncCommand.Rekey.Use.class);
            for (Optional<SyncCommand> told = session.take(); told.isPresent(); told = session.take()) {
                if (told.get() instanceof SyncCommand.Rekey rekey) {
                    last.put(rekey.use(), rekey.keys());
                }
            }
            return last;
        }

        long refused() {
            return counters.all().stream()
                    .filter(counter -> counter.name().startsWith("wire_heartbeats_refused"))
                    .mapToLong(counter -> counter.get())
                    .sum();
        }

        void work(Node to) {
            session.work(nowNs);
            int offer = session.encodeOffer(nowNs, datagram);
            if (offer > 0) {
                to.session.hear(0, datagram, offer, nowNs);
            }
            int length = session.encode(
                    new Heartbeat(
                            ++beats,
                            0,
                            1,
                            Role.BACKUP,
                            Readiness.READY,
                            100,
                            false,
                            true,
                            false,
                            false,
                            false,
                            0,
                            Handover.NONE),
                    nowNs,
                    datagram);
            to.session.hear(0, datagram, length, nowNs);
        }

        /** From now on the file cannot be written, also not by root. */
        void breakDisk() throws IOException {
            Files.createDirectories(inTheWay().resolve("not-empty"));
        }

        void mendDisk() throws IOException {
            Files.delete(inTheWay().resolve("not-empty"));
            Files.delete(inTheWay());
        }

        private Path inTheWay() {
            return file.resolveSibling(file.getFileName() + ".new");
        }

        void write() {
            Runnable write = disk.poll();
            if (write != null) {
                write.run();
            }
        }
    }

    @BeforeEach
    void pair() throws IOException {
        a = new Node(A, OLD);
        b = new Node(A.mirrored(), OLD);
        run(5);
    }

    private void run(int beats) {
        for (int i = 0; i < beats; i++) {
            step(4 * i);
            step(4 * i + 1);
            step(4 * i + 2);
            step(4 * i + 3);
        }
    }

    /** A beat is four steps: each node speaks, each disk writes. */
    private void step(int number) {
        switch (number % 4) {
            case 0 -> a.work(b);
            case 1 -> b.work(a);
            case 2 -> a.write();
            default -> {
                b.write();
                nowNs += BEAT_NS;
            }
        }
    }

    private void assertAtRestUnder(int id, String when) {
        assertEquals(List.of(id), a.keys.key().ids(), when);
        assertEquals(List.of(id), b.keys.key().ids(), when);
        assertTrue(a.keys.key().equalsKeys(b.keys.key()), when);
        assertTrue(ClusterKey.read(a.file).equalsKeys(a.keys.key()), when);
        assertTrue(ClusterKey.read(b.file).equalsKeys(b.keys.key()), when);
        assertEquals(
                ClusterKey.read(a.file).tableHashSeed(7),
                ClusterKey.read(b.file).tableHashSeed(7),
                when);
    }

    @Test
    void shouldRotateThreeTimesAndRefuseNoHeartbeat() {
        for (int id = 2; id <= 4; id++) {
            Node asked = id % 2 == 0 ? a : b;
            CompletableFuture<CliKey.Answer> answer = asked.keys.rotate();
            run(BEATS);
            assertEquals(new CliKey.Answer(true, null, id - 1, id), answer.join());
            assertAtRestUnder(id, "rotation to " + id);
            assertEquals(0, a.refused() + b.refused());
            assertEquals(1, a.counters.value("wire_sessions_began_total"));
        }
    }

    @Test
    void shouldEndWithOneKeyWhenBothAreAskedAtOnce() {
        asked(a.keys.rotate());
        asked(b.keys.rotate());
        run(BEATS);
        assertAtRestUnder(2, "both asked");
        assertEquals(0, a.refused() + b.refused());
        // The stream's keys are told apart from the heartbeats'.
        Map<SyncCommand.Rekey.Use, SessionKeys> ofA = a.rekeyed();
        Map<SyncCommand.Rekey.Use, SessionKeys> ofB = b.rekeyed();
        assertEquals(2, ofA.get(SyncCommand.Rekey.Use.SEND).keyId());
        assertEquals(
                ofA.get(SyncCommand.Rekey.Use.SEND).sendTag(),
                ofB.get(SyncCommand.Rekey.Use.ACCEPT).receiveTag());
        assertEquals(
                ofB.get(SyncCommand.Rekey.Use.SEND).sendTag(),
                ofA.get(SyncCommand.Rekey.Use.ACCEPT).receiveTag());
    }

    /** Wherever the power goes, on either node or on both, before or after the disk wrote: the pair speaks, and ends. */
    @Test
    void shouldGoOnAfterACrashAtEachStep() throws IOException {
        for (int at = 0; at < 4 * BEATS; at++) {
            for (int who = 1; who <= 3; who++) {
                crash(at, who);
                String when = "crash of " + who + " at step " + at;
                int rest = a.keys.key().sendKeyId();
                assertTrue(rest == 2 || (at < 4 && rest == 1), when + ": " + a.keys.key());
                assertAtRestUnder(rest, when);
                assertEquals(0, a.refused() + b.refused(), when);
                Files.delete(a.file);
                Files.delete(b.file);
                pair();
            }
        }
    }

    /** Its answer is not waited for: whoever asked may be gone. */
    private static void asked(CompletableFuture<CliKey.Answer> answer) {
        assertNotNull(answer);
    }

    private void crash(int at, int who) {
        asked(a.keys.rotate());
        for (int i = 0; i < at; i++) {
            step(i);
        }
        if ((who & 1) != 0) {
            a.boot();
        }
        if ((who & 2) != 0) {
            b.boot();
        }
        for (int i = at; i < 4 * (BEATS + BEATS / 2) + at; i++) {
            step(i);
        }
    }

    @Test
    void shouldRefuseToRotateWithoutThePeer() {
        for (int i = 0; i < 20; i++) {
            a.work(a);
            nowNs += BEAT_NS;
        }
        CompletableFuture<CliKey.Answer> answer = a.keys.rotate();
        a.session.work(nowNs);
        assertFalse(answer.join().accepted());
        assertTrue(answer.join().reason().contains("not heard"), answer.join().reason());
        assertEquals(List.of(1), a.keys.key().ids());
        assertTrue(a.disk.isEmpty());
    }

    @Test
    void shouldGoOnWithAKeyAddedByHandOnBothNodes() throws IOException {
        for (Node node : List.of(a, b)) {
            Files.writeString(node.file, Files.readString(node.file) + NINE);
            assertEquals("", node.keys.reload());
        }
        run(BEATS);
        assertAtRestUnder(9, "by hand");
        assertEquals(0, a.refused() + b.refused());
    }

    @Test
    void shouldSendUnderTheOldKeyWhenTheNewOneIsTheFirstLineAndThePeerLacksIt() throws IOException {
        Files.writeString(a.file, NINE + OLD);
        a.breakDisk();
        assertEquals("", a.keys.reload());
        run(BEATS);
        assertEquals(0, a.refused() + b.refused());
        a.mendDisk();
        run(2 * BEATS);
        assertAtRestUnder(9, "the new key first");
        assertEquals(0, a.refused() + b.refused());
    }

    @Test
    void shouldHearAPeerThatComesBackWithTheOldFile() throws IOException {
        for (String kept : List.of(OLD, NINE)) {
            for (String both : List.of(NINE + OLD, OLD + NINE)) {
                comeBack(both, kept);
                run(2 * BEATS);
                assertAtRestUnder(9, both + "and a peer with " + kept);
            }
        }
    }

    private void comeBack(String ofA, String ofB) throws IOException {
        String table = "table:0011223344556677\n";
        Files.writeString(a.file, ofA + table);
        Files.writeString(b.file, ofB + table);
        a.boot();
        b.boot();
    }

    @Test
    void shouldHearAPeerThatComesBackWithTheOldFileThoughNothingCanBeWritten() throws IOException {
        a.breakDisk();
        comeBack(NINE + OLD, OLD);
        run(BEATS);
        long refused = a.refused() + b.refused();
        run(BEATS);
        assertEquals(refused, a.refused() + b.refused(), "refused once they found each other");
        assertEquals(1, b.counters.value("wire_sessions_began_total"));
    }

    @Test
    void shouldSayThatARotationFailsWhoseKeyCannotBeWritten() throws IOException {
        a.breakDisk();
        CompletableFuture<CliKey.Answer> answer = a.keys.rotate();
        run(5);
        assertFalse(answer.join().accepted());
        assertTrue(
                answer.join().reason().contains("cannot write the key file"),
                answer.join().reason());
        a.mendDisk();
        run(BEATS);
        assertAtRestUnder(1, "nothing is left of it");
    }

    @Test
    void shouldTakeAnOfferOnceItCanBeWrittenAndNotTryAtEachOffer() throws IOException {
        b.breakDisk();
        asked(a.keys.rotate());
        run(30);
        assertEquals(1, b.counters.value("keys_store_failures_total"));
        assertEquals(0, b.counters.value("keys_offers_taken_total"));
        b.mendDisk();
        run(2 * BEATS);
        assertAtRestUnder(2, "mended");
        assertEquals(1, b.counters.value("keys_offers_taken_total"));
    }

    @Test
    void shouldRefuseAKeyAddedByHandThatCountsAsOlder() throws IOException {
        comeBack(NINE, NINE);
        run(5);
        for (String file : List.of(NINE + "3:" + OLD, "3:" + OLD + NINE)) {
            Files.writeString(a.file, file);
            String problem = a.keys.reload();
            assertTrue(problem.contains("give the new key the next id, 10"), problem);
        }
    }

    @Test
    void shouldRefuseAFileThatWouldPartThePair() throws IOException {
        Files.writeString(a.file, NINE);
        assertTrue(a.keys.reload().contains("lacks the key"));
        Files.writeString(a.file, "1:ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
        assertNotNull(a.keys.reload());
        run(5);
        assertEquals(0, a.refused() + b.refused());
    }

    @Test
    void shouldCountAndRefuseAPeerOfAnotherKey() throws IOException {
        Files.writeString(b.file, "1:ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
        b.boot();
        run(5);
        assertEquals(5, a.refused(), "the control: the counter tells");
    }
}
