/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.netlink.NftSetInfo;
import io.twinwall.testkit.Seeds;
import io.twinwall.wire.PayloadReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class SetCodecTest {
    private static final int BYTES_MAX = 600;
    private static final long SET = 77;

    private final SetCodec codec = new SetCodec(BYTES_MAX);
    private final PayloadReader wire = new PayloadReader(new Counters());
    private final Recorder heard = new Recorder();
    private boolean accepted;

    @Test
    void shouldCarryElementsInAsManyMessagesAsTheyNeed() {
        Deque<SetChange> changes = new ArrayDeque<>();
        for (int i = 0; i < 50; i++) {
            changes.add(new SetChange(SetChange.Kind.of(i % 3), entry(i)));
        }
        List<SetChange> sent = List.copyOf(changes);
        while (!changes.isEmpty()) {
            byte[] message = codec.elements(SET, 9, changes, 1_000);
            assertTrue(message.length <= BYTES_MAX);
            hear(message, message.length);
            assertTrue(accepted);
        }
        assertEquals(50, heard.changes.size());
        for (int i = 0; i < 50; i++) {
            SetChange one = heard.changes.get(i);
            assertEquals(sent.get(i).kind(), one.kind());
            assertEquals(sent.get(i).entry(), one.entry());
            if (one.kind() != SetChange.Kind.REMOVE) {
                assertArrayEquals(sent.get(i).entry().attrs, one.entry().attrs);
                assertEquals(sent.get(i).entry().digest(), one.entry().digest());
            }
        }
        assertEquals(5_000, heard.leftMs.getFirst());
    }

    @Test
    void shouldEndInElementsOrNoneWhateverAMessageHolds() {
        SeededRandom random = Seeds.random("messages about sets");
        Seeds.with(random, () -> {
            for (int i = 0; i < 20_000; i++) {
                byte[] message = message(random);
                for (int n = 1 + random.nextInt(4); n > 0; n--) {
                    message[random.nextInt(message.length)] = (byte) random.nextLong();
                }
                hear(message, random.chance(4) ? random.nextInt(message.length + 1) : message.length);
            }
        });
    }

    private byte[] message(SeededRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> codec.digest(SET, 3, new SetTable(), new NftSetInfo(1, 2, 3, 4, 5, 6));
            case 1 -> codec.request(SET);
            case 2 -> codec.state(SET, 1, 2, "why");
            default ->
                codec.elements(SET, 0, new ArrayDeque<>(List.of(new SetChange(SetChange.Kind.PUT, entry(1)))), 0);
        };
    }

    /** As on its way: through the wire's check, then to the codec. */
    private void hear(byte[] message, int length) {
        wire.side((buffer, offset, bytes) -> {
            byte[] copy = new byte[bytes];
            buffer.getBytes(offset, copy);
            codec.read(copy, heard);
        });
        accepted = wire.read(new UnsafeBuffer(message), 0, length, SetPair.NOBODY);
    }

    private static SetEntry entry(int number) {
        SetEntry entry = new SetEntry(new byte[] {10, 0, 0, (byte) number}, SetEntry.EMPTY);
        entry.attrs = new byte[] {8, 0, 6, 0, 1, 2, 3, 4};
        entry.timeoutMs = 60_000;
        entry.deadlineMs = 6_000;
        entry.stamp = number;
        return entry;
    }

    private static final class Recorder implements SetCodec.Handler {
        private final List<SetChange> changes = new ArrayList<>();
        private final List<Long> leftMs = new ArrayList<>();

        @Override
        public void onElement(long setId, int round, SetChange change, long left) {
            changes.add(change);
            leftMs.add(left);
        }

        @Override
        public void onDigest(long setId, int round, int elements, long digest, NftSetInfo info) {}

        @Override
        public void onRequest(long setId) {}

        @Override
        public void onState(long setId, int elements, int differing, String problem) {}

        @Override
        public void onMalformed() {}
    }
}
