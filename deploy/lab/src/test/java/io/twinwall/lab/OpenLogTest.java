/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpenLogTest {
    private final OpenLog log = new OpenLog(1);

    @Test
    void shouldBeOpenBetweenAnswersInARow() {
        log.answered(7, 70);
        log.answered(8, 80);
        log.answered(9, 190);
        assertEquals(List.of(new Span(70, 191)), log.spans());
    }

    @Test
    void shouldBeShutWhereAQuestionWasNotAnswered() {
        log.answered(7, 70);
        log.answered(9, 90);
        assertEquals(List.of(new Span(70, 71), new Span(90, 91)), log.spans());
    }

    @Test
    void shouldIgnoreAnswersThatComeTwiceOrLate() {
        log.answered(7, 70);
        log.answered(9, 90);
        log.answered(8, 80);
        log.answered(9, 95);
        assertEquals(List.of(new Span(70, 71), new Span(90, 91)), log.spans());
    }

    @Test
    void shouldRememberTheNewestOpenings() {
        for (int i = 0; i < 10_000; i++) {
            log.answered(2L * i, 2L * i);
        }
        List<Span> spans = log.spans();
        assertEquals(4_096, spans.size());
        assertEquals(new Span(19_998, 19_999), spans.getLast());
    }
}
