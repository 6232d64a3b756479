/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/**
 * Loses heartbeats that arrive at a firewall, on all of its links, and nothing else: before connection tracking and the
 * operator's rules, in a table of its own. Closing it lets them pass again.
 */
final class HeartbeatFilter implements AutoCloseable {
    private static final String TABLE = "lab_failure";

    private final String namespace;

    /** {@code percent} of them, drawn by the kernel; 100 for all. */
    HeartbeatFilter(String namespace, int percent) {
        this.namespace = namespace;
        String share = percent == 100 ? "" : "numgen random mod 100 < " + percent + " ";
        nft("""
                table inet %s {
                    chain prerouting {
                        type filter hook prerouting priority -400; policy accept;
                        udp dport %d %scounter drop
                    }
                }
                """.formatted(TABLE, LabPlan.HEARTBEAT_PORT, share));
    }

    private void nft(String script) {
        Shell.run(script, List.of("ip", "netns", "exec", namespace, "nft", "-f", "-"));
    }

    @Override
    public void close() {
        nft("delete table inet " + TABLE + "\n");
    }
}
