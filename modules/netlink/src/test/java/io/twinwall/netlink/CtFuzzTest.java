/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Fuzz;
import io.twinwall.testkit.Seeds;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Mutated messages in buffers of exactly their size, so that one byte read outside would throw. What is accepted must
 * have its key, and every offset handed out must lie within.
 */
class CtFuzzTest {
    private static final long CASES = 400_000L * Fuzz.times();

    private final List<byte[]> corpus = CtCorpus.messages();
    private final CtFlyweight ct = new CtFlyweight();
    private final NlReader reader = new NlReader();
    private final NlAttrs attrs = new NlAttrs();
    private final NlError error = new NlError();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);

    @Test
    void shouldAcceptEveryRecordedMessage() {
        for (byte[] message : corpus) {
            buffer.wrap(message);
            assertTrue(ct.wrap(buffer, 0, message.length), () -> ct.reason().toString());
            assertEquals(0, ct.unknownAttributes());
            assertTrue(ct.has(CtFlyweight.HAS_REPLY));
        }
    }

    @Test
    void shouldRefuseOrReadMutatedMessagesWithinTheirBounds() {
        SeededRandom random = Seeds.random("mutated conntrack messages");
        Map<CtReason, Integer> seen = new EnumMap<>(CtReason.class);
        Seeds.with(random, () -> {
            for (long i = 0; i < CASES; i++) {
                byte[] message = mutate(random);
                buffer.wrap(message);
                boolean accepted = ct.wrap(buffer, 0, message.length);
                assertEquals(accepted, ct.reason() == CtReason.OK);
                if (accepted) {
                    checkOffsets(ct, message.length);
                }
                seen.merge(ct.reason(), 1, Integer::sum);
            }
        });
        assertEquals(CtReason.values().length, seen.size(), seen::toString);
    }

    @Test
    void shouldWalkMutatedDatagramsWithinTheirBounds() {
        SeededRandom random = Seeds.random("mutated datagrams");
        Seeds.with(random, () -> {
            for (long i = 0; i < CASES / 4; i++) {
                byte[] datagram = mutate(random);
                // As an answer of the kernel, which echoes the request: the same bytes under another type.
                if (random.chance(2) && datagram.length > 6) {
                    datagram[4] = (byte) (NlConst.NLMSG_ERROR + random.nextInt(2));
                    datagram[5] = 0;
                }
                buffer.wrap(datagram);
                reader.wrap(buffer, 0, datagram.length);
                int messages = 0;
                while (reader.next()) {
                    messages++;
                    assertTrue(reader.offset() >= 0 && reader.offset() + reader.length() <= datagram.length);
                    if (error.wrap(reader)) {
                        error.result();
                    }
                    walk(attrs.wrap(reader, NlConst.NFGENMSG_BYTES), datagram.length);
                }
                assertTrue(messages <= datagram.length / NlConst.NLMSG_HDRLEN);
            }
        });
    }

    private static void walk(NlAttrs attrs, int end) {
        int count = 0;
        while (attrs.next()) {
            count++;
            assertTrue(attrs.valueOffset() + attrs.valueLength() <= end);
            attrs.u64be();
            attrs.u8();
            attrs.stringLength();
        }
        assertTrue(count <= end / NlConst.NLA_HDRLEN);
    }

    static void checkOffsets(CtFlyweight ct, int length) {
        within(ct.orig().srcOffset(), ct.orig().addressBytes(), length);
        within(ct.orig().dstOffset(), ct.orig().addressBytes(), length);
        if (ct.has(CtFlyweight.HAS_REPLY)) {
            within(ct.reply().srcOffset(), ct.reply().addressBytes(), length);
            within(ct.reply().dstOffset(), ct.reply().addressBytes(), length);
        }
        if (ct.has(CtFlyweight.HAS_MASTER)) {
            within(ct.master().srcOffset(), ct.master().addressBytes(), length);
        }
        if (ct.has(CtFlyweight.HAS_LABELS)) {
            within(ct.labelsOffset(), ct.labelsBytes(), length);
        }
        if (ct.has(CtFlyweight.HAS_HELPER)) {
            within(ct.helperOffset(), ct.helperBytes(), length);
        }
        if (ct.has(CtFlyweight.HAS_HELPER_INFO)) {
            within(ct.helperInfoOffset(), ct.helperInfoBytes(), length);
        }
        if (ct.has(CtFlyweight.HAS_SECCTX)) {
            within(ct.secctxOffset(), ct.secctxBytes(), length);
        }
    }

    private static void within(int offset, int bytes, int length) {
        assertTrue(offset >= NlConst.NLMSG_HDRLEN && bytes >= 0 && offset + bytes <= length);
    }

    private byte[] mutate(SeededRandom random) {
        byte[] message = corpus.get(random.nextInt(corpus.size())).clone();
        int mutations = 1 + random.nextInt(4);
        for (int i = 0; i < mutations; i++) {
            switch (random.nextInt(5)) {
                case 0 -> message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> message[random.nextInt(message.length)] = (byte) random.nextInt(256);
                case 2 -> lie(message, random);
                case 3 -> message = cut(message, random);
                default -> message = splice(message, random);
            }
        }
        if (message.length >= 4 && !random.chance(8)) {
            // Most cases pass the first door, so that the ones behind it are tried too.
            new UnsafeBuffer(message).putInt(0, message.length);
        }
        return message;
    }

    /** A length or type somewhere where one may stand. */
    private static void lie(byte[] message, SeededRandom random) {
        int at = random.nextInt(message.length / 2) * 2;
        if (at + 2 <= message.length) {
            new UnsafeBuffer(message).putShort(at, (short) random.nextInt(random.chance(2) ? 40 : 65_536));
        }
    }

    private static byte[] cut(byte[] message, SeededRandom random) {
        return Arrays.copyOf(message, 2 + random.nextInt(message.length));
    }

    /** Some bytes of another message in between. */
    private byte[] splice(byte[] message, SeededRandom random) {
        byte[] other = corpus.get(random.nextInt(corpus.size()));
        int from = random.nextInt(other.length / 4) * 4;
        int bytes = Math.min(other.length - from, 4 * (1 + random.nextInt(12)));
        int at = random.nextInt(message.length / 4 + 1) * 4;
        int head = Math.min(at, message.length);
        byte[] all = Arrays.copyOf(message, message.length + bytes);
        System.arraycopy(other, from, all, head, bytes);
        System.arraycopy(message, head, all, head + bytes, message.length - head);
        return all;
    }
}
