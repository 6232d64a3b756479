/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import org.junit.jupiter.api.Test;

class JudgeTest {
    @Test
    void shouldStayUnknownUntilTheCountsDecide() {
        Judge judge = new Judge(2, 3, 0, 5);
        assertEquals(5, judge.sinceNs());
        assertFalse(judge.judge(true, 10));
        assertFalse(judge.judge(false, 11), "the row of successes is broken");
        assertFalse(judge.judge(true, 12));
        assertEquals(Verdict.UNKNOWN, judge.verdict());
        assertTrue(judge.judge(true, 13));
        assertEquals(Verdict.UP, judge.verdict());
        assertEquals(13, judge.sinceNs());
    }

    @Test
    void shouldFallAfterFailuresInARowOnly() {
        Judge judge = new Judge(2, 3, 0, 0);
        judge.judge(true, 1);
        judge.judge(true, 2);
        boolean[] flapping = {false, false, true, false, false, true, false, false};
        for (boolean ok : flapping) {
            assertFalse(judge.judge(ok, 3));
        }
        assertTrue(judge.judge(false, 4));
        assertEquals(Verdict.DOWN, judge.verdict());
        assertFalse(judge.judge(false, 5), "told once");
        assertEquals(4, judge.sinceNs());
        assertFalse(judge.judge(true, 6));
        assertTrue(judge.judge(true, 7));
    }

    @Test
    void shouldJudgeTheFirstFailuresDown() {
        Judge judge = new Judge(1, 2, 0, 0);
        assertFalse(judge.judge(false, 1));
        assertEquals(Verdict.UNKNOWN, judge.verdict());
        assertTrue(judge.judge(false, 2));
        assertEquals(Verdict.DOWN, judge.verdict());
    }

    @Test
    void shouldWaitOutTheDelayBeforeUpAndStartItAnewAfterAFlap() {
        Judge judge = new Judge(1, 1, 100, 0);
        assertTrue(judge.judge(true, 1), "the first verdict is not delayed: unknown counts as up already");
        assertTrue(judge.judge(false, 10));
        assertEquals(Long.MAX_VALUE, judge.waitNs(10));
        assertFalse(judge.judge(true, 20));
        assertEquals(60, judge.waitNs(60));
        assertFalse(judge.judge(false, 110), "down already");
        assertFalse(judge.onTime(130), "the flap ended the delay");
        assertFalse(judge.judge(true, 140));
        assertFalse(judge.judge(true, 200), "another event does not begin the delay anew");
        assertFalse(judge.onTime(239));
        assertEquals(Verdict.DOWN, judge.verdict());
        assertTrue(judge.onTime(240));
        assertEquals(Verdict.UP, judge.verdict());
        assertEquals(240, judge.sinceNs());
        assertFalse(judge.onTime(300));
    }

    @Test
    void shouldAgreeWithACountOfTheLastTries() {
        SeededRandom random = Seeds.random("JudgeTest");
        Seeds.with(random, () -> {
            for (int round = 0; round < 200; round++) {
                int rise = 1 + random.nextInt(4);
                int fall = 1 + random.nextInt(4);
                Judge judge = new Judge(rise, fall, 0, 0);
                StringBuilder history = new StringBuilder();
                Verdict expected = Verdict.UNKNOWN;
                for (int i = 0; i < 50; i++) {
                    boolean ok = random.chance(2);
                    history.append(ok ? '+' : '-');
                    if (history.toString().endsWith("+".repeat(rise))) {
                        expected = Verdict.UP;
                    } else if (history.toString().endsWith("-".repeat(fall))) {
                        expected = Verdict.DOWN;
                    }
                    judge.judge(ok, i);
                    assertEquals(expected, judge.verdict(), rise + "/" + fall + " " + history);
                }
            }
        });
    }
}
