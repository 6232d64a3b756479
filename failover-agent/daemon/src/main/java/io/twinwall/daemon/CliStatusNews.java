/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.List;
import java.util.Optional;

/** The part of {@link CliStatusText} that tells what happened, what is wrong, and what to do about it. */
final class CliStatusNews {
    private static final int CHANGES_SHOWN = 5;

    private final CliRows rows;
    private final CliStyle style;

    CliStatusNews(CliRows rows, CliStyle style) {
        this.rows = rows;
        this.style = style;
    }

    void health(CliStatus status) {
        CliStatus.Health health = status.health();
        boolean ill = health != null
                && (health.penalty() > 0
                        || !health.fault().isEmpty()
                        || !health.detail().isEmpty());
        boolean asked = health != null && !health.reach().equals("UNKNOWN");
        if (ill || asked || !CliStatusText.listed(status.trackers()).isEmpty()) {
            rows.gap();
        }
        if (ill) {
            rows.row("health", health(health, style));
        }
        if (asked) {
            rows.row(
                    "reach",
                    "test addresses "
                            + (health.reach().equals("ANSWERED") ? style.good("answer") : style.bad("DO NOT ANSWER")));
        }
        for (CliStatus.Tracker tracker : CliStatusText.listed(status.trackers())) {
            tracker("track", tracker, CliStatusText.duration(tracker.sinceMs()), false, rows, style);
        }
    }

    static String health(CliStatus.Health health, CliStyle style) {
        String fault = health.fault().isEmpty() ? "" : ", " + style.bad("FAULT: " + health.fault());
        String detail = health.detail().isEmpty() ? "" : ", down: " + health.detail();
        return "priority " + health.priority() + " (less " + health.penalty() + ")" + fault + detail;
    }

    /** {@code was}: it is how it was when its node was lost. */
    static void tracker(
            String label, CliStatus.Tracker tracker, String since, boolean was, CliRows rows, CliStyle style) {
        String detail = tracker.detail().isEmpty() ? "" : ", " + tracker.detail();
        String state = was ? "was " + CliStatusText.lower(tracker.state()) : state(tracker.state(), style);
        rows.row(label, tracker.name(), CliStyle.pad(state, 8) + " for " + since + detail);
    }

    private static String state(String state, CliStyle style) {
        String word = CliStatusText.lower(state);
        return switch (state) {
            case "UP" -> style.good(word);
            case "DOWN" -> style.bad(word);
            default -> style.warn(word);
        };
    }

    void countdown(CliStatus.Countdown countdown) {
        if (countdown == null) {
            return;
        }
        rows.gap();
        rows.row(
                style.bad("COUNTDOWN"),
                countdown.vetoed()
                        ? "vetoed: no takeover until an active node is heard, or this one is promoted"
                        : "takes over in " + CliStatusText.duration(countdown.leftMs())
                                + "; twinwall veto keeps it from that");
    }

    void takeover(CliStatus.Takeover last) {
        if (last == null) {
            return;
        }
        rows.gap();
        String kind = last.planned() ? "planned" : "unplanned";
        rows.row(
                "takeover",
                kind + ", " + last.reason() + ", term " + last.term()
                        + CliRows.format(", seen after %.1f ms", last.detectMs()));
        CliStatus.Phases phases = last.phases();
        if (phases != null) {
            String hooks = phases.hooksMs() > 0 ? CliRows.format("hooks %.1f, ", phases.hooksMs()) : "";
            rows.row(
                    "",
                    hooks
                            + CliRows.format(
                                    "drain %.1f, source %.1f, gate %.1f, vips %.1f, announce %.1f, in all %.1f ms;"
                                            + " timeouts %.1f ms",
                                    phases.drainMs(),
                                    phases.sourceMs(),
                                    phases.gateMs(),
                                    phases.vipsMs(),
                                    phases.announceMs(),
                                    phases.totalMs(),
                                    phases.timeoutsMs()));
        }
        CliStatus.Flows flows = last.flows();
        if (flows != null) {
            rows.row(
                    "",
                    CliRows.format(
                            "%,d flows mirrored, %,d installed, %,d refused",
                            flows.mirrored(), flows.installed(), flows.refused()));
        }
        for (String failure : CliStatusText.listed(last.failures())) {
            rows.row("", style.bad("FAILED " + failure));
        }
    }

    static String change(CliStatus.Transition change, String since) {
        return change.from() + " -> " + change.to() + ", term " + change.term() + ", " + since + " ago: "
                + change.reason();
    }

    static String heard(CliStatus.PeerChange change) {
        return change.from() + " -> " + change.to() + ", term " + change.term() + ", "
                + CliStatusText.duration(change.agoMs()) + " ago";
    }

    /** {@code told}: what the peer says of its own. */
    void history(CliStatus status, Optional<CliStatusTold> told) {
        List<CliStatus.Transition> changes = CliStatusText.listed(status.transitions());
        List<CliStatus.PeerChange> peers = status.peer() == null
                ? List.of()
                : CliStatusText.listed(status.peer().changes());
        if (!changes.isEmpty()
                || !peers.isEmpty()
                || told.isPresent()
                || !CliStatusText.listed(status.hooks()).isEmpty()) {
            rows.gap();
        }
        String label = "changes";
        for (CliStatus.Transition change : changes.stream().limit(CHANGES_SHOWN).toList()) {
            rows.row(label, change(change, CliStatusText.duration(change.agoMs())));
            label = "";
        }
        if (told.isPresent()) {
            told.get().changes(peers);
        } else {
            label = "peer heard";
            for (CliStatus.PeerChange change :
                    peers.stream().limit(CHANGES_SHOWN).toList()) {
                rows.row(label, heard(change));
                label = "";
            }
        }
        for (CliStatus.Hook hook : CliStatusText.listed(status.hooks())) {
            String last = hook.outcome() == null
                    ? "not run yet"
                    : style.goodIf(hook.ok(), hook.outcome()) + ", for " + hook.role() + ", "
                            + CliStatusText.duration(hook.endedMsAgo()) + " ago";
            rows.row("hook", hook.command(), last + (hook.running() ? ", running now" : ""));
        }
    }

    void receivers(List<CliStatus.Alert> alerts) {
        for (CliStatus.Alert alert : CliStatusText.listed(alerts)) {
            String waiting = alert.waiting() > 0 ? ", " + alert.waiting() + " waiting" : "";
            String lost = alert.lost() > 0 ? ", " + style.bad(alert.lost() + " LOST") : "";
            rows.row(
                    "alert",
                    alert.name() + " (" + alert.kind() + ")",
                    CliRows.format("%,d sent", alert.sent()) + waiting + lost);
            if (!alert.ok()) {
                String ago = alert.endedMsAgo() < 0 ? "" : " " + CliStatusText.duration(alert.endedMsAgo()) + " ago";
                rows.row("", style.bad("FAILED" + ago + ": " + alert.outcome()));
            }
        }
    }

    void alarms(List<CliStatus.Alarm> alarms) {
        List<CliStatus.Alarm> active = CliStatusText.listed(alarms).stream()
                .filter(CliStatus.Alarm::active)
                .toList();
        if (!active.isEmpty()) {
            rows.gap();
        }
        for (CliStatus.Alarm alarm : active) {
            rows.row(
                    style.bad("ALARM"),
                    style.bad(alarm.code()) + ", " + CliStatusText.duration(alarm.agoMs()) + " ago: " + alarm.text());
            if (alarm.remedy() != null && !alarm.remedy().isEmpty()) {
                rows.wrapped("what to do", alarm.remedy());
            }
        }
    }
}
