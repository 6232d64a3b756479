/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ExpFlyweightTest {
    private static final int CASES = 200_000;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4096]);
    private final ExpEncoder encoder = new ExpEncoder(new CtEncoder()).wrap(buffer, 0, 4096);
    private final ExpFlyweight read = new ExpFlyweight();

    @Test
    void shouldReadWhatTheEncoderWrites() {
        for (boolean v4 : new boolean[] {true, false}) {
            ExpSpec spec = new ExpSpec(v4, 5000);
            byte[] message = message(spec);
            assertTrue(
                    read.wrap(new UnsafeBuffer(message), 0, message.length),
                    () -> read.reason().toString());
            spec.assertRead(read);
            assertEquals(ExpConst.IPCTNL_MSG_EXP_NEW, read.type());
            assertTrue((read.flags() & NlConst.NLM_F_CREATE) != 0);
        }
    }

    @Test
    void shouldRefuseAnExpectationWithoutMasterAndAnEntry() {
        ExpSpec spec = new ExpSpec(true, 5000);
        encoder.entry().reset();
        spec.delete(encoder, 0, 1);
        assertFalse(read.wrap(buffer, 0, encoder.entry().length()));
        assertEquals(CtReason.NO_ORIG_TUPLE, read.reason());
        encoder.entry().reset();
        spec.master(encoder.entry(), 0, 1, true);
        assertFalse(read.wrap(buffer, 0, encoder.entry().length()));
        assertEquals(CtReason.NOT_AN_ENTRY, read.reason());
    }

    @Test
    void shouldRefuseOrReadMutatedMessagesWithinTheirBounds() {
        byte[][] messages = {message(new ExpSpec(true, 5000)), message(new ExpSpec(false, 5001))};
        SeededRandom random = Seeds.random("mutated expectations");
        Set<CtReason> seen = EnumSet.noneOf(CtReason.class);
        Seeds.with(random, () -> {
            for (int i = 0; i < CASES; i++) {
                byte[] message = mutate(messages[random.nextInt(2)], random);
                UnsafeBuffer exact = new UnsafeBuffer(message);
                if (read.wrap(exact, 0, message.length)) {
                    assertTrue(within(read.functionOffset(), read.functionBytes(), message.length));
                    assertTrue(within(read.helperOffset(), read.helperBytes(), message.length));
                    assertTrue(within(read.tuple().srcOffset(), read.tuple().addressBytes(), message.length));
                    assertTrue(within(read.master().dstOffset(), read.master().addressBytes(), message.length));
                }
                seen.add(read.reason());
            }
        });
        assertEquals(EnumSet.allOf(CtReason.class), seen);
    }

    private static boolean within(int offset, int length, int all) {
        return length == 0 || (offset >= 0 && offset + length <= all);
    }

    private static byte[] mutate(byte[] message, SeededRandom random) {
        byte[] mutated = random.chance(10) ? Arrays.copyOf(message, random.nextInt(message.length)) : message.clone();
        for (int changes = random.nextInt(4); changes > 0 && mutated.length > 0; changes--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
        }
        if (random.chance(4) && mutated.length >= 4) {
            new UnsafeBuffer(mutated).putInt(0, mutated.length);
        }
        return mutated;
    }

    private byte[] message(ExpSpec spec) {
        encoder.entry().reset();
        spec.create(encoder, 0, 1);
        byte[] message = new byte[encoder.entry().length()];
        buffer.getBytes(0, message);
        return message;
    }
}
