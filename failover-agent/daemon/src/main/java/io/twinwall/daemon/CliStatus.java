/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * A node's answer to {@code GET /v1/status}: the daemon fills it, {@code twinwall status} shows it. Names only get
 * added, so that scripts keep working.
 *
 * @param roleSinceMs time in this role
 * @param priority as configured; {@link Health#priority} is what it comes to
 * @param maintenance this node was told to stay out
 * @param transitions the last changes of role, newest first
 * @param lastTakeover null until one happened since the start
 */
public record CliStatus(
        String node,
        String role,
        long roleSinceMs,
        long term,
        String configuredRole,
        int priority,
        String readiness,
        boolean maintenance,
        Health health,
        FailBack failBack,
        Peer peer,
        List<Path> paths,
        Sync sync,
        Lease lease,
        List<Vip> vips,
        List<Tracker> trackers,
        Takeover lastTakeover,
        List<Transition> transitions,
        List<Hook> hooks,
        List<Alarm> alarms,
        Keys keys,
        Map<String, Long> counters,
        List<MirroredSet> sets) {
    /**
     * What this node knows of the other; {@code state} is ALIVE, LOST or NEVER_SEEN.
     *
     * @param role null, as {@code readiness}, unless it is ALIVE: what it was is not what it is
     * @param lastRole the role it was heard in last, or null
     */
    public record Peer(
            String name,
            String state,
            String role,
            long term,
            String readiness,
            long heardMsAgo,
            boolean hearsMe,
            String lastRole) {}

    /**
     * What the trackers make of this node.
     *
     * @param priority the configured one less {@code penalty}
     * @param fault the broken need that keeps the node out of service, or ""
     * @param detail what is down, or ""
     * @param reach UNKNOWN, ANSWERED or SILENT: whether the test addresses answer
     */
    public record Health(int priority, int penalty, String fault, String detail, String reach) {}

    /** Whether the role is taken back without need. */
    public record FailBack(String policy, int delayS) {}

    /**
     * A heartbeat path.
     *
     * @param kind UDP or SERIAL
     * @param state HEARD, SILENT (for the dead time), NEVER_HEARD or DOWN (no carrier)
     * @param heardMsAgo -1: never
     * @param problem what is wrong at this end, or ""
     */
    public record Path(String name, String kind, String state, long heardMsAgo, String problem) {}

    /**
     * A tracker.
     *
     * @param state UP, DOWN or UNKNOWN (not judged yet)
     * @param weight 1..254, {@code fault} or {@code none}
     * @param detail what was seen last, or ""
     */
    public record Tracker(String name, String kind, String state, String weight, String detail, long sinceMs) {}

    /** A change of role. */
    public record Transition(String from, String to, long term, String reason, long agoMs) {}

    /**
     * A hook and its last run.
     *
     * @param role the role it was run for last, or null
     * @param outcome how that ended, or null
     * @param endedMsAgo -1: never
     */
    public record Hook(
            String command,
            List<String> on,
            boolean before,
            boolean running,
            String role,
            String outcome,
            boolean ok,
            long tookMs,
            long endedMsAgo) {}

    /** The last alarm of its kind; {@code active}: its cause is still there, or it was raised within the last minute. */
    public record Alarm(String code, String text, long agoMs, boolean active) {}

    /** Replication; {@code mode} is ACTIVE, MIRROR or OFF. */
    public record Sync(
            String mode,
            long flows,
            long dirty,
            long lagDeltas,
            double lagMs,
            long bucketsDiffering,
            double resyncProgress,
            long lossWindows,
            double lossWindowMs,
            long expectations) {}

    /**
     * The cluster keys' ids.
     *
     * @param sendId the one this node sends under
     * @param accepted those it accepts
     * @param peerSendId the one the peer was heard under last, 0: never heard
     * @param rolling a rotation is under way
     */
    public record Keys(int sendId, List<Integer> accepted, int peerSendId, boolean rolling) {}

    /**
     * A mirrored set or map of nf_tables.
     *
     * @param side SOURCE, MIRROR or OFF
     * @param elements in this node's copy
     * @param differing that the passive's kernel has not, or has otherwise; -1: not known
     * @param sinceMs how long it has been equal, or not
     * @param problem why it is not mirrored, or not wholly, or ""
     */
    public record MirroredSet(String set, String side, int elements, int differing, long sinceMs, String problem) {}

    /** The kernel lease. */
    public record Lease(String mode, boolean armed, boolean gateOpen) {}

    /** A virtual address and whether this node holds it. */
    public record Vip(
            String address, @JsonProperty("interface") String interfaceName, boolean held) {}

    /** The last time this node became MASTER; {@code decidedNanoTime} is CLOCK_MONOTONIC. */
    public record Takeover(
            String reason,
            boolean planned,
            long term,
            long decidedNanoTime,
            double detectMs,
            Phases phases,
            Flows flows) {}

    /** How long each step took; {@code totalMs}: to the end of {@code announceMs}. */
    public record Phases(
            double hooksMs,
            double drainMs,
            double sourceMs,
            double gateMs,
            double vipsMs,
            double announceMs,
            double timeoutsMs,
            double totalMs) {}

    /** What the takeover found in the mirror, in the kernel, and refused by the kernel. */
    public record Flows(long mirrored, long installed, long refused) {}
}
