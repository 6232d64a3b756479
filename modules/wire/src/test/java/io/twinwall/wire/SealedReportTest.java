/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SealedReportTest {
    private static final long A = 11;
    private static final long B = 22;
    private static final int KEY_ID = Samples.KEY.sendKeyId();

    private final HeartbeatCodec a = new HeartbeatCodec(Samples.A, Samples.KEY, new Counters());
    private final HeartbeatCodec b = new HeartbeatCodec(Samples.B, Samples.KEY, new Counters());
    private final ReportSeal sealOfA = ReportSeal.of(Samples.KEY, KEY_ID, Samples.A, A, B);
    private final ReportAssembler assembler = new ReportAssembler();
    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[HeartbeatCodec.BYTES_MAX]);

    private static byte[] text(int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) (i * 31);
        }
        return text;
    }

    private SealedReport report(long number, byte[] text) {
        return new SealedReport(number, KEY_ID, A, B, sealOfA.seal(text));
    }

    private ReportPiece carried(SealedReport report, int piece) {
        int length = a.encodePiece(report, piece, datagram, 0);
        assertTrue(HeartbeatCodec.claimsPiece(datagram, 0, length));
        assertFalse(HeartbeatCodec.claimsOffer(datagram, 0, length));
        return b.decodePiece(datagram, 0, length, B, A);
    }

    @Test
    void shouldPutAnyLengthTogetherWhateverTheOrder() {
        SeededRandom random = Seeds.random("sealed reports");
        long number = 0;
        for (int length : new int[] {1, 411, 412, 413, 852, 5_000, SealedReport.BYTES_MAX - 28}) {
            number++;
            SealedReport report = report(number, text(length));
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < report.pieces(); i++) {
                order.add(random.nextInt(order.size() + 1), i);
            }
            SealedReport whole = null;
            for (int piece : order) {
                assertNull(whole);
                whole = assembler.onPiece(carried(report, piece), A, B);
                // By another path.
                assertNull(assembler.onPiece(carried(report, piece), A, B));
            }
            assertArrayEquals(
                    text(length), whole.open(ReportSeal.of(Samples.KEY, KEY_ID, Samples.A, A, B)), "length " + length);
        }
    }

    @Test
    void shouldGiveUpWhatIsNotWholeForALaterOneAndTakeNoneTwice() {
        SealedReport first = report(1, text(1_000));
        SealedReport second = report(2, text(1_000));
        assertEquals(3, first.pieces());
        assertNull(assembler.onPiece(carried(first, 0), A, B));
        assertNull(assembler.onPiece(carried(first, 1), A, B));
        assertNull(assembler.onPiece(carried(second, 0), A, B));
        assertNull(assembler.onPiece(carried(first, 2), A, B));
        assertNull(assembler.onPiece(carried(second, 1), A, B));
        assertEquals(2, assembler.onPiece(carried(second, 2), A, B).number());
        for (int piece = 0; piece < 3; piece++) {
            assertNull(assembler.onPiece(carried(second, piece), A, B), "the same again");
        }
        // After a restart of the sender its numbers begin anew.
        for (int piece = 0; piece < 3; piece++) {
            SealedReport whole = assembler.onPiece(carried(first, piece), A + 1, B);
            assertEquals(piece == 2, whole != null);
        }
    }

    @Test
    void shouldOpenForNobodyElse() {
        byte[] text = "addresses and programs".getBytes(StandardCharsets.US_ASCII);
        SealedReport report = report(1, text);
        int length = a.encodePiece(report, 0, datagram, 0);
        String sent = HexFormat.of().formatHex(datagram.byteArray(), 0, length);
        assertFalse(sent.contains(HexFormat.of().formatHex(text).substring(0, 16)), "it travels sealed");
        assertArrayEquals(text, report.open(sealOfA));
        assertNull(report.open(ReportSeal.of(Samples.KEY, KEY_ID, Samples.A, A, B + 1)));
        assertNull(report.open(ReportSeal.of(Samples.KEY, KEY_ID, Samples.A, A + 1, B)));
        assertNull(report.open(ReportSeal.of(Samples.KEY, KEY_ID, Samples.B, A, B)));
        byte[] other = new byte[32];
        other[0] = 1;
        assertNull(report.open(ReportSeal.of(ClusterKey.of(KEY_ID, other), KEY_ID, Samples.A, A, B)));
        byte[] sealed = sealOfA.seal(text);
        for (int i = 0; i < sealed.length; i++) {
            sealed[i] ^= 1;
            assertNull(sealOfA.open(sealed), "byte " + i);
            sealed[i] ^= 1;
        }
        assertArrayEquals(text, sealOfA.open(sealed));
        assertNull(sealOfA.open(new byte[27]));
    }

    @Test
    void shouldRefuseAPieceThatIsForgedCutOrOfAnotherSession() {
        int length = a.encodePiece(report(1, text(100)), 0, datagram, 0);
        assertNotNull(b.decodePiece(datagram, 0, length, B, A));
        assertNull(b.decodePiece(datagram, 0, length, B, A + 1));
        assertEquals(RefuseReason.SESSION, b.lastRefusal());
        assertNull(b.decodePiece(datagram, 0, length, B + 1, A));
        assertNull(b.decodePiece(datagram, 0, length, 0, A));
        assertNull(a.decodePiece(datagram, 0, length, A, B), "our own come back");
        assertNull(b.decode(datagram, 0, length), "it is no heartbeat");
        for (int i = 0; i < length; i++) {
            datagram.putByte(i, (byte) (datagram.getByte(i) ^ 1));
            assertNull(b.decodePiece(datagram, 0, length, B, A), "byte " + i);
            datagram.putByte(i, (byte) (datagram.getByte(i) ^ 1));
            assertNull(b.decodePiece(datagram, 0, i, B, A), "cut to " + i);
        }
        assertNotNull(b.decodePiece(datagram, 0, length, B, A));
    }

    @Test
    void shouldSendNothingUnderAKeyThatIsNotInUseAnyMore() {
        a.key(ClusterKey.of(KEY_ID + 1, new byte[32]));
        assertEquals(0, a.encodePiece(report(1, text(10)), 0, datagram, 0));
    }

    @Test
    void shouldTakeNothingThatIsLongerThanItsPieces() {
        assertThrows(BugError.class, () -> new SealedReport(1, KEY_ID, A, B, new byte[SealedReport.BYTES_MAX + 1]));
        assertThrows(BugError.class, () -> new SealedReport(1, KEY_ID, A, B, new byte[0]));
    }
}
