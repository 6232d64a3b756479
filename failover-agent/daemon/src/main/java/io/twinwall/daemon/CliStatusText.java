/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.doctor.Running;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code twinwall status} for people: both nodes on one screen, aligned; what happened is {@link CliStatusNews}'. A daemon
 * of an earlier version tells less: what it does not tell is not shown.
 */
final class CliStatusText {
    /** The mode of a node without a lease. */
    private static final String NO_FENCE = "off";

    private final CliRows rows = new CliRows();
    private final CliStyle style;

    private CliStatusText(CliStyle style) {
        this.style = style;
    }

    static String render(CliStatus status) {
        return render(status, CliStyle.PLAIN);
    }

    static String render(CliStatus status, CliStyle style) {
        CliStatusText screen = new CliStatusText(style);
        screen.nodes(status);
        screen.paths(status);
        screen.keys(status.keys());
        screen.sync(status);
        screen.sets(status.sets());
        screen.addresses(status);
        CliStatusNews news = new CliStatusNews(screen.rows, style);
        Optional<CliStatusTold> told =
                report(status).map(report -> new CliStatusTold(screen.rows, style, status.peer()));
        news.health(status);
        told.ifPresent(CliStatusTold::health);
        news.countdown(status.countdown());
        told.ifPresent(CliStatusTold::countdown);
        news.takeover(status.lastTakeover());
        news.history(status, told);
        news.receivers(status.alerts());
        told.ifPresent(CliStatusTold::failures);
        told.ifPresent(CliStatusTold::age);
        news.alarms(status.alarms());
        told.ifPresent(CliStatusTold::alarms);
        return screen.rows.text();
    }

    /** What the peer told of itself: not before it does, and never one of an earlier version. */
    private static Optional<PeerReport> report(CliStatus status) {
        return Optional.ofNullable(status.peer()).map(CliStatus.Peer::report);
    }

    private static Optional<PeerReport> current(CliStatus status) {
        return report(status).filter(PeerReport::current);
    }

    private void nodes(CliStatus status) {
        CliStatus.Peer peer = status.peer();
        boolean alive = peer != null && peer.state().equals("ALIVE");
        int width = Math.max(16, status.node().length() + 7);
        rows.columns("", style.bold(status.node()) + " (here)", width, style.bold(peer == null ? "peer" : peer.name()));
        rows.columns("role", role(status.role()), width, alive ? role(peer.role()) : "-");
        rows.columns("for", duration(status.roleSinceMs()), width, alive ? peerFor(peer) : "-");
        rows.columns("term", String.valueOf(status.term()), width, alive ? String.valueOf(peer.term()) : "-");
        rows.columns("readiness", readiness(status.readiness()), width, alive ? readiness(peer.readiness()) : "-");
        rows.columns("gate", gate(status.lease()), width, alive ? peerGate(peer) : "-");
        rows.columns(
                "health", health(status), width, alive && peer.priority() > 0 ? String.valueOf(peer.priority()) : "-");
        rows.columns(
                "configured",
                status.configuredRole() + ", " + status.priority(),
                width,
                report(status)
                        .map(told -> told.configuredRole() + ", " + told.priority())
                        .orElse("-"));
        failBack(status, width);
        rows.columns("link", "", width, link(peer));
        unlike(peer);
    }

    private void failBack(CliStatus status, int width) {
        String here = failBack(status.failBack());
        String there = report(status).map(told -> failBack(told.failBack())).orElse("");
        if (!here.isEmpty() || !there.isEmpty()) {
            rows.columns("fail-back", here.isEmpty() ? "never" : here, width, there.isEmpty() ? "-" : there);
        }
    }

    private static String failBack(CliStatus.FailBack failBack) {
        if (failBack == null || failBack.policy().equals("never")) {
            return "";
        }
        return failBack.policy() + (failBack.policy().equals("priority") ? ", " + failBack.delayS() + " s" : "");
    }

    private String role(String role) {
        return switch (role) {
            case "MASTER", "BACKUP" -> style.good(role);
            case "FAULT" -> style.bad(role);
            default -> style.warn(role);
        };
    }

    private String readiness(String readiness) {
        return style.goodIf(readiness.equals("READY"), readiness);
    }

    private static String peerFor(CliStatus.Peer peer) {
        if (peer.changes() == null || peer.roleForMs() < 0) {
            return "-";
        }
        return (peer.roleForLeast() ? "at least " : "") + duration(peer.roleForMs());
    }

    private static String gate(CliStatus.Lease lease) {
        if (lease == null) {
            return "-";
        }
        return lease.gateOpen() ? "open" + (lease.armed() ? ", fenced" : "") : "closed";
    }

    private static String peerGate(CliStatus.Peer peer) {
        if (peer.changes() == null) {
            return "-";
        }
        return peer.gateOpen() ? "open" + (peer.fenced() ? ", fenced" : "") : "closed";
    }

    private String health(CliStatus status) {
        CliStatus.Health health = status.health();
        if (health == null) {
            return "-";
        }
        String priority = String.valueOf(health.priority());
        return health.penalty() > 0 ? style.warn(priority) : priority;
    }

    private String link(CliStatus.Peer peer) {
        if (peer == null) {
            return "-";
        }
        return switch (peer.state()) {
            case "ALIVE" ->
                style.good("alive") + ", heard " + peer.heardMsAgo() + " ms ago, "
                        + (peer.hearsMe() ? "hears us" : style.bad("IS DEAF TO US"));
            case "NEVER_SEEN" -> style.bad("never seen");
            default ->
                style.bad("LOST") + ", not heard for " + duration(peer.heardMsAgo())
                        + (peer.lastRole() == null ? "" : ", was " + peer.lastRole() + " then");
        };
    }

    /** In what the peer is not like this node, where it should be. */
    private void unlike(CliStatus.Peer peer) {
        if (peer == null) {
            return;
        }
        List<String> words = new ArrayList<>();
        if (Boolean.FALSE.equals(peer.sameVersion())) {
            words.add("is of another version");
        }
        if (Boolean.FALSE.equals(peer.samePair())) {
            words.add("has another configuration of the pair");
        }
        if (peer.clockAheadMs() != null && Math.abs(peer.clockAheadMs()) > Running.Peer.CLOCK_MS) {
            long ms = peer.clockAheadMs();
            words.add("has a clock " + duration(Math.abs(ms)) + (ms > 0 ? " ahead" : " behind"));
        }
        if (!words.isEmpty()) {
            rows.row("unlike", style.warn(peer.name() + " " + String.join(", ", words)));
        }
    }

    private void paths(CliStatus status) {
        Optional<PeerReport> report = current(status);
        for (CliStatus.Path path : listed(status.paths())) {
            String state = style.goodIf(path.state().equals("HEARD"), lower(path.state()));
            String heard = path.heardMsAgo() < 0 ? "" : " " + duration(path.heardMsAgo()) + " ago";
            String sending = path.sending() == null
                    ? ""
                    : "; out: " + style.goodIf(path.sending().equals("WORKS"), lower(path.sending()));
            rows.row(
                    "path",
                    path.name() + " (" + lower(path.kind()) + ")",
                    "in: " + state + heard + sending + there(path, report));
            if (path.problem() != null && !path.problem().isEmpty()) {
                rows.row("", path.problem());
            }
        }
    }

    /** How the peer hears by the path of this name; paths that have another there are not told. */
    private String there(CliStatus.Path path, Optional<PeerReport> report) {
        return report.stream()
                .flatMap(told -> told.paths().stream())
                .filter(one -> one.name().equals(path.name()))
                .map(one -> ", " + style.goodIf(one.state().equals("HEARD"), lower(one.state())) + " there")
                .findFirst()
                .orElse("");
    }

    private void keys(CliStatus.Keys keys) {
        if (keys != null) {
            rows.row("key", keys.sendId() + (keys.rolling() ? ", rolling, accepted: " + keys.accepted() : ""));
        }
    }

    private void sync(CliStatus status) {
        CliStatus.Sync sync = status.sync();
        if (sync == null) {
            return;
        }
        boolean mirror = sync.mode().equals("MIRROR");
        rows.gap();
        rows.row(
                "sync",
                CliRows.format(
                        "%s, %,d flows, %,d %s",
                        sync.mode(), sync.flows(), sync.dirty(), mirror ? "to apply" : "to send"));
        // Of what the passive has not applied it does not know how old it is.
        rows.row("lag", CliRows.format("%,d deltas", sync.lagDeltas()) + (mirror ? "" : ms(sync.lagMs())));
        String resync = sync.resyncProgress() < 1 ? percent(sync.resyncProgress()) + " done" : "complete";
        rows.row(
                "resync",
                style.goodIf(sync.bucketsDiffering() == 0 && sync.resyncProgress() >= 1, resync)
                        + CliRows.format(", %,d buckets differ", sync.bucketsDiffering()));
        if (sync.expectations() > 0) {
            rows.row("expected", CliRows.format("%,d connections", sync.expectations()));
        }
        if (sync.lossWindows() > 0) {
            rows.row(
                    "lost events",
                    CliRows.format("%,d loss windows, %.1f ms in all", sync.lossWindows(), sync.lossWindowMs()));
        }
        counts(status.flowCounts());
    }

    private static String ms(double ms) {
        return CliRows.format(", %.1f ms", ms);
    }

    private void counts(CliStatus.FlowCounts counts) {
        if (counts == null) {
            return;
        }
        if (counts.activeTable() >= 0 || counts.mirror() >= 0) {
            String refused = count(counts.refused()) + " refused";
            rows.row(
                    "flows",
                    "active " + count(counts.activeKernel()) + " in kernel, " + count(counts.activeTable())
                            + " in table; passive " + count(counts.mirror()) + " in mirror, "
                            + count(counts.passiveKernel()) + " in kernel, "
                            + (counts.refused() > 0 ? style.bad(refused) : refused));
        }
        if (counts.hostEntriesMax() > 0) {
            boolean full = counts.hostEntries() > counts.hostEntriesMax() * 9 / 10;
            String host =
                    count(counts.hostEntries()) + " of " + count(counts.hostEntriesMax()) + " entries in this kernel";
            rows.row("host", full ? style.bad(host) : host);
        }
    }

    private static String count(long value) {
        return value < 0 ? "?" : CliRows.format("%,d", value);
    }

    private void sets(List<CliStatus.MirroredSet> sets) {
        for (CliStatus.MirroredSet set : listed(sets)) {
            String state = set.differing() < 0
                    ? style.warn("peer not known")
                    : set.differing() == 0
                            ? style.good("equal for " + duration(set.sinceMs()))
                            : style.warn(CliRows.format("%,d differ", set.differing()));
            rows.row("set", set.set(), CliRows.format("%,d elements, ", set.elements()) + state);
            if (!set.problem().isEmpty()) {
                rows.row("", style.bad(set.problem()));
            }
        }
    }

    private void addresses(CliStatus status) {
        CliStatus.Lease lease = status.lease();
        if (lease != null) {
            String armed = lease.armed() ? "armed" : "not armed";
            String length = lease.leaseMs() > 0 ? ", " + lease.leaseMs() + " ms" : "";
            rows.gap();
            String there = current(status)
                    .map(told ->
                            "; " + status.peer().name() + ": " + (told.lease().armed() ? "armed" : "not armed"))
                    .orElse("");
            rows.row(
                    "lease",
                    lease.mode() + ", " + armed + ", gate " + (lease.gateOpen() ? "open" : "closed") + length + there);
        }
        for (CliStatus.Vip vip : listed(status.vips())) {
            rows.row("vip", vip.address(), CliStyle.pad(vip.interfaceName(), 15) + " " + holder(vip, status));
        }
    }

    /** What the peer told before it had its present role, or did not tell, does not say what it holds. */
    private String holder(CliStatus.Vip vip, CliStatus status) {
        CliStatus.Peer peer = status.peer();
        Optional<PeerReport> report =
                current(status).filter(told -> told.role().equals(peer.role()) && told.term() == peer.term());
        boolean there = report.stream()
                .flatMap(told -> told.vips().stream())
                .anyMatch(one -> one.held() && one.address().equals(vip.address()));
        boolean active = status.role().equals("MASTER");
        if (!vip.held()) {
            if (there) {
                return "held by " + peer.name();
            }
            if (report.isEmpty()) {
                return active ? style.warn("not held") : "-";
            }
            // A peer that has none of them may have told as it took over.
            boolean comes = !active
                    && peer.role().equals("MASTER")
                    && report.get().vips().stream().noneMatch(CliStatus.Vip::held);
            return comes ? "-" : style.warn("held by neither");
        }
        boolean forwards = forwards(status.role(), status.lease());
        if (there && forwards && forwards(report.get().role(), report.get().lease())) {
            return style.bad("HELD BY BOTH");
        }
        if (active) {
            String also = "; ALSO BY " + peer.name() + ", WHICH IS NOT ACTIVE";
            return style.good("held") + (there ? style.bad(also) : "");
        }
        return forwards ? style.warn("held since before the restart") : style.bad("HELD, THOUGH NOT ACTIVE");
    }

    /**
     * An agent that was restarted goes on forwarding with an open gate until it is active or has heard of another. Without a fence a gate
     * is always open, and says nothing.
     */
    private static boolean forwards(String role, CliStatus.Lease lease) {
        return role.equals("MASTER")
                || (lease != null && lease.gateOpen() && !lease.mode().equals(NO_FENCE));
    }

    /** A daemon of an earlier version tells less. */
    static <T> List<T> listed(List<T> list) {
        return list == null ? List.of() : list;
    }

    static String lower(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', ' ');
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
        return CliRows.format("%.0f %%", Math.floor(part * 100));
    }
}
