/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebHistoryTest {
    private final WebHistory history = new WebHistory();

    @Test
    void shouldKeepSecondsOfMinutesAndMinutesOfADay() {
        for (int s = 0; s < 2 * 86_400; s++) {
            history.add(sample(1_000L * s, s, 0));
        }
        WebHistory.Past past = history.past();
        assertEquals(WebHistory.SECONDS_MAX, past.seconds().size());
        assertEquals(WebHistory.MINUTES_MAX, past.minutes().size());
        assertEquals(2 * 86_400 - 1, past.seconds().getLast().flows());
        long apartMs = past.minutes().get(1).atMs() - past.minutes().get(0).atMs();
        assertTrue(Math.abs(apartMs - 60_000) <= 1_000, apartMs + " ms");
        history.forget();
        assertEquals(new WebHistory.Past(List.of(), List.of()), history.past());
    }

    @Test
    void shouldKeepTheWorstLagOfAMinuteAndWhatWasLast() {
        history.add(sample(0, 10, 1));
        history.add(sample(1_000, 20, 900));
        history.add(sample(60_000, 30, 2));
        assertEquals(
                List.of(new WebHistory.Sample(60_000, 30, 900, 900.5, 901, 5)),
                history.past().minutes());
    }

    @Test
    void shouldWriteASampleAsAnArray() {
        assertEquals("[7,30,2,2.5,3,5]", Json.text(sample(7, 30, 2)));
    }

    private static WebHistory.Sample sample(long atMs, long flows, long lag) {
        return new WebHistory.Sample(atMs, flows, lag, lag + 0.5, lag + 1, 5);
    }
}
