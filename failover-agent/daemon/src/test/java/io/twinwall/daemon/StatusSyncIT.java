/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The host's own table of connections, as the kernel counts it. */
@RequireRoot
class StatusSyncIT {
    private static final int FLOWS = 12;
    private static final String TRACKED = """
            table ip tracked {
                chain input {
                    type filter hook input priority filter; policy accept;
                    ct state new accept
                }
            }
            """;

    private final Config config =
            ConfigFile.check("f.toml", ConfigSamples.SHORT).config().orElseThrow();

    @Test
    void shouldReadNumbersOfMoreThanOneDigit() throws Exception {
        try (TestNet net = new TestNet()) {
            String host = net.namespace();
            Cmd.inWithInput(host, TRACKED, "nft", "-f", "-");
            for (int port = 1; port <= FLOWS; port++) {
                String flow =
                        "conntrack -I -p udp -s 192.0.2.1 -d 192.0.2.2 --sport %d --dport 9 -t 60".formatted(port);
                Cmd.in(host, flow.split(" "));
            }
            CliStatus.FlowCounts counts =
                    NetNs.call(host, () -> StatusSync.counts(config, Map.of("sync_mode", 0L), false));
            assertEquals(FLOWS, counts.hostEntries());
            String max = Cmd.in(host, "cat", "/proc/sys/net/netfilter/nf_conntrack_max");
            assertEquals(Long.parseLong(max.strip()), counts.hostEntriesMax());
        }
    }
}
