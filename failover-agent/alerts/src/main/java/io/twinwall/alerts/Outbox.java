/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import io.twinwall.base.Check;
import java.util.ArrayDeque;

/**
 * What waits for one receiver, in order. What could not be delivered is tried again, at intervals that double, and
 * given up when it is too old; when too much waits, the oldest goes. Pure; one thread.
 */
final class Outbox {
    static final int MESSAGES_MAX = 64;
    static final long AGAIN_NS_MIN = 5_000_000_000L;
    static final long AGAIN_NS_MAX = 120_000_000_000L;

    private record Waiting(Message message, long sinceNs) {}

    private final long retryNs;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean underWay;
    private boolean failing;
    private long notBeforeNs;
    private long againNs = AGAIN_NS_MIN;
    private long lost;

    /** @param retryNs how long a message is kept */
    Outbox(long retryNs) {
        this.retryNs = retryNs;
    }

    void offer(Message message, long nowNs) {
        if (waiting.size() == MESSAGES_MAX) {
            Waiting first = waiting.pollFirst();
            if (underWay) {
                // Whatever becomes of it: it is the next one that goes.
                waiting.pollFirst();
                waiting.addFirst(first);
            }
            lost++;
        }
        waiting.addLast(new Waiting(message, nowNs));
    }

    /** What is to be delivered now, or null; {@link #ended} is to be told what became of it. */
    Message next(long nowNs) {
        Check.that(!underWay, "two messages under way to one receiver");
        expire(nowNs);
        if (waiting.isEmpty() || (failing && nowNs - notBeforeNs < 0)) {
            return null;
        }
        underWay = true;
        return waiting.getFirst().message();
    }

    /** The attempt that {@link #next} began is over. */
    void ended(boolean delivered, long nowNs) {
        Check.that(underWay, "the end of nothing");
        underWay = false;
        if (delivered) {
            waiting.pollFirst();
            failing = false;
            againNs = AGAIN_NS_MIN;
            return;
        }
        failing = true;
        notBeforeNs = nowNs + againNs;
        againNs = Math.min(2 * againNs, AGAIN_NS_MAX);
        expire(nowNs);
    }

    /** Each message was tried at least once, or one before it was tried in vain for as long. */
    private void expire(long nowNs) {
        while (failing && !waiting.isEmpty() && nowNs - waiting.getFirst().sinceNs() >= retryNs) {
            waiting.pollFirst();
            lost++;
        }
    }

    int size() {
        return waiting.size();
    }

    /** Nothing is to be done before something new comes or an interval is over. */
    boolean resting(long nowNs) {
        return waiting.isEmpty() || (failing && nowNs - notBeforeNs < 0);
    }

    /** Messages given up since the start. */
    long lost() {
        return lost;
    }
}
