/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpanTest {
    @Test
    void shouldJoinWhatTouches() {
        List<Span> union = Span.union(List.of(new Span(5, 9), new Span(1, 3), new Span(3, 4), new Span(6, 7)));
        assertEquals(List.of(new Span(1, 4), new Span(5, 9)), union);
        assertEquals(7, Span.totalNs(union));
    }

    @Test
    void shouldFindTheMomentsOfBoth() {
        List<Span> a = List.of(new Span(0, 10), new Span(20, 30), new Span(40, 50));
        List<Span> b = List.of(new Span(9, 21), new Span(25, 41), new Span(50, 60));
        assertEquals(List.of(new Span(9, 10), new Span(20, 21), new Span(25, 30), new Span(40, 41)), Span.both(a, b));
        assertEquals(List.of(), Span.both(a, List.of()));
    }

    @Test
    void shouldCutAWindowAndLeaveOut() {
        List<Span> a = List.of(new Span(0, 10), new Span(20, 30));
        assertEquals(List.of(new Span(5, 10), new Span(20, 25)), Span.within(a, 5, 25));
        assertEquals(List.of(new Span(0, 4), new Span(22, 30)), Span.without(a, List.of(new Span(4, 22))));
        assertEquals(a, Span.without(a, List.of()));
    }
}
