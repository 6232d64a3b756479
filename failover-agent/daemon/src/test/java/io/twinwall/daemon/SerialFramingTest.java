/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SerialFramingTest {
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[SerialFraming.PAYLOAD_MAX]);
    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[SerialFraming.FRAME_MAX]);
    private final SerialFraming.Decoder decoder = new SerialFraming.Decoder();
    private final List<String> heard = new ArrayList<>();

    private byte[] encoded(byte[] bytes) {
        payload.putBytes(0, bytes);
        byte[] result = new byte[SerialFraming.encode(payload, bytes.length, frame)];
        frame.getBytes(0, result);
        return result;
    }

    private void feed(byte[] bytes, int from, int to) {
        UnsafeBuffer out = new UnsafeBuffer(new byte[SerialFraming.PAYLOAD_MAX]);
        for (int i = from; i < to; i++) {
            if (decoder.take(bytes[i])) {
                int length = decoder.payload(out);
                heard.add(HexFormat.of().formatHex(out.byteArray(), 0, length));
            }
        }
    }

    private void feed(byte[] bytes) {
        feed(bytes, 0, bytes.length);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void shouldStuffZerosAway() {
        byte[] bytes = {0, 7, 0, 0};
        assertEquals("00" + "0204" + "01" + "0207" + "01" + "01" + "00", hex(encoded(bytes)));
        feed(encoded(bytes));
        assertEquals(List.of("00070000"), heard);
    }

    @Test
    void shouldCarryEveryLengthAndTheHardestContents() {
        SeededRandom random = Seeds.random("serial frames");
        Seeds.with(random, () -> {
            for (int length = 1; length <= SerialFraming.PAYLOAD_MAX; length++) {
                for (int kind = 0; kind < 3; kind++) {
                    byte[] bytes = new byte[length];
                    for (int i = 0; i < length; i++) {
                        bytes[i] = (byte) (kind == 0 ? 0 : kind == 1 ? 1 + i % 255 : random.nextInt(3));
                    }
                    heard.clear();
                    feed(encoded(bytes));
                    assertEquals(List.of(hex(bytes)), heard);
                }
            }
        });
        assertEquals(0, decoder.damaged());
        assertThrows(BugError.class, () -> SerialFraming.encode(payload, 0, frame));
    }

    @Test
    void shouldReadTheNextFrameWhateverCameBefore() {
        SeededRandom random = Seeds.random("serial noise");
        Seeds.with(random, () -> {
            for (int run = 0; run < 3_000; run++) {
                byte[] noise = new byte[random.nextInt(700)];
                random.nextBytes(noise);
                feed(noise);
                heard.clear();
                byte[] good = new byte[1 + random.nextInt(200)];
                random.nextBytes(good);
                feed(encoded(good));
                assertEquals(hex(good), heard.getLast());
            }
        });
        assertTrue(decoder.damaged() > 1_000, "noise is counted: " + decoder.damaged());
    }

    @Test
    void shouldThrowAwayFramesThatLostBytes() {
        byte[] bytes = new byte[120];
        new SeededRandom(5).nextBytes(bytes);
        byte[] whole = encoded(bytes);
        for (int cut = 1; cut < whole.length - 1; cut++) {
            feed(whole, 0, cut);
            feed(whole, cut + 1, whole.length);
        }
        assertEquals(List.of(), heard);
        assertEquals(whole.length - 2, decoder.damaged());
        feed(whole, 0, 50);
        feed(whole);
        assertEquals(List.of(hex(bytes)), heard);
    }
}
