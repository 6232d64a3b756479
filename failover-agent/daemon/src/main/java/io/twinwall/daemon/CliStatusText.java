/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.Locale;

/** {@code twinwall status} for people: both nodes on one screen, aligned, no colours, the same when piped. */
final class CliStatusText {
    private final StringBuilder text = new StringBuilder();

    private CliStatusText() {}

    static String render(CliStatus status) {
        CliStatusText screen = new CliStatusText();
        screen.nodes(status);
        screen.sync(status.sync());
        screen.addresses(status);
        screen.takeover(status.lastTakeover());
        return screen.text.toString();
    }

    private void nodes(CliStatus status) {
        CliStatus.Peer peer = status.peer();
        boolean heard = peer != null && !peer.state().equals("NEVER_SEEN");
        String name = peer == null ? "peer" : peer.name();
        String format = "%-12s %-" + Math.max(16, status.node().length()) + "s %s%n";
        row(format, "", status.node() + " (here)", name);
        row(format, "role", status.role(), heard ? peer.role() : "-");
        row(format, "for", duration(status.roleSinceMs()), "-");
        row(format, "term", status.term(), heard ? peer.term() : "-");
        row(format, "readiness", status.readiness(), heard ? peer.readiness() : "-");
        row(format, "configured", status.configuredRole() + ", " + status.priority(), "-");
        row(format, "link", "", link(peer));
    }

    private void sync(CliStatus.Sync sync) {
        if (sync == null) {
            return;
        }
        row("%n%-12s %s, %,d flows, %,d to send%n", "sync", sync.mode(), sync.flows(), sync.dirty());
        row("%-12s %,d deltas, %.1f ms%n", "lag", sync.lagDeltas(), sync.lagMs());
        String resync = sync.resyncProgress() < 1 ? percent(sync.resyncProgress()) + " done" : "complete";
        row("%-12s %s, %,d buckets differ%n", "resync", resync, sync.bucketsDiffering());
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
            row(
                    "%-12s drain %.1f, gate %.1f, vips %.1f, announce %.1f, in all %.1f ms%n",
                    "", phases.drainMs(), phases.gateMs(), phases.vipsMs(), phases.announceMs(), phases.totalMs());
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
            default -> peer.state().toLowerCase(Locale.ROOT) + ", heard " + duration(peer.heardMsAgo()) + " ago";
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
