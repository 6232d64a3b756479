/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * When a gate was open, told from the answers to questions that are asked without pause. Between two questions in a row
 * that were both answered it was open; where one was not, it was shut. A last answer before silence counts for one
 * period more, so that what is told is never too little. One thread writes and allocates nothing; any thread reads.
 */
final class OpenLog {
    /** Openings that are remembered, the newest. */
    private static final int CAPACITY = 4_096;

    private final long periodNs;
    private final long[] fromNs = new long[CAPACITY];
    private final long[] toNs = new long[CAPACITY];
    private long openings;
    private long lastQuestion = -1;

    OpenLog(long periodNs) {
        this.periodNs = periodNs;
    }

    /** The question {@code number}, asked at {@code askedNs}, was answered. An answer that comes late counts for nothing. */
    synchronized void answered(long number, long askedNs) {
        if (number <= lastQuestion) {
            return;
        }
        if (openings == 0 || number != lastQuestion + 1) {
            fromNs[(int) (openings % CAPACITY)] = askedNs;
            openings++;
        }
        toNs[(int) ((openings - 1) % CAPACITY)] = askedNs + periodNs;
        lastQuestion = number;
    }

    /** The openings that are remembered. */
    synchronized List<Span> spans() {
        List<Span> spans = new ArrayList<>();
        for (long i = Math.max(0, openings - CAPACITY); i < openings; i++) {
            spans.add(new Span(fromNs[(int) (i % CAPACITY)], toNs[(int) (i % CAPACITY)]));
        }
        return spans;
    }
}
