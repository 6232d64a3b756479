/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.Fatal;
import io.twinwall.testkit.Fuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.Mac;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What arrives from the peer's side, whoever sends it: refused and counted, and the next good one is read. */
class WireFuzzTest {
    private static final int FRAME_MAX = Samples.FRAME_BYTES_MAX;

    /** In memory: a disk would take most of the time. */
    private final Path directory = memory();

    private static Path memory() {
        try {
            return Files.createTempDirectory(Path.of("/dev/shm"), "twinwall-fuzz");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void remove() throws IOException {
        clear();
        Files.delete(directory);
    }

    @Test
    void shouldRefuseAnyFrameAndOpenTheNext() {
        FrameSealer sealer = new FrameSealer(Samples.keysOfA(), FRAME_MAX);
        FrameCounters counters = new FrameCounters(new Counters());
        FrameOpener opener = new FrameOpener(Samples.keysOfB(), FRAME_MAX, counters);
        UnsafeBuffer payload = Samples.offHeap(FRAME_MAX);
        byte[] first = sealed(sealer, payload, 40);
        byte[] least = sealed(sealer, payload, 1);
        UnsafeBuffer heard = new UnsafeBuffer(new byte[0]);
        int[] cases = {0};
        Fuzz.of("wire-frame", List.of(first, least)).bytesMax(FRAME_MAX + 64).run(100_000, frame -> {
            heard.wrap(frame);
            long refused = counters.refused();
            int length = opener.open(heard, 0, frame.length);
            if (length == FrameOpener.REFUSED) {
                assertEquals(refused + 1, counters.refused());
            } else {
                // Nobody forges one, but it may be one of the two that are genuine.
                assertTrue(Arrays.equals(frame, first) || Arrays.equals(frame, least), "forged");
            }
            if (++cases[0] % 16 == 0) {
                int genuine = sealer.seal(FrameKind.STATE, 1, payload, 0, 20);
                assertEquals(20, opener.open(sealer.buffer(), 0, genuine), "the next frame");
            }
            return length == FrameOpener.REFUSED ? opener.lastRefusal().name().hashCode() : -1;
        });
    }

    private static byte[] sealed(FrameSealer sealer, UnsafeBuffer payload, int length) {
        byte[] frame = new byte[sealer.seal(FrameKind.STATE, 1, payload, 0, length)];
        sealer.buffer().getBytes(0, frame);
        return frame;
    }

    @Test
    void shouldReadOrDropAnyPayloadWithinItsBounds() {
        Counters counters = new Counters();
        PayloadReader reader = new PayloadReader(counters);
        byte[] good = Payloads.roundEnd();
        UnsafeBuffer heard = new UnsafeBuffer(new byte[0]);
        Fuzz.of("wire-payload", Payloads.all()).bytesMax(FRAME_MAX).run(80_000, payload -> {
            long[] shape = {payload.length / 64};
            PayloadHandler handler = everything(shape);
            reader.side((buffer, offset, length) -> shape[0] = 31 * shape[0] + set(buffer, offset));
            heard.wrap(payload);
            long before = dropped(counters);
            boolean whole = reader.read(heard, 0, payload.length, handler);
            assertEquals(whole ? 0 : 1, dropped(counters) - before);
            long seen = 2 * shape[0] + (whole ? 1 : 0);
            heard.wrap(good);
            assertTrue(reader.read(heard, 0, good.length, handler), "the next payload");
            return seen;
        });
    }

    /** Reads every field of every message, by what the generated decoders print of themselves. */
    private static PayloadHandler everything(long[] shape) {
        return (PayloadHandler) Proxy.newProxyInstance(
                PayloadHandler.class.getClassLoader(),
                new Class<?>[] {PayloadHandler.class},
                (self, method, decoders) -> {
                    shape[0] = 31 * shape[0]
                            + method.getName().hashCode()
                            + decoders[0].toString().length() / 256;
                    return null;
                });
    }

    private static int set(DirectBuffer buffer, int offset) {
        MessageHeaderDecoder header = new MessageHeaderDecoder().wrap(buffer, offset);
        StringBuilder text = new StringBuilder();
        switch (header.templateId()) {
            case SetElementsDecoder.TEMPLATE_ID ->
                new SetElementsDecoder()
                        .wrapAndApplyHeader(buffer, offset, header)
                        .appendTo(text);
            case SetDigestDecoder.TEMPLATE_ID ->
                new SetDigestDecoder()
                        .wrapAndApplyHeader(buffer, offset, header)
                        .appendTo(text);
            case SetRequestDecoder.TEMPLATE_ID ->
                new SetRequestDecoder()
                        .wrapAndApplyHeader(buffer, offset, header)
                        .appendTo(text);
            default ->
                new SetStateDecoder().wrapAndApplyHeader(buffer, offset, header).appendTo(text);
        }
        return header.templateId() + text.length() / 256;
    }

    private static long dropped(Counters counters) {
        return counters.value("wire_payloads_malformed_total") + counters.value("wire_messages_unknown_total");
    }

    @Test
    void shouldReadOrRefuseAnyHeartbeatAndReadTheNext() {
        HeartbeatCodec a = new HeartbeatCodec(Samples.A, Samples.KEY, new Counters());
        HeartbeatCodec b = new HeartbeatCodec(Samples.B, Samples.KEY, new Counters());
        byte[] good = new byte[HeartbeatCodec.BYTES];
        a.encode(Samples.heartbeat(Samples.A, 11, 1, 22, 2), new UnsafeBuffer(good), 0);
        UnsafeBuffer heard = new UnsafeBuffer(new byte[0]);
        Mac mac = mac();
        Fuzz.of("wire-heartbeat", List.of(good))
                .bytesMax(HeartbeatCodec.BYTES_MAX + 16)
                .run(60_000, datagram -> {
                    if (datagram.length > HeartbeatCodec.MAC_BYTES && datagram.length % 8 != 0) {
                        // By a holder of the key, who may be newer, or broken.
                        int signed = datagram.length - HeartbeatCodec.MAC_BYTES;
                        mac.update(datagram, 0, signed);
                        mac.doFinal(datagram, signed);
                    }
                    heard.wrap(datagram);
                    long refused = b.refused();
                    Heartbeat read = b.decode(heard, 0, datagram.length);
                    assertEquals(read == null ? 1 : 0, b.refused() - refused);
                    heard.wrap(good);
                    assertNotNull(b.decode(heard, 0, good.length), "the next heartbeat");
                    return read == null
                            ? b.lastRefusal().name().hashCode()
                            : 1_000 + read.role().name().length();
                });
        assertNull(b.decode(heard, 0, 3));
    }

    @Test
    void shouldPutTogetherOrRefuseAnyPieceOfAReport() {
        HeartbeatCodec a = new HeartbeatCodec(Samples.A, Samples.KEY, new Counters());
        HeartbeatCodec b = new HeartbeatCodec(Samples.B, Samples.KEY, new Counters());
        ReportSeal seal = ReportSeal.of(Samples.KEY, Samples.KEY.sendKeyId(), Samples.A, 11, 22);
        SealedReport report = new SealedReport(5, Samples.KEY.sendKeyId(), 11, 22, seal.seal(new byte[1_000]));
        UnsafeBuffer room = new UnsafeBuffer(new byte[HeartbeatCodec.BYTES_MAX]);
        List<byte[]> pieces = new ArrayList<>();
        for (int i = 0; i < report.pieces(); i++) {
            byte[] piece = new byte[a.encodePiece(report, i, room, 0)];
            room.getBytes(0, piece);
            pieces.add(piece);
        }
        ReportAssembler assembler = new ReportAssembler();
        UnsafeBuffer heard = new UnsafeBuffer(new byte[0]);
        Mac mac = mac();
        Fuzz.of("wire-report", pieces).bytesMax(HeartbeatCodec.BYTES_MAX + 16).run(40_000, datagram -> {
            if (datagram.length > HeartbeatCodec.MAC_BYTES && datagram.length % 8 != 0) {
                int signed = datagram.length - HeartbeatCodec.MAC_BYTES;
                mac.update(datagram, 0, signed);
                mac.doFinal(datagram, signed);
            }
            heard.wrap(datagram);
            ReportPiece read = b.decodePiece(heard, 0, datagram.length, 22, 11);
            if (read == null) {
                return b.lastRefusal().name().hashCode();
            }
            SealedReport whole = assembler.onPiece(read, 11, 22);
            if (whole != null) {
                byte[] text = whole.open(seal);
                assertTrue(text == null || text.length == 1_000, "forged");
            }
            return 1_000 + 64L * read.pieces() + read.piece();
        });
        // What was heard before does not keep a later report from being put together.
        SealedReport next = new SealedReport(Long.MAX_VALUE, report.keyId(), 12, 22, seal.seal(new byte[10]));
        heard.wrap(room, 0, a.encodePiece(next, 0, room, 0));
        assertNotNull(assembler.onPiece(b.decodePiece(heard, 0, heard.capacity(), 22, 12), 12, 22));
    }

    @Test
    void shouldOpenOrRefuseAnyOfferOfAKey() {
        HeartbeatCodec a =
                new HeartbeatCodec(Samples.A, Samples.KEY.withDrawnKey(Samples.A.clusterId()), new Counters());
        HeartbeatCodec b = new HeartbeatCodec(Samples.B, Samples.KEY, new Counters());
        UnsafeBuffer room = new UnsafeBuffer(new byte[HeartbeatCodec.BYTES_MAX]);
        byte[] good = new byte[a.encodeOffer(11, 22, room, 0)];
        room.getBytes(0, good);
        UnsafeBuffer heard = new UnsafeBuffer(new byte[0]);
        Mac mac = mac();
        Fuzz.of("wire-offer", List.of(good))
                .bytesMax(HeartbeatCodec.BYTES_MAX + 16)
                .run(20_000, datagram -> {
                    boolean signed = datagram.length > HeartbeatCodec.MAC_BYTES && datagram.length % 8 != 0;
                    if (signed) {
                        int length = datagram.length - HeartbeatCodec.MAC_BYTES;
                        mac.update(datagram, 0, length);
                        mac.doFinal(datagram, length);
                    }
                    heard.wrap(datagram);
                    KeyOffer read = b.decodeOffer(heard, 0, datagram.length, 22, 11);
                    // Behind the seal there is a key of its own: nobody opens another than that which was offered.
                    assertTrue(read == null || read.keyId() == Samples.KEY.nextKeyId(), "forged");
                    heard.wrap(good);
                    assertNotNull(b.decodeOffer(heard, 0, good.length, 22, 11), "the next offer");
                    return read == null ? b.lastRefusal().name().hashCode() : 1;
                });
    }

    private static Mac mac() {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(Samples.KEY.heartbeatKey(Samples.A.clusterId(), 1));
            return mac;
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldTakeOrRefuseAnyKeyFile() throws Exception {
        Path file = directory.resolve("key");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        String hex = "0123456789abcdef".repeat(4);
        List<byte[]> given = List.of(text(hex + "\n"), text("2:" + hex + "\n1:" + hex + "\n"));
        Fuzz.of("wire-key", given)
                .bytesMax(512)
                .words("1:", "255:", "\n", "\r\n", " ", "0x")
                .run(5_000, text -> {
                    Files.write(file, text);
                    try {
                        return ClusterKey.read(file).sendKeyId();
                    } catch (Fatal e) {
                        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
                        return -e.getMessage().length();
                    }
                });
    }

    private void clear() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
