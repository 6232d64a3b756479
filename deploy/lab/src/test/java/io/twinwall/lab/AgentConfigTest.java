/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AgentConfigTest {
    private static AgentConfig config(FirewallNode node) {
        return config(node, AgentOptions.defaults());
    }

    private static AgentConfig config(FirewallNode node, AgentOptions options) {
        return new AgentConfig(
                node,
                options,
                java.nio.file.Path.of("/lab/" + node.nodeName()),
                java.nio.file.Path.of("/shm/" + node.nodeName()));
    }

    @Test
    void shouldMirrorThePeersAddressesAndNames() {
        String a = config(FirewallNode.FW_A).toml();
        String b = config(FirewallNode.FW_B).toml();
        assertTrue(a.contains("local = \"10.99.0.1:47900\"\npeer = \"10.99.0.2:47900\""), a);
        assertTrue(b.contains("local = \"10.99.0.2:47900\"\npeer = \"10.99.0.1:47900\""), b);
        assertTrue(a.contains("[peer]\nname = \"fw-b\"\nid = 2\n"), a);
        assertTrue(b.contains("[peer]\nname = \"fw-a\"\nid = 1\n"), b);
    }

    @Test
    void shouldSendHeartbeatsTheWaysThatAreAskedFor() {
        AgentOptions options = AgentOptions.defaults();
        String all = config(FirewallNode.FW_A, options).toml();
        String ipv6 = config(FirewallNode.FW_A, options.withHeartbeats(AgentOptions.Heartbeats.IPV6))
                .toml();
        String serial = config(FirewallNode.FW_A, options.withHeartbeats(AgentOptions.Heartbeats.SERIAL))
                .toml();
        assertEquals(3, paths(all), all);
        assertEquals(1, paths(ipv6), ipv6);
        assertTrue(ipv6.contains("local = \"[fd00:99::1]:47900\"\npeer = \"[fd00:99::2]:47900\""), ipv6);
        assertTrue(ipv6.contains("local = \"[fd00:99::1]:47901\"\npeer = \"[fd00:99::2]:47901\""), ipv6);
        assertEquals(1, paths(serial), serial);
        assertTrue(serial.contains("serial = \"/lab/wire-fw-a\"\n"), serial);
    }

    private static int paths(String toml) {
        return toml.split("\\[\\[path]]", -1).length - 1;
    }

    @Test
    void shouldNameEveryVip() {
        String toml = config(FirewallNode.FW_A).toml();
        for (LabPlan.Vip vip : LabPlan.vips()) {
            assertTrue(
                    toml.contains("[[vip]]\naddress = \"" + vip.address() + "\"\ninterface = \"" + vip.device() + "\""),
                    toml);
        }
    }

    @Test
    void shouldKeepStateApart() {
        for (FirewallNode node : FirewallNode.values()) {
            String toml = config(node).toml();
            assertTrue(toml.contains("[state]\ndirectory = \"/lab/" + node.nodeName() + "/state\"\n"), toml);
        }
    }
}
