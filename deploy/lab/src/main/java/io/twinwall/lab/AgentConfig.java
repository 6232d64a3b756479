/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.nio.file.Path;

/** The configuration file of a lab's agent; paths and addresses of the lab, all else from the caller. */
record AgentConfig(FirewallNode node, boolean sync, String profile, int flowsMax, Path directory, Path runtime) {
    Path socket() {
        return directory.resolve("admin.sock");
    }

    Path keyFile() {
        return directory.resolve("cluster.key");
    }

    String toml() {
        StringBuilder toml = new StringBuilder("""
                [cluster]
                id = 7
                key-file = "%s"

                [node]
                name = "%s"
                id = %d
                role = "%s"
                priority = %d

                [peer]
                name = "%s"
                id = %d

                """.formatted(
                        keyFile(),
                        node.nodeName(),
                        node.id(),
                        node.configuredRole(),
                        node.priority(),
                        node.peer().nodeName(),
                        node.peer().id()));
        String local = LabPlan.syncAddress(node);
        String peer = LabPlan.syncAddress(node.peer());
        toml.append("[[path]]\nname = \"sync\"\n").append(link(local, peer, LabPlan.HEARTBEAT_PORT));
        toml.append("\n[sync]\nenabled = ").append(sync).append('\n');
        toml.append(link(local, peer, LabPlan.SYNC_PORT));
        toml.append("flows-max = ").append(flowsMax).append("\nevent-buffer-mb = 64\n");
        for (LabPlan.Vip vip : LabPlan.vips()) {
            toml.append("\n[[vip]]\naddress = \"").append(vip.address());
            toml.append("\"\ninterface = \"").append(vip.device()).append("\"\n");
        }
        toml.append("""

                [timing]
                profile = "%s"

                [fence]
                mode = "when-peer-ready"

                [admin]
                socket = "%s"
                metrics = "127.0.0.1:9470"

                [runtime]
                directory = "%s"
                """.formatted(profile, socket(), runtime));
        return toml.toString();
    }

    private static String link(String local, String peer, int port) {
        return "local = \"" + local + ":" + port + "\"\npeer = \"" + peer + ":" + port + "\"\n";
    }
}
