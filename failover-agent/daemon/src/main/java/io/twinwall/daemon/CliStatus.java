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
        Peer peer,
        Sync sync,
        Lease lease,
        List<Vip> vips,
        Takeover lastTakeover,
        Map<String, Long> counters) {
    /** What this node knows of the other; {@code state} is ALIVE, LOST or NEVER_SEEN. */
    public record Peer(
            String name, String state, String role, long term, String readiness, long heardMsAgo, boolean hearsMe) {}

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
            double lossWindowMs) {}

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

    /** How long each step took. */
    public record Phases(double drainMs, double gateMs, double vipsMs, double announceMs, double totalMs) {}

    /** What the takeover found in the mirror, in the kernel, and refused by the kernel. */
    public record Flows(long mirrored, long installed, long refused) {}
}
