/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class GateFramesTest {
    private static final byte[] LAN_MAC = {2, 0, 0, 0, 0, 1};
    private static final byte[] WAN_MAC = {2, 0, 0, 0, 0, 2};

    private final GateFrames lan = new GateFrames(FirewallNode.FW_A, Side.CLIENT, LAN_MAC);
    private final GateFrames wan = new GateFrames(FirewallNode.FW_A, Side.SERVER, WAN_MAC);
    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[GateFrames.BYTES_MAX + 3]);

    @Test
    void shouldKnowAQuestionThatCameThrough() {
        int length = lan.transit(frame, 3, 4711, 815);
        assertTrue(lan.asked(frame, 3));
        assertFalse(wan.cameThrough(frame, 3, length), "it has not left the firewall yet");
        frame.putBytes(9, WAN_MAC);
        assertTrue(wan.cameThrough(frame, 3, length));
        assertFalse(lan.cameThrough(frame, 3, length), "it came out at the other side");
        assertEquals(4711, GateFrames.number(frame, 3));
        assertEquals(815, GateFrames.askedNs(frame, 3));
    }

    @Test
    void shouldSumTheHeaderOfItsQuestions() {
        lan.transit(frame, 0, 1, 2);
        int sum = 0;
        for (int i = 14; i < 34; i += 2) {
            sum += frame.getShort(i, ByteOrder.BIG_ENDIAN) & 0xffff;
        }
        assertEquals(0xffff, (sum & 0xffff) + (sum >>> 16));
    }

    @Test
    void shouldTellAnAnswerFromTheQuestion() {
        int length = lan.arp(frame, 0);
        assertTrue(lan.asked(frame, 0));
        assertFalse(lan.answersArp(frame, 0, length));
        assertFalse(lan.answersSolicitation(frame, 0, lan.solicitation(frame, 0)));
    }
}
