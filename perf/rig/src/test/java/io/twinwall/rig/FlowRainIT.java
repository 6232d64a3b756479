/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabPlan;
import io.twinwall.lab.Shell;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The generator's packets are flows to a kernel: each UDP datagram one that waits, each handshake one that is established. */
@RequireRoot
class FlowRainIT {
    private static final int FLOWS = 2_000;
    private static final int PER_SECOND = 10_000;
    private static final Duration SOON = Duration.ofSeconds(10);

    @Test
    void shouldMakeEachFlowOnceAndEstablishEachHandshake() {
        try (Lab lab = Lab.create()) {
            holdAddresses(lab, FirewallNode.FW_A);
            String firewall = lab.namespace(FirewallNode.FW_A);
            try (FlowRain rain = new FlowRain(lab)) {
                rain.udp(0, FLOWS, PER_SECOND);
                Await.until("all UDP flows", SOON, () -> count(firewall, "-p", "udp") == FLOWS);
                rain.tcp(0, FLOWS, PER_SECOND);
                Await.until(
                        "all handshakes", SOON, () -> count(firewall, "-p", "tcp", "--state", "ESTABLISHED") == FLOWS);
                assertEquals(FLOWS, count(firewall, "-p", "tcp"));
                assertEquals(FLOWS, count(firewall, "-p", "udp"));
            }
        }
    }

    private static void holdAddresses(Lab lab, FirewallNode node) {
        for (LabPlan.Vip vip : LabPlan.vips()) {
            Shell.run("ip", "-n", lab.namespace(node), "address", "add", vip.address(), "dev", vip.device());
        }
    }

    private static long count(String namespace, String... filter) {
        List<String> command =
                new ArrayList<>(List.of("ip", "netns", "exec", namespace, "conntrack", "-L", "-f", "ipv4"));
        command.addAll(List.of(filter));
        return Shell.run("", command)
                .lines()
                .filter(line -> line.contains("src="))
                .count();
    }
}
