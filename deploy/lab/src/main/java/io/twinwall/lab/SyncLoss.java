/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/** Loses packets that arrive at a firewall over the sync link, flows and heartbeats alike, until it is closed. */
final class SyncLoss implements AutoCloseable {
    private static final String TABLE = "lab_sync_loss";

    private final String namespace;

    /** {@code percent} of them, drawn by the kernel. */
    SyncLoss(String namespace, int percent) {
        this.namespace = namespace;
        nft("""
                table inet %s {
                    chain prerouting {
                        type filter hook prerouting priority -400; policy accept;
                        iifname "sync0" numgen random mod 100 < %d counter drop
                    }
                }
                """.formatted(TABLE, percent));
    }

    private void nft(String script) {
        Shell.run(script, List.of("ip", "netns", "exec", namespace, "nft", "-f", "-"));
    }

    @Override
    public void close() {
        nft("delete table inet " + TABLE + "\n");
    }
}
