/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Trackers in a namespace, with all that their listener heard. */
final class Watch implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(10);

    final List<Health> heard = new CopyOnWriteArrayList<>();
    final List<Tracker.Answer> answers = new CopyOnWriteArrayList<>();
    final Counters counters = new Counters();
    final Trackers trackers;

    /** In the calling thread's namespace, on a node that shares the addresses {@code virtual} with another. */
    Watch(List<String> virtual, List<TrackSpec> specs) {
        List<InetAddress> shared = virtual.stream().map(Specs::ip).toList();
        trackers = Trackers.open(specs, shared, new Listener(), NanoClock.SYSTEM, counters);
    }

    private final class Listener implements Trackers.Listener {
        @Override
        public void onHealth(Health health) {
            heard.add(health);
        }

        @Override
        public void onAnswer(long begunNs, long answeredNs) {
            answers.add(new Tracker.Answer(begunNs, answeredNs));
        }
    }

    static Watch in(String netNs, TrackSpec... specs) {
        return in(netNs, List.of(), specs);
    }

    static Watch in(String netNs, List<String> virtual, TrackSpec... specs) {
        try {
            return NetNs.call(netNs, () -> new Watch(virtual, List.of(specs)));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    TrackerState state(String name) {
        TrackerState found = find(name);
        assertNotNull(found, name);
        return found;
    }

    private TrackerState find(String name) {
        return trackers.health().trackers().stream()
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    Verdict verdict(String name) {
        return state(name).verdict();
    }

    /** Waits until {@code name} is judged so; returns what is said of it then. */
    TrackerState await(String name, Verdict verdict) {
        TrackerState[] last = new TrackerState[1];
        try {
            Await.until(name + " " + verdict, SOON, () -> {
                last[0] = find(name);
                return last[0] != null && last[0].verdict() == verdict;
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; it is " + last[0], e);
        }
        return last[0];
    }

    /** Waits until the last word on {@code name} is {@code detail}. */
    void awaitDetail(String name, String detail) {
        Await.until(name + ": " + detail, SOON, () -> state(name).detail().equals(detail));
    }

    void awaitAll(Verdict verdict) {
        trackers.health().trackers().forEach(state -> await(state.name(), verdict));
    }

    /** Waits until the listener was told that the test addresses are so. */
    void awaitReach(Reach reach) {
        Await.until(
                "reach " + reach,
                SOON,
                () -> !heard.isEmpty() && heard.getLast().reach() == reach);
    }

    @Override
    public void close() {
        trackers.close();
    }
}
