/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.linux.Sysctl;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@link StatusPage}: replication, out of the sync agent's numbers; and the host's own table of connections. */
final class StatusSync {
    private static final List<String> MODES = List.of("OFF", "ACTIVE", "MIRROR");
    private static final long UNKNOWN = -1;

    private StatusSync() {}

    static CliStatus.Sync sync(Config config, Map<String, Long> values) {
        if (!config.sync().enabled()) {
            return new CliStatus.Sync("OFF", 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }
        return new CliStatus.Sync(
                MODES.get(values.get("sync_mode").intValue()),
                values.get("sync_flows"),
                values.get("sync_dirty"),
                values.get("sync_lag_deltas"),
                values.get("sync_lag_nanoseconds") / 1e6,
                values.get("sync_buckets_differing"),
                values.get("sync_resync_progress_permille") / 1000.0,
                values.get("sync_loss_windows_total"),
                values.get("sync_loss_nanoseconds_total") / 1e6,
                values.getOrDefault("sync_expectations", 0L));
    }

    /** {@code peerAlive}: else its last word of its mirror is about the past. */
    static CliStatus.FlowCounts counts(Config config, Map<String, Long> values, boolean peerAlive) {
        String mode =
                config.sync().enabled() ? MODES.get(values.get("sync_mode").intValue()) : "OFF";
        long entries = host("nf_conntrack_count");
        long entriesMax = host("nf_conntrack_max");
        return switch (mode) {
            case "ACTIVE" ->
                new CliStatus.FlowCounts(
                        compared(values, "kernel_table"),
                        values.get("sync_flows"),
                        peerAlive ? values.get("sync_peer_flows") : UNKNOWN,
                        compared(values, "mirror_kernel"),
                        peerAlive ? values.get("sync_peer_refused") : UNKNOWN,
                        entries,
                        entriesMax);
            case "MIRROR" ->
                new CliStatus.FlowCounts(
                        compared(values, "kernel_table"),
                        compared(values, "table_mirror"),
                        values.get("sync_flows"),
                        values.get("sync_inject_installed"),
                        values.get("sync_refused"),
                        entries,
                        entriesMax);
            default -> new CliStatus.FlowCounts(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, entries, entriesMax);
        };
    }

    /** Flows of the last comparison of a stage, told by whichever node compares it. */
    private static long compared(Map<String, Long> values, String stage) {
        String name = "sync_proof_" + stage;
        return values.get(name + "_differing") < 0 ? UNKNOWN : values.get(name + "_compared");
    }

    /** Of the network namespace of this thread; unknown where the kernel has no connection tracking. */
    private static long host(String name) {
        try {
            return Sysctl.readNumber("net/netfilter/" + name);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}
