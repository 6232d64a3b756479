/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.MetricSink;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The states of this node as metrics: what the status shows, made at each scrape. A state is a family with a member for
 * each it may be, of which one is 1; what is not known is NaN, or no member at 1. Labels come from the configuration or
 * from lists in the code, so that there are no more of them than lines in these.
 */
final class NodeMetrics {
    private static final List<String> ROLES = names(Role.values());
    private static final List<String> READINESS = names(Readiness.values());
    private static final List<String> REACH = List.of("unknown", "answered", "silent");
    private static final List<String> PEER = List.of("alive", "lost", "never_seen");

    private final Supplier<CliStatus> status;
    private final Supplier<List<String>> ailments;
    private final String version;

    /** @param ailments why the node is not healthy; none: it is */
    NodeMetrics(Supplier<CliStatus> status, Supplier<List<String>> ailments, String version) {
        this.status = status;
        this.ailments = ailments;
        this.version = version;
    }

    /** Called by the thread that scrapes. */
    void collect(MetricSink sink) {
        CliStatus now = status.get();
        sink.info(
                "build_info",
                "1, with the version of the program and of its Java.",
                "version",
                version,
                "java",
                Runtime.version().toString());
        sink.info(
                "node_info",
                "1, with the names of both nodes and the configured role of this one.",
                "node",
                now.node(),
                "peer",
                now.peer().name(),
                "configured_role",
                now.configuredRole());
        sink.flag("healthy", "1 while /healthz answers 200.", ailments.get().isEmpty());
        own(sink, now);
        health(sink, now.health());
        peer(sink, now.peer());
        paths(sink, now.paths());
        held(sink, now);
        flows(sink, now);
        takeover(sink, now.lastTakeover());
        countdown(sink, now.countdown());
        news(sink, now);
    }

    private static void own(MetricSink sink, CliStatus now) {
        state(sink, "role_state", "1 for the role this node has.", "role", ROLES, now.role());
        sink.gauge("role_age_seconds", "How long it has had this role.", now.roleSinceMs() / 1e3);
        state(sink, "readiness_state", "1 for how good this node's copy is.", "readiness", READINESS, now.readiness());
        sink.flag("maintenance", "1: this node was told to stay out.", now.maintenance());
        sink.flag(
                "key_rolling",
                "1 while the cluster key is being replaced.",
                now.keys().rolling());
    }

    private static void health(MetricSink sink, CliStatus.Health health) {
        sink.gauge("health_priority", "The priority of this node less what its trackers take off.", health.priority());
        sink.gauge("health_penalty", "What its trackers take off.", health.penalty());
        sink.flag(
                "health_fault",
                "1: a need that is tracked as a fault is broken.",
                !health.fault().isEmpty());
        state(sink, "reach_state", "1 for whether the test addresses answer.", "state", REACH, health.reach());
    }

    private static void peer(MetricSink sink, CliStatus.Peer peer) {
        state(sink, "peer_state", "1 for whether the other node is heard.", "state", PEER, peer.state());
        state(sink, "peer_role_state", "1 for the role it says it has.", "role", ROLES, peer.role());
        state(
                sink,
                "peer_readiness_state",
                "1 for how good it says its copy is.",
                "readiness",
                READINESS,
                peer.readiness());
        sink.gauge("peer_role_age_seconds", "How long it has had its role, or at least.", seconds(peer.roleForMs()));
        sink.gauge("peer_heard_age_seconds", "Since the other node was heard.", seconds(peer.heardMsAgo()));
        sink.flag("peer_hears_this_node", "1: it says that it hears this one.", peer.hearsMe());
        sink.gauge("peer_term", "The term of its last heartbeat.", (double) peer.term());
        sink.gauge("peer_health_priority", "Its priority less what its trackers take off.", known(peer.priority()));
        sink.flag("peer_gate_open", "1: it says that it forwards.", peer.gateOpen());
        sink.flag("peer_fenced", "1: its kernel closes its gate when its agent is gone.", peer.fenced());
        sink.gauge("peer_same_version", "1: it is of this node's version.", told(peer.sameVersion()));
        sink.gauge("peer_same_configuration", "1: what is the pair's is configured alike.", told(peer.samePair()));
        Long aheadMs = peer.clockAheadMs();
        sink.gauge(
                "peer_clock_ahead_seconds",
                "By how much its clock is ahead of this host's.",
                aheadMs == null ? Double.NaN : aheadMs / 1e3);
    }

    private static void paths(MetricSink sink, List<CliStatus.Path> paths) {
        for (CliStatus.Path path : paths) {
            sink.flag(
                    "heartbeat_path_heard",
                    "1 while the other node is heard by this path.",
                    path.state().equals("HEARD"),
                    "path",
                    path.name());
            sink.gauge(
                    "heartbeat_path_heard_age_seconds",
                    "Since the other node was heard by this path.",
                    seconds(path.heardMsAgo()),
                    "path",
                    path.name());
        }
    }

    private static void held(MetricSink sink, CliStatus now) {
        CliStatus.Lease lease = now.lease();
        sink.flag("lease_armed", "1 while a short lease runs.", lease.armed());
        sink.flag("gate_open", "1 while the kernel lets this node forward.", lease.gateOpen());
        sink.gauge("lease_seconds", "How long the gate stays open after a renewal.", lease.leaseMs() / 1e3);
        sink.gauge("lease_renewed_age_seconds", "Since the gate was opened or renewed.", seconds(lease.renewedMsAgo()));
        for (CliStatus.Vip vip : now.vips()) {
            sink.flag(
                    "vip_held",
                    "1 while this node holds the virtual address.",
                    vip.held(),
                    "address",
                    vip.address(),
                    "interface",
                    vip.interfaceName());
        }
        for (CliStatus.Tracker tracker : now.trackers()) {
            sink.flag(
                    "tracker_judged",
                    "0: the tracker has not been judged yet, and counts as up.",
                    !tracker.state().equals("UNKNOWN"),
                    "tracker",
                    tracker.name());
        }
    }

    private static void flows(MetricSink sink, CliStatus now) {
        CliStatus.FlowCounts counts = now.flowCounts();
        where(sink, "active_kernel", counts.activeKernel());
        where(sink, "active_table", counts.activeTable());
        where(sink, "mirror", counts.mirror());
        where(sink, "passive_kernel", counts.passiveKernel());
        where(sink, "refused", counts.refused());
        sink.gauge("host_entries", "All entries of this host's conntrack table.", known(counts.hostEntries()));
        sink.gauge("host_entries_max", "As many as it takes (nf_conntrack_max).", known(counts.hostEntriesMax()));
        for (CliStatus.MirroredSet set : now.sets()) {
            sink.gauge(
                    "set_elements",
                    "Elements of the mirrored set, as this node knows it.",
                    set.elements(),
                    "set",
                    set.set());
            sink.gauge(
                    "set_differing",
                    "Elements of it that the passive's kernel has not, or has otherwise.",
                    known(set.differing()),
                    "set",
                    set.set());
        }
    }

    private static void where(MetricSink sink, String place, long count) {
        sink.gauge(
                "flows", "How many flows of the pair are where, as this node knows it.", known(count), "where", place);
    }

    private static void takeover(MetricSink sink, CliStatus.Takeover last) {
        sink.gauge(
                "takeover_last_age_seconds",
                "Since this node's last takeover was decided.",
                last == null ? Double.NaN : last.agoMs() / 1e3);
        sink.gauge(
                "takeover_last_ready",
                "1: its copy was complete at its last takeover.",
                last == null ? Double.NaN : last.ready() ? 1 : 0);
    }

    private static void countdown(MetricSink sink, CliStatus.Countdown countdown) {
        boolean waits = countdown != null && !countdown.vetoed();
        sink.gauge(
                "takeover_countdown_seconds",
                "Until a takeover that waits for a veto is made.",
                waits ? countdown.leftMs() / 1e3 : Double.NaN);
        sink.flag(
                "takeover_vetoed",
                "1: a takeover was vetoed, and none is made.",
                countdown != null && countdown.vetoed());
    }

    private static void news(MetricSink sink, CliStatus now) {
        Stream.concat(
                        Stream.of(AlarmCode.values()).map(AlarmCode::name),
                        Stream.of(AlarmHelp.SYNC_PATH_LOST, AlarmHelp.JOURNAL_OFF))
                .forEach(code -> sink.flag(
                        "alarm_active",
                        "1 while the cause of the alarm is there, or for a minute.",
                        now.alarms().stream()
                                .anyMatch(
                                        alarm -> alarm.active() && alarm.code().equals(code)),
                        "code",
                        code.toLowerCase(Locale.ROOT)));
        for (int i = 0; i < now.hooks().size(); i++) {
            CliStatus.Hook hook = now.hooks().get(i);
            double ok = hook.outcome() == null ? Double.NaN : hook.ok() ? 1 : 0;
            sink.gauge(
                    "hook_last_ok",
                    "1: the hook's last run ended well.",
                    ok,
                    "hook",
                    String.valueOf(i),
                    "command",
                    hook.command());
        }
    }

    private static void state(
            MetricSink sink, String name, String help, String label, List<String> states, String present) {
        for (String state : states) {
            sink.flag(name, help, state.equalsIgnoreCase(present), label, state);
        }
    }

    private static double told(Boolean word) {
        return word == null ? Double.NaN : word ? 1 : 0;
    }

    private static double seconds(long ms) {
        return ms < 0 ? Double.NaN : ms / 1e3;
    }

    private static double known(long value) {
        return value < 0 ? Double.NaN : (double) value;
    }

    private static List<String> names(Enum<?>[] values) {
        return Stream.of(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
