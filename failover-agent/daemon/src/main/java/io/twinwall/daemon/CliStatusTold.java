/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.List;

/** The part of {@link CliStatusText} that the peer tells of itself: its trackers, what happened there, what is wrong there. */
final class CliStatusTold {
    private static final int CHANGES_SHOWN = 5;

    /** A report comes each two seconds: one that is older is the last. */
    private static final long OLD_MS = 10_000;

    private final CliRows rows;
    private final CliStyle style;
    private final String name;
    private final boolean alive;
    private final PeerReport report;

    /** {@code peer}: whose report is not null. */
    CliStatusTold(CliRows rows, CliStyle style, CliStatus.Peer peer) {
        this.rows = rows;
        this.style = style;
        name = peer.name();
        alive = peer.state().equals("ALIVE");
        report = peer.report();
    }

    /** Durations in a report are as of when it came. */
    private String since(long ms) {
        return CliStatusText.duration(ms + report.agoMs());
    }

    void age() {
        if (report.agoMs() > OLD_MS) {
            rows.gap();
            rows.row(
                    "told",
                    style.warn(name + " told of itself last " + CliStatusText.duration(report.agoMs()) + " ago"));
        }
    }

    void health() {
        CliStatus.Health health = report.health();
        if (health != null && (health.penalty() > 0 || !health.fault().isEmpty())) {
            rows.row("peer health", CliStatusNews.health(health, style));
        }
        if (health != null && health.reach().equals("SILENT")) {
            rows.row("peer reach", "test addresses " + style.bad("DO NOT ANSWER"));
        }
        for (CliStatus.Tracker tracker : CliStatusText.listed(report.trackers())) {
            CliStatusNews.tracker(
                    "peer track",
                    tracker,
                    CliStatusText.duration(tracker.sinceMs() + (alive ? report.agoMs() : 0)),
                    !alive,
                    rows,
                    style);
        }
    }

    void countdown() {
        CliStatus.Countdown countdown = report.countdown();
        if (countdown != null) {
            rows.gap();
            rows.row(
                    style.bad("COUNTDOWN"),
                    countdown.vetoed()
                            ? name + ": vetoed there"
                            : name + " takes over in "
                                    + CliStatusText.duration(Math.max(0, countdown.leftMs() - report.agoMs())));
        }
    }

    /** {@code heard}: changes of its role as this node heard them, of which the report may not tell yet. */
    void changes(List<CliStatus.PeerChange> heard) {
        String label = "peer changes";
        int shown = 0;
        for (CliStatus.PeerChange change : heard) {
            if (change.agoMs() < report.agoMs() && shown < CHANGES_SHOWN) {
                rows.row(label, CliStatusNews.heard(change));
                label = "";
                shown++;
            }
        }
        for (CliStatus.Transition change : CliStatusText.listed(report.transitions())) {
            if (shown < CHANGES_SHOWN) {
                rows.row(label, CliStatusNews.change(change, since(change.agoMs())));
                label = "";
                shown++;
            }
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
            for (String failure : CliStatusText.listed(last.failures())) {
                rows.row("", style.bad("FAILED " + failure));
            }
        }
    }

    /** Hooks and receivers of alerts that failed; those that did not are shown there. */
    void failures() {
        for (CliStatus.Hook hook : CliStatusText.listed(report.hooks())) {
            if (hook.outcome() != null && !hook.ok()) {
                rows.row(
                        "peer hook",
                        hook.command(),
                        style.bad(hook.outcome()) + ", " + since(hook.endedMsAgo()) + " ago");
            }
        }
        for (CliStatus.Alert alert : CliStatusText.listed(report.alerts())) {
            if (!alert.ok()) {
                rows.row(
                        "peer alert",
                        alert.name() + " (" + alert.kind() + ")",
                        style.bad("FAILED: " + alert.outcome()));
            }
        }
    }

    void alarms() {
        for (CliStatus.Alarm alarm : CliStatusText.listed(report.alarms())) {
            if (alarm.active()) {
                rows.row(
                        style.bad("PEER ALARM"),
                        style.bad(alarm.code()) + ", " + since(alarm.agoMs()) + " ago on " + name + ": "
                                + alarm.text());
                if (alarm.remedy() != null && !alarm.remedy().isEmpty()) {
                    rows.wrapped("do there", alarm.remedy());
                }
            }
        }
    }
}
