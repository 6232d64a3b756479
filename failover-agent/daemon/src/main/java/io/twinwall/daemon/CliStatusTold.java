/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The part of {@link CliStatusText} that the peer tells of itself: its trackers, what happened there, what is wrong there.
 * Of one that is lost, or began anew and did not tell yet, it is what was.
 */
final class CliStatusTold {
    private static final int CHANGES_SHOWN = 5;

    /** A change, the first heartbeat that is heard of it, and the report of it are not so far apart. */
    private static final long SAME_MS = 3_000;

    private record Change(long agoMs, String words) {}

    private final CliRows rows;
    private final CliStyle style;
    private final String name;
    private final PeerReport report;
    private final boolean current;
    private final String then;

    /** {@code peer}: whose report is not null. */
    CliStatusTold(CliRows rows, CliStyle style, CliStatus.Peer peer) {
        this.rows = rows;
        this.style = style;
        name = peer.name();
        report = peer.report();
        current = report.current();
        then = current ? "" : ", when it told last";
    }

    /** Durations in a report are as of when it came. */
    private String since(long ms) {
        return CliStatusText.duration(ms + report.agoMs());
    }

    private String bad(String words) {
        return current ? style.bad(words) : words;
    }

    void age() {
        if (!current) {
            rows.gap();
            rows.row(
                    "told",
                    style.warn(name + " told of itself last " + CliStatusText.duration(report.agoMs()) + " ago"));
        }
    }

    void health() {
        CliStatus.Health health = report.health();
        if (health.penalty() > 0 || !health.fault().isEmpty()) {
            rows.row("peer health", CliStatusNews.health(health, current ? style : CliStyle.PLAIN) + then);
        }
        if (health.reach().equals("SILENT")) {
            rows.row(
                    "peer reach", "test addresses " + (current ? style.bad("DO NOT ANSWER") : "did not answer") + then);
        }
        for (CliStatus.Tracker tracker : report.trackers()) {
            long ms = tracker.sinceMs() + (current ? report.agoMs() : 0);
            CliStatusNews.tracker("peer track", tracker, CliStatusText.duration(ms), !current, rows, style);
        }
    }

    void countdown() {
        CliStatus.Countdown countdown = report.countdown();
        long leftMs = countdown == null ? 0 : countdown.leftMs() - report.agoMs();
        if (current && countdown != null && (countdown.vetoed() || leftMs > 0)) {
            rows.gap();
            rows.row(
                    style.bad("COUNTDOWN"),
                    countdown.vetoed()
                            ? name + ": vetoed there"
                            : name + " takes over in " + CliStatusText.duration(leftMs));
        }
    }

    /** {@code heard}: changes of its role as this node heard them, of which the report may not tell yet, or no more. */
    void changes(List<CliStatus.PeerChange> heard) {
        List<Change> all = new ArrayList<>();
        for (CliStatus.Transition change : report.transitions()) {
            all.add(new Change(change.agoMs() + report.agoMs(), CliStatusNews.change(change, since(change.agoMs()))));
        }
        for (CliStatus.PeerChange change : heard) {
            if (!told(change)) {
                all.add(new Change(change.agoMs(), CliStatusNews.heard(change)));
            }
        }
        all.sort(Comparator.comparingLong(Change::agoMs));
        String label = "peer changes";
        for (Change change : all.subList(0, Math.min(all.size(), CHANGES_SHOWN))) {
            rows.row(label, change.words());
            label = "";
        }
        CliStatus.Takeover last = report.lastTakeover();
        if (last != null) {
            String kind = last.planned() ? "planned" : "unplanned";
            String took = last.phases() == null
                    ? ""
                    : CliRows.format(", in %.1f ms", last.phases().totalMs());
            rows.row(
                    "took over",
                    name + ": " + kind + ", " + last.reason() + ", term " + last.term() + took + ", "
                            + since(last.agoMs()) + " ago");
            for (String failure : last.failures()) {
                rows.row("", style.bad("FAILED " + failure));
            }
        }
    }

    /** Whether the report has a change that was heard: by the role and about when, since a term may be heard of later. */
    private boolean told(CliStatus.PeerChange heard) {
        return report.transitions().stream()
                .anyMatch(change -> change.to().equals(heard.to())
                        && Math.abs(change.agoMs() + report.agoMs() - heard.agoMs()) < SAME_MS);
    }

    /** Hooks and receivers of alerts that failed; those that did not are shown there. */
    void failures() {
        for (CliStatus.Hook hook : report.hooks()) {
            if (hook.outcome() != null && !hook.ok()) {
                rows.row(
                        "peer hook",
                        hook.command(),
                        bad(hook.outcome()) + ", " + since(hook.endedMsAgo()) + " ago" + then);
            }
        }
        for (CliStatus.Alert alert : report.alerts()) {
            if (!alert.ok()) {
                rows.row(
                        "peer alert",
                        alert.name() + " (" + alert.kind() + ")",
                        bad("FAILED: " + alert.outcome()) + then);
            }
        }
    }

    void alarms() {
        for (CliStatus.Alarm alarm : report.alarms()) {
            if (alarm.active()) {
                rows.row(
                        current ? style.bad("PEER ALARM") : "peer alarm",
                        bad(alarm.code()) + ", " + since(alarm.agoMs()) + " ago on " + name + ": " + alarm.text());
                if (current && !alarm.remedy().isEmpty()) {
                    rows.wrapped("do there", alarm.remedy());
                }
            }
        }
    }
}
