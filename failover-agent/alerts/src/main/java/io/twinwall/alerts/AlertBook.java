/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one receiver is told of all that happens, and when. Pure: facts and the time in, notices out; no clock, no
 * thread.
 *
 * <p>A condition is told when it begins, again each {@link AlertPolicy#repeatNs} while it holds, and when it is over;
 * over means for {@link #SETTLE_NS}, so that one which comes and goes is one. Of events the first is told at once;
 * those of the same kind and subject that follow are told together, at intervals that double while they go on. What
 * is more than the policy allows is held back, the gravest last, and told of in one summary that names all that is
 * open; so nobody stays ignorant of what still holds.
 */
final class AlertBook {
    static final long SETTLE_NS = 30_000_000_000L;
    static final long JOIN_NS = 60_000_000_000L;
    static final long SUMMARY_AFTER_NS = 60_000_000_000L;

    /** The longest interval of a series where conditions are not repeated. */
    private static final long JOIN_NS_MAX = 3_600_000_000_000L;

    private record Key(AlertKind kind, String subject) {
        String text() {
            return subject.isEmpty() ? kind.word() : kind.word() + " (" + subject + ")";
        }
    }

    /** A condition that holds, or did a moment ago. */
    private static final class Condition {
        private final long sinceNs;
        private String text = "";
        private int times = 1;
        private boolean told;
        private long toldNs;
        private boolean heldBack;
        private boolean gone;
        private long goneNs;

        Condition(long sinceNs) {
            this.sinceNs = sinceNs;
        }

        boolean over(long nowNs) {
            return gone && nowNs - goneNs >= SETTLE_NS;
        }

        Notice notice(Key key, Notice.State state, long nowNs) {
            return new Notice(state, key.kind(), key.subject(), text, times, (gone ? goneNs : nowNs) - sinceNs);
        }
    }

    /** Events of one kind and subject that follow on each other. */
    private static final class Series {
        private String text = "";
        private int untold;
        private boolean told;
        private long toldNs;
        private long everyNs = JOIN_NS;

        boolean due(long nowNs) {
            return !told || nowNs - toldNs >= everyNs;
        }
    }

    /** What is to be told, and what to do when it is, or is held back. */
    private record Candidate(Notice notice, Runnable told, Runnable heldBack) {}

    private final AlertPolicy policy;
    private final RateLimit limit;
    private final Map<Key, Condition> conditions = new LinkedHashMap<>();
    private final Map<Key, Series> series = new LinkedHashMap<>();
    private final Map<AlertKind, Integer> heldBack = new EnumMap<>(AlertKind.class);
    private long heldSinceNs;
    private long heldBackInAll;

    AlertBook(AlertPolicy policy) {
        this.policy = policy;
        limit = policy.limit();
    }

    /** Something happened. */
    void take(AlertFact fact, long nowNs) {
        if (!policy.wants(fact.kind())) {
            return;
        }
        Key key = new Key(fact.kind(), fact.subject());
        switch (fact) {
            case AlertFact.Raised raised -> raise(key, raised.text(), nowNs);
            case AlertFact.Happened happened -> {
                Series one = series.computeIfAbsent(key, k -> new Series());
                one.text = happened.text();
                one.untold++;
            }
        }
    }

    /** All conditions that hold now: a look. Those that are not among them do not hold any more. */
    void holding(List<AlertFact.Raised> all, long nowNs) {
        all.forEach(one -> take(one, nowNs));
        Set<Key> found =
                all.stream().map(one -> new Key(one.kind(), one.subject())).collect(Collectors.toSet());
        conditions.forEach((key, condition) -> {
            if (!condition.gone && !found.contains(key)) {
                condition.gone = true;
                condition.goneNs = nowNs;
            }
        });
    }

    private void raise(Key key, String text, long nowNs) {
        Condition condition = conditions.get(key);
        if (condition == null) {
            condition = new Condition(nowNs);
            conditions.put(key, condition);
        } else if (condition.gone) {
            condition.gone = false;
            condition.times++;
        }
        condition.text = text;
    }

    /** What is to be told now, the gravest first. */
    List<Notice> due(long nowNs) {
        List<Notice> notices = new ArrayList<>();
        if (!heldBack.isEmpty() && nowNs - heldSinceNs >= SUMMARY_AFTER_NS && limit.take(nowNs)) {
            notices.add(summary(nowNs));
        }
        List<Candidate> candidates = new ArrayList<>();
        conditions(candidates, nowNs);
        events(candidates, nowNs);
        candidates.sort(
                Comparator.comparing((Candidate one) -> one.notice().kind().severity())
                        .reversed());
        for (Candidate one : candidates) {
            if (limit.take(nowNs)) {
                one.told().run();
                notices.add(one.notice());
            } else {
                one.heldBack().run();
                holdBack(one.notice().kind(), nowNs);
            }
        }
        return notices;
    }

    /** How many conditions hold. */
    int open() {
        return (int) conditions.values().stream().filter(one -> !one.gone).count();
    }

    /** Notices held back since the start. */
    long heldBackInAll() {
        return heldBackInAll;
    }

    private void conditions(List<Candidate> candidates, long nowNs) {
        conditions.values().removeIf(one -> one.heldBack && !one.told && one.over(nowNs));
        conditions.forEach((key, one) -> {
            Runnable tell = () -> {
                one.told = true;
                one.toldNs = nowNs;
            };
            if (!one.told && !one.heldBack) {
                candidates.add(
                        new Candidate(one.notice(key, Notice.State.OPENED, nowNs), tell, () -> one.heldBack = true));
            } else if (one.told && one.over(nowNs)) {
                Runnable end = () -> conditions.remove(key);
                candidates.add(new Candidate(one.notice(key, Notice.State.RECOVERED, nowNs), end, end));
            } else if (one.told && !one.gone && policy.repeatNs() > 0 && nowNs - one.toldNs >= policy.repeatNs()) {
                candidates.add(new Candidate(one.notice(key, Notice.State.OPEN, nowNs), tell, tell));
            }
        });
    }

    private void events(List<Candidate> candidates, long nowNs) {
        Iterator<Map.Entry<Key, Series>> all = series.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Key, Series> entry = all.next();
            Key key = entry.getKey();
            Series one = entry.getValue();
            if (!one.due(nowNs)) {
                continue;
            }
            if (one.untold == 0) {
                all.remove();
                continue;
            }
            Notice notice = new Notice(Notice.State.EVENT, key.kind(), key.subject(), one.text, one.untold, 0);
            Runnable told = () -> {
                one.everyNs = one.told ? Math.min(2 * one.everyNs, joinNsMax()) : one.everyNs;
                one.told = true;
                one.toldNs = nowNs;
                one.untold = 0;
            };
            candidates.add(new Candidate(notice, told, told));
        }
    }

    private long joinNsMax() {
        return policy.repeatNs() == 0 ? JOIN_NS_MAX : Math.max(JOIN_NS, policy.repeatNs());
    }

    private void holdBack(AlertKind kind, long nowNs) {
        if (heldBack.isEmpty()) {
            heldSinceNs = nowNs;
        }
        heldBack.merge(kind, 1, Integer::sum);
        heldBackInAll++;
    }

    private Notice summary(long nowNs) {
        int count = heldBack.values().stream().mapToInt(Integer::intValue).sum();
        String kinds = heldBack.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey().word())
                .collect(Collectors.joining(", "));
        List<String> open = new ArrayList<>();
        conditions.forEach((key, one) -> {
            if (!one.gone) {
                open.add(key.text());
            }
            if (one.heldBack && !one.told) {
                // Told of by this summary, so that its end is told too.
                one.told = true;
                one.toldNs = nowNs;
            }
        });
        String text = "more than " + policy.perHour() + " notices an hour: " + count + " were held back (" + kinds
                + "); " + (open.isEmpty() ? "nothing is open now" : "open now: " + String.join(", ", open));
        heldBack.clear();
        return new Notice(Notice.State.SUMMARY, AlertKind.HELD_BACK, "", text, count, nowNs - heldSinceNs);
    }
}
