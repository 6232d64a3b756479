/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyRollTest {
    private static final int CLUSTER = 7;
    private static final LinkIdentity A = new LinkIdentity(CLUSTER, 1, 2);
    private static final ClusterKey OLD = ClusterKey.of(1, new byte[32]);
    private static final ClusterKey NEXT = OLD.withDrawnKey(CLUSTER);
    private static final ClusterKey USED = KeyRoll.after(NEXT, KeyRoll.Step.SEND_NEW, CLUSTER);
    private static final ClusterKey NEW = KeyRoll.after(USED, KeyRoll.Step.DROP_OLD, CLUSTER);

    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[HeartbeatCodec.BYTES_MAX]);

    @TempDir
    private Path directory;

    private static ClusterKey of(String keys) {
        return switch (keys) {
            case "1" -> OLD;
            case "1 2" -> NEXT;
            case "2 1" -> USED;
            case "2" -> NEW;
            default -> throw new IllegalArgumentException(keys);
        };
    }

    /** Own keys, the peer's (those it holds and sends under), how long heard so, and the step. */
    @ParameterizedTest
    @CsvSource({
        "1,   1,   9999, REST",
        "1,   1 2, 9999, REST",
        "1 2, -,   0,    REST",
        "1 2, 1,   9999, OFFER",
        "1 2, 1 2, 0,    SEND_NEW",
        "1 2, 2 1, 0,    SEND_NEW",
        "2 1, -,   0,    REST",
        "2 1, 1,   9999, SEND_OLD",
        "2 1, 1 2, 9999, REST",
        "2 1, 2 1, 2999, REST",
        "2 1, 2 1, 3000, DROP_OLD",
        "2 1, 2,   2999, REST",
        "2 1, 2,   3000, DROP_OLD",
        "2,   2 1, 9999, REST",
        "2,   2,   9999, REST",
    })
    void shouldGoOnFromWhateverTheFilesHold(String own, String peer, long heardMs, KeyRoll.Step step) {
        KeyRoll.Peer said = new KeyRoll.Peer(0, 0, 0, 0);
        if (!peer.equals("-")) {
            ClusterKey keys = of(peer);
            int newest = keys.newestKeyId();
            said = new KeyRoll.Peer(keys.sendKeyId(), newest, keys.tag(newest), heardMs * 1_000_000);
        }
        assertEquals(step, KeyRoll.next(of(own), said));
    }

    @Test
    void shouldWaitForAPeerThatTakesNoOffers() {
        assertEquals(KeyRoll.Step.REST, KeyRoll.next(NEXT, new KeyRoll.Peer(1, 0, 0, 0)));
        assertEquals(KeyRoll.Step.SEND_NEW, KeyRoll.next(NEXT, new KeyRoll.Peer(2, 0, 0, 0)));
    }

    @Test
    void shouldNotTakeAnotherKeyOfTheSameIdForTheOne() {
        ClusterKey other = OLD.withDrawnKey(CLUSTER);
        assertEquals(KeyRoll.Step.OFFER, KeyRoll.next(NEXT, new KeyRoll.Peer(1, 2, other.tag(2), 0)));
    }

    @Test
    void shouldKeepTheLowerNodesKeyWhenBothDrewOne() {
        ClusterKey drawnByB = OLD.withDrawnKey(CLUSTER);
        KeyOffer byA = new KeyOffer(2, NEXT.secret(2).getEncoded());
        KeyOffer byB = new KeyOffer(2, drawnByB.secret(2).getEncoded());
        assertSame(NEXT, KeyRoll.offered(NEXT, byB, A));
        assertTrue(KeyRoll.offered(drawnByB, byA, A.mirrored()).equalsKeys(NEXT));
        assertSame(USED, KeyRoll.offered(USED, byB, A.mirrored()), "one in use is not replaced");
        assertSame(NEW, KeyRoll.offered(NEW, byB, A.mirrored()), "nor the only one");
    }

    @Test
    void shouldOutliveAWriteAndKeepTheTablesSeed() throws IOException {
        Path file = directory.resolve("key");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        for (ClusterKey key : List.of(NEXT, USED, NEW)) {
            key.write(file);
            ClusterKey read = ClusterKey.read(file);
            assertTrue(read.equalsKeys(key), () -> read + ", not " + key);
            assertEquals(OLD.tableHashSeed(CLUSTER), read.tableHashSeed(CLUSTER));
        }
        assertNotEquals(
                OLD.tableHashSeed(CLUSTER),
                ClusterKey.of(2, NEW.secret(2).getEncoded()).tableHashSeed(CLUSTER),
                "the control: without the line it would be another");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(1, directory.toFile().list().length);
    }

    @Test
    void shouldRunThroughTheRingOfIds() {
        ClusterKey key = ClusterKey.of(253, new byte[32]);
        for (int expected : new int[] {254, 1, 2}) {
            key = key.withDrawnKey(CLUSTER);
            assertEquals(expected, key.newestKeyId());
            key = KeyRoll.after(KeyRoll.after(key, KeyRoll.Step.SEND_NEW, CLUSTER), KeyRoll.Step.DROP_OLD, CLUSTER);
            assertEquals(List.of(expected), key.ids());
        }
    }

    @Test
    void shouldOpenOnlyAnOfferOfThisSessionAndSeal() {
        HeartbeatCodec a = new HeartbeatCodec(A, NEXT, new Counters());
        HeartbeatCodec b = new HeartbeatCodec(A.mirrored(), OLD, new Counters());
        int length = a.encodeOffer(11, 22, datagram, 0);
        assertTrue(HeartbeatCodec.claimsOffer(datagram, 0, length));
        KeyOffer offer = b.decodeOffer(datagram, 0, length, 22, 11);
        assertNotNull(offer);
        assertTrue(offer.into(OLD, CLUSTER).equalsKeys(NEXT));
        assertFalse(contains(NEXT.secret(2).getEncoded(), length), "the key travels sealed");

        assertNull(b.decodeOffer(datagram, 0, length, 22, 12));
        assertNull(b.decodeOffer(datagram, 0, length, 23, 11));
        assertEquals(RefuseReason.SESSION, b.lastRefusal());
        assertNull(a.decodeOffer(datagram, 0, length, 11, 22), "our own come back");
        byte[] other = new byte[32];
        other[0] = 1;
        HeartbeatCodec stranger = new HeartbeatCodec(A.mirrored(), ClusterKey.of(1, other), new Counters());
        assertNull(stranger.decodeOffer(datagram, 0, length, 22, 11));
        assertEquals(RefuseReason.TAG, stranger.lastRefusal());
        for (int i = 0; i < length; i++) {
            datagram.putByte(i, (byte) (datagram.getByte(i) ^ 1));
            assertNull(b.decodeOffer(datagram, 0, length, 22, 11), "byte " + i);
            datagram.putByte(i, (byte) (datagram.getByte(i) ^ 1));
            assertNull(b.decodeOffer(datagram, 0, i, 22, 11), "cut to " + i);
        }
        assertNotNull(b.decodeOffer(datagram, 0, length, 22, 11));
    }

    private boolean contains(byte[] secret, int length) {
        String bytes = HexFormat.of().formatHex(datagram.byteArray(), 0, length);
        return bytes.contains(HexFormat.of().formatHex(secret).substring(0, 16));
    }

    @Test
    void shouldGoOnWithFramesUnderANewKeyWithoutAGap() {
        SessionKeys oldOfA = SessionKeys.derive(NEXT, 1, A, 11, 22);
        SessionKeys oldOfB = SessionKeys.derive(NEXT, 1, A.mirrored(), 22, 11);
        FrameCounters counters = new FrameCounters(new Counters());
        UnsafeBuffer payload = Samples.offHeap(64);
        try (FrameSealer sealer = new FrameSealer(oldOfA, 1400);
                FrameOpener opener = new FrameOpener(oldOfB, 1400, counters)) {
            opener.accept(SessionKeys.derive(NEXT, 2, A.mirrored(), 22, 11));
            send(sealer, opener, payload, 1, 0);
            sealer.rekey(SessionKeys.derive(NEXT, 2, A, 11, 22));
            send(sealer, opener, payload, 2, 0);
            sealer.rekey(SessionKeys.derive(NEXT, 1, A, 11, 22));
            send(sealer, opener, payload, 3, 0);
            opener.acceptOnly(2);
            assertEquals(FrameOpener.REFUSED, open(sealer, opener, payload));
            assertEquals(RefuseReason.KEY_ID, opener.lastRefusal());
            sealer.rekey(SessionKeys.derive(NEXT, 2, A, 11, 22));
            send(sealer, opener, payload, 5, 1);
        }
    }

    private static void send(FrameSealer sealer, FrameOpener opener, UnsafeBuffer payload, long number, long gap) {
        assertEquals(64, open(sealer, opener, payload));
        assertEquals(number, opener.frameNumber());
        assertEquals(gap, opener.gap());
    }

    private static int open(FrameSealer sealer, FrameOpener opener, UnsafeBuffer payload) {
        int length = sealer.seal(FrameKind.STATE, 1, payload, 0, 64);
        return opener.open(sealer.buffer(), 0, length);
    }
}
