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
 * @param flowCounts how many flows are where
 * @param takeovers the last ones that this node made, newest first
 * @param version of the daemon
 * @param pairDigest a word for what of its configuration must be the same on both nodes
 * @param configDigest a word for the whole of it, as it runs
 * @param alerts each receiver, in the configuration's order
 * @param countdown null unless a takeover waits for a veto, or was vetoed
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
        List<MirroredSet> sets,
        FlowCounts flowCounts,
        List<Takeover> takeovers,
        String version,
        String pairDigest,
        String configDigest,
        List<Alert> alerts,
        Countdown countdown) {
    /** The same without {@link #counters}, which are most of it. */
    CliStatus withoutCounters() {
        return new CliStatus(
                node,
                role,
                roleSinceMs,
                term,
                configuredRole,
                priority,
                readiness,
                maintenance,
                health,
                failBack,
                peer,
                paths,
                sync,
                lease,
                vips,
                trackers,
                lastTakeover,
                transitions,
                hooks,
                alarms,
                keys,
                Map.of(),
                sets,
                flowCounts,
                takeovers,
                version,
                pairDigest,
                configDigest,
                alerts,
                countdown);
    }

    /**
     * What this node knows of the other by its heartbeats; {@code state} is ALIVE, LOST or NEVER_SEEN. What is not in a
     * heartbeat, as its trackers and addresses, is in its report.
     *
     * @param role null, as {@code readiness}, unless it is ALIVE: what it was is not what it is
     * @param lastRole the role it was heard in last, or null
     * @param roleForMs how long it has had its role, -1: not known; an active one says so itself
     * @param roleForLeast its role is as old as that at least: this node did not hear it begin
     * @param priority its own less what its trackers take off, -1: not known
     * @param gateOpen it forwards
     * @param fenced its kernel closes its gate when its agent is gone; false where it is not active
     * @param changes of its role, as this node heard them, newest first
     * @param sameVersion whether it is of this node's version; null, as the next two, unless it is ALIVE and tells
     * @param samePair whether it runs with the same of what is the pair's in the configuration
     * @param clockAheadMs by how much its wall clock is ahead of this node's
     * @param report what it told of itself last, also when it is not ALIVE any more; null until it did
     */
    public record Peer(
            String name,
            String state,
            String role,
            long term,
            String readiness,
            long heardMsAgo,
            boolean hearsMe,
            String lastRole,
            long roleForMs,
            boolean roleForLeast,
            int priority,
            boolean gateOpen,
            boolean fenced,
            List<PeerChange> changes,
            Boolean sameVersion,
            Boolean samePair,
            Long clockAheadMs,
            PeerReport report) {}

    /** A change of the peer's role, when this node first heard of the new one. */
    public record PeerChange(String from, String to, long term, long agoMs) {}

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
     * @param sending WORKS, FAILS (open, but does not send) or CLOSED: this end only; how the peer hears by it is in its
     *     report
     * @param sent heartbeats sent by it since the start
     * @param received datagrams received by it since the start, authentic or not
     */
    public record Path(
            String name,
            String kind,
            String state,
            long heardMsAgo,
            String problem,
            String sending,
            long sent,
            long received) {}

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

    /**
     * The last alarm of its kind; {@code active}: its cause is still there, or it was raised within the last minute.
     *
     * @param remedy what to do, a sentence
     */
    public record Alarm(String code, String text, long agoMs, boolean active, String remedy) {
        static Alarm of(String code, String text, long agoMs, boolean active) {
            return new Alarm(code, text, agoMs, active, AlarmHelp.remedy(code));
        }
    }

    /**
     * Replication; {@code mode} is ACTIVE, MIRROR or OFF.
     *
     * @param lagDeltas on the active what the peer's kernel has not confirmed; on the passive what waits for its own
     * @param lagMs age of the oldest of them, which the active alone knows
     */
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

    /**
     * How many flows are where; -1: not known to this node. What the peer tells is as old as its last word: of mirrors a
     * tenth of a second, of comparisons some seconds, see {@code twinwall verify}.
     *
     * @param activeKernel of the pair's in the active's kernel, when it was compared last
     * @param activeTable replicated by the active
     * @param mirror in the passive's table
     * @param passiveKernel of these in its kernel
     * @param refused of these not in its kernel, since that would not take them
     * @param hostEntries all entries of this host's kernel, whoever's they are
     * @param hostEntriesMax as many as it takes
     */
    public record FlowCounts(
            long activeKernel,
            long activeTable,
            long mirror,
            long passiveKernel,
            long refused,
            long hostEntries,
            long hostEntriesMax) {}

    /**
     * A receiver of alerts.
     *
     * @param kind mail, webhook or script
     * @param to the server or program, without what may be secret
     * @param open conditions that hold, of those it wants to be told
     * @param waiting notices not delivered yet
     * @param lost notices given up since the start
     * @param outcome how the last attempt ended, or null
     * @param endedMsAgo -1: never
     */
    public record Alert(
            String name,
            String kind,
            String to,
            int open,
            int waiting,
            long sent,
            long failed,
            long lost,
            String outcome,
            boolean ok,
            long endedMsAgo) {}

    /** A takeover that is made in {@code leftMs}, or is not made since it was {@code vetoed}. */
    public record Countdown(long leftMs, boolean vetoed) {}

    /**
     * The kernel lease.
     *
     * @param leaseMs how long the gate stays open after a renewal while it is armed
     * @param renewedMsAgo -1: never
     */
    public record Lease(String mode, boolean armed, boolean gateOpen, int leaseMs, long renewedMsAgo) {}

    /** A virtual address and whether this node holds it. */
    public record Vip(
            String address, @JsonProperty("interface") String interfaceName, boolean held) {}

    /**
     * A time this node became MASTER; {@code decidedNanoTime} is CLOCK_MONOTONIC.
     *
     * @param ready its copy was complete
     * @param agoMs since it was decided
     * @param failures the steps that failed, with the reason
     */
    public record Takeover(
            String reason,
            boolean planned,
            long term,
            long decidedNanoTime,
            double detectMs,
            Phases phases,
            Flows flows,
            boolean ready,
            long agoMs,
            List<String> failures) {}

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
