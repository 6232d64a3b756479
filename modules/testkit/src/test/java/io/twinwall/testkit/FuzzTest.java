/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The harness must find what is planted; else that it finds nothing says nothing. */
class FuzzTest {
    private static final byte[] RECORDS = {2, 'a', 'b', 1, 'c', 4, 'd', 'e', 'f', 'g'};

    /** Lengths, each before so many bytes; one that lies is believed when {@code careless}. */
    private static long records(byte[] input, boolean careless) {
        long records = 0;
        for (int at = 0; at < input.length; records++) {
            int length = input[at] & 0xff;
            if (!careless && length > input.length - at - 1) {
                return -records;
            }
            long sum = 0;
            for (int i = 1; i <= length; i++) {
                sum += input[at + i];
            }
            at += 1 + length;
            records += sum == 0 ? 1 : 0;
        }
        return records;
    }

    @Test
    void shouldFindALengthThatIsBelieved() {
        Fuzz fuzz = Fuzz.of("planted-length", List.of(RECORDS));
        AssertionError found =
                assertThrows(AssertionError.class, () -> fuzz.run(10_000, input -> records(input, true)));
        assertInstanceOf(ArrayIndexOutOfBoundsException.class, found.getCause());
        assertTrue(found.getMessage().contains("planted-length: makes it fail"), found.getMessage());
        String hex = found.getMessage().substring(found.getMessage().lastIndexOf(' ') + 1);
        assertEquals(2, hex.length(), "the least input is one length and nothing behind it: " + hex);
    }

    @Test
    void shouldFindNothingWhereNothingIs() {
        Fuzz.of("planted-nothing", List.of(RECORDS)).run(10_000, input -> records(input, false));
    }

    @Test
    void shouldFindWhatOneInputMayAllocate() {
        byte[][] sink = new byte[1][];
        Fuzz fuzz = Fuzz.of("planted-size", List.of(new byte[] {0, 1, 0, 0}));
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> fuzz.allocationMax(1 << 20).run(100_000, input -> {
                    int size = input.length < 4 ? 0 : (input[3] & 0x7f) << 24 | (input[2] & 0xff) << 16;
                    sink[0] = new byte[Math.min(size, 16 << 20)];
                    return 0;
                }));
        assertTrue(
                found.getCause().getMessage().contains("bytes were allocated"),
                found.getCause().getMessage());
    }

    /** Eight bytes in a row are never guessed; one after the other, each told by what happens, they are. */
    @Test
    void shouldBeGuidedByWhatHappens() {
        byte[] word = "twinwall".getBytes(StandardCharsets.US_ASCII);
        Fuzz guided = Fuzz.of("planted-word", List.of(new byte[8]));
        assertThrows(
                AssertionError.class,
                () -> guided.run(2_000_000, input -> {
                    int right = Arrays.mismatch(word, input);
                    assertTrue(right >= 0 && right < word.length, "found");
                    return right;
                }));
        Fuzz blind = Fuzz.of("planted-word", List.of(new byte[8]));
        blind.run(50_000, input -> {
            assertTrue(!Arrays.equals(word, input), "found");
            return 0;
        });
    }

    @Test
    void shouldMakeTheSameInputsOfTheSameSeed() {
        List<byte[]> given = List.of(RECORDS, new byte[40]);
        Mutator one = new Mutator(new SeededRandom(3), new ArrayList<>(given), 64);
        Mutator same = new Mutator(new SeededRandom(3), new ArrayList<>(given), 64);
        for (int i = 0; i < 10_000; i++) {
            byte[] input = one.next();
            assertTrue(Arrays.equals(input, same.next()));
            assertTrue(input.length <= 64);
        }
    }
}
