/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.List;
import java.util.Locale;

/** {@code twinwall status} for people: both nodes on one screen, aligned, no colours, the same when piped. */
final class CliStatusText {
    private static final int TRANSITIONS_SHOWN = 5;

    private final StringBuilder text = new StringBuilder();

    private CliStatusText() {}

    static String render(CliStatus status) {
        CliStatusText screen = new CliStatusText();
        screen.nodes(status);
        screen.paths(status.paths());
        screen.keys(status.keys());
        screen.sync(status.sync());
        screen.sets(status.sets());
        screen.addresses(status);
        screen.health(status);
        screen.takeover(status.lastTakeover());
        screen.history(status);
        screen.alarms(status.alarms());
        return screen.text.toString();
    }

    private void nodes(CliStatus status) {
        CliStatus.Peer peer = status.peer();
        boolean alive = peer != null && peer.state().equals("ALIVE");
        String name = peer == null ? "peer" : peer.name();
        String format = "%-12s %-" + Math.max(16, status.node().length()) + "s %s%n";
        row(format, "", status.node() + " (here)", name);
        row(format, "role", status.role(), alive ? peer.role() : "-");
        row(format, "for", duration(status.roleSinceMs()), "-");
        row(format, "term", status.term(), alive ? peer.term() : "-");
        row(format, "readiness", status.readiness(), alive ? peer.readiness() : "-");
        row(format, "configured", status.configuredRole() + ", " + status.priority(), "-");
        if (status.failBack() != null && !status.failBack().policy().equals("never")) {
            String delay = status.failBack().policy().equals("priority")
                    ? ", after " + status.failBack().delayS() + " s"
                    : "";
            row(format, "fail-back", status.failBack().policy() + delay, "");
        }
        row(format, "link", "", link(peer));
    }

    private void paths(List<CliStatus.Path> paths) {
        for (CliStatus.Path path : listed(paths)) {
            String heard = path.heardMsAgo() < 0 ? "" : ", heard " + duration(path.heardMsAgo()) + " ago";
            row(
                    "%-12s %-28s %s%s%n",
                    "path", path.name() + " (" + lower(path.kind()) + ")", lower(path.state()), heard);
            if (path.problem() != null && !path.problem().isEmpty()) {
                row("%-12s %s%n", "", path.problem());
            }
        }
    }

    private void keys(CliStatus.Keys keys) {
        if (keys != null) {
            row("%-12s %d%s%n", "key", keys.sendId(), keys.rolling() ? ", rolling, accepted: " + keys.accepted() : "");
        }
    }

    private void sets(List<CliStatus.MirroredSet> sets) {
        for (CliStatus.MirroredSet set : listed(sets)) {
            String state = set.differing() < 0
                    ? "peer not known"
                    : set.differing() == 0
                            ? "equal for " + duration(set.sinceMs())
                            : String.format("%,d differ", set.differing());
            row("%-12s %-28s %,d elements, %s%n", "set", set.set(), set.elements(), state);
            if (!set.problem().isEmpty()) {
                row("%-12s %s%n", "", set.problem());
            }
        }
    }

    private void health(CliStatus status) {
        CliStatus.Health health = status.health();
        if (health != null
                && (health.penalty() > 0
                        || !health.fault().isEmpty()
                        || !health.detail().isEmpty())) {
            String fault = health.fault().isEmpty() ? "" : ", FAULT: " + health.fault();
            String detail = health.detail().isEmpty() ? "" : ", down: " + health.detail();
            row("%n%-12s priority %d (less %d)%s%s%n", "health", health.priority(), health.penalty(), fault, detail);
        }
        if (health != null && !health.reach().equals("UNKNOWN")) {
            row("%-12s test addresses %s%n", "reach", health.reach().equals("ANSWERED") ? "answer" : "DO NOT ANSWER");
        }
        for (CliStatus.Tracker tracker : listed(status.trackers())) {
            String detail = tracker.detail().isEmpty() ? "" : ", " + tracker.detail();
            row(
                    "%-12s %-28s %-8s for %s%s%n",
                    "track", tracker.name(), lower(tracker.state()), duration(tracker.sinceMs()), detail);
        }
    }

    private void history(CliStatus status) {
        String label = "%n%-12s ";
        for (CliStatus.Transition change :
                listed(status.transitions()).stream().limit(TRANSITIONS_SHOWN).toList()) {
            row(
                    label + "%s -> %s, term %d, %s ago: %s%n",
                    label.startsWith("%n") ? "changes" : "",
                    change.from(),
                    change.to(),
                    change.term(),
                    duration(change.agoMs()),
                    change.reason());
            label = "%-12s ";
        }
        for (CliStatus.Hook hook : listed(status.hooks())) {
            String last = hook.outcome() == null
                    ? "not run yet"
                    : hook.outcome() + ", for " + hook.role() + ", " + duration(hook.endedMsAgo()) + " ago";
            row("%-12s %-28s %s%s%n", "hook", hook.command(), last, hook.running() ? ", running now" : "");
        }
    }

    private void alarms(List<CliStatus.Alarm> alarms) {
        List<CliStatus.Alarm> active =
                listed(alarms).stream().filter(CliStatus.Alarm::active).toList();
        for (CliStatus.Alarm alarm : active) {
            row(
                    (alarm.equals(active.getFirst()) ? "%n" : "") + "%-12s %s, %s ago: %s%n",
                    "ALARM",
                    alarm.code(),
                    duration(alarm.agoMs()),
                    alarm.text());
        }
    }

    /** A daemon of an earlier version tells less. */
    private static <T> List<T> listed(List<T> list) {
        return list == null ? List.of() : list;
    }

    private static String lower(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void sync(CliStatus.Sync sync) {
        if (sync == null) {
            return;
        }
        String what = sync.mode().equals("MIRROR") ? "to apply" : "to send";
        row("%n%-12s %s, %,d flows, %,d %s%n", "sync", sync.mode(), sync.flows(), sync.dirty(), what);
        row("%-12s %,d deltas, %.1f ms%n", "lag", sync.lagDeltas(), sync.lagMs());
        String resync = sync.resyncProgress() < 1 ? percent(sync.resyncProgress()) + " done" : "complete";
        row("%-12s %s, %,d buckets differ%n", "resync", resync, sync.bucketsDiffering());
        if (sync.expectations() > 0) {
            row("%-12s %,d connections%n", "expected", sync.expectations());
        }
        if (sync.lossWindows() > 0) {
            row("%-12s %,d loss windows, %.1f ms in all%n", "lost events", sync.lossWindows(), sync.lossWindowMs());
        }
    }

    private void addresses(CliStatus status) {
        CliStatus.Lease lease = status.lease();
        if (lease != null) {
            String armed = lease.armed() ? "armed" : "not armed";
            row("%n%-12s %s, %s, gate %s%n", "lease", lease.mode(), armed, lease.gateOpen() ? "open" : "closed");
        }
        if (status.vips() != null) {
            for (CliStatus.Vip vip : status.vips()) {
                row("%-12s %-28s %-15s %s%n", "vip", vip.address(), vip.interfaceName(), vip.held() ? "held" : "-");
            }
        }
    }

    private void takeover(CliStatus.Takeover last) {
        if (last == null) {
            return;
        }
        String kind = last.planned() ? "planned" : "unplanned";
        row(
                "%n%-12s %s, %s, term %d, seen after %.1f ms%n",
                "takeover", kind, last.reason(), last.term(), last.detectMs());
        CliStatus.Phases phases = last.phases();
        if (phases != null) {
            String hooks = phases.hooksMs() > 0 ? String.format(Locale.ROOT, "hooks %.1f, ", phases.hooksMs()) : "";
            row(
                    "%-12s %sdrain %.1f, source %.1f, gate %.1f, vips %.1f, announce %.1f, in all %.1f ms; timeouts %.1f ms%n",
                    "",
                    hooks,
                    phases.drainMs(),
                    phases.sourceMs(),
                    phases.gateMs(),
                    phases.vipsMs(),
                    phases.announceMs(),
                    phases.totalMs(),
                    phases.timeoutsMs());
        }
        CliStatus.Flows flows = last.flows();
        if (flows != null) {
            row(
                    "%-12s %,d flows mirrored, %,d installed, %,d refused%n",
                    "", flows.mirrored(), flows.installed(), flows.refused());
        }
    }

    private static String link(CliStatus.Peer peer) {
        if (peer == null) {
            return "-";
        }
        return switch (peer.state()) {
            case "ALIVE" -> "alive, heard " + peer.heardMsAgo() + " ms ago" + (peer.hearsMe() ? "" : ", IS DEAF TO US");
            case "NEVER_SEEN" -> "never seen";
            default ->
                "LOST, not heard for " + duration(peer.heardMsAgo())
                        + (peer.lastRole() == null ? "" : ", was " + peer.lastRole() + " then");
        };
    }

    /** Two units at most, from milliseconds to days. */
    static String duration(long ms) {
        long s = ms / 1_000;
        if (s < 1) {
            return ms + " ms";
        }
        if (s < 60) {
            return s + " s";
        }
        if (s < 3_600) {
            return s / 60 + " min " + s % 60 + " s";
        }
        return s < 86_400
                ? s / 3_600 + " h " + s % 3_600 / 60 + " min"
                : s / 86_400 + " d " + s % 86_400 / 3_600 + " h";
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, "%.0f %%", Math.floor(part * 100));
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
    private void row(String format, Object... values) {
        String row = String.format(Locale.ROOT, format, values);
        // No blanks at line ends, which an empty last column would leave.
        text.append(row.replaceAll(" +\n", "\n"));
    }
}
