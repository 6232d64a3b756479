/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.nio.file.Path;

/** The configuration file of a lab's agent; paths and addresses of the lab, all else from the caller. */
record AgentConfig(FirewallNode node, AgentOptions options, Path directory, Path runtime) {
    private static final int TRACKER_WEIGHT = 100;

    Path socket() {
        return directory.resolve("admin.sock");
    }

    Path keyFile() {
        return directory.resolve("cluster.key");
    }

    /** Where the agent remembers its term: its own, as on a host of its own, and gone with the lab. */
    Path stateDirectory() {
        return directory.resolve("state");
    }

    /** This node's end of a {@link SerialLine}, beside the lab's agents. */
    private Path serialDevice() {
        return SerialLine.device(directory.getParent(), node);
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
        paths(toml);
        toml.append("[sync]\nenabled = ").append(options.sync()).append('\n');
        toml.append(ends(syncLink(), LabPlan.SYNC_PORT));
        toml.append("flows-max = ").append(options.flowsMax());
        toml.append("\nevent-buffer-mb = ").append(options.eventBufferMb()).append('\n');
        toml.append(options.syncMore()
                .replace("OWN", String.valueOf(node.id()))
                .replace("PEER", String.valueOf(node.peer().id())));
        for (LabPlan.Vip vip : LabPlan.vips()) {
            toml.append("\n[[vip]]\naddress = \"").append(vip.address());
            toml.append("\"\ninterface = \"").append(vip.device()).append("\"\n");
        }
        toml.append("""

                [timing]
                profile = "%s"

                [fence]
                mode = "%s"

                [admin]
                socket = "%s"
                metrics = "0.0.0.0:%d"

                [runtime]
                directory = "%s"

                [state]
                directory = "%s"
                """.formatted(
                        options.profile(), options.fence(), socket(), LabPlan.METRICS_PORT, runtime, stateDirectory()));
        toml.append("\n[takeover]\nprobe-vips = ").append(options.trackers()).append('\n');
        if (options.trackers()) {
            trackers(toml);
        }
        return toml.append('\n').append(options.more()).toString();
    }

    private void paths(StringBuilder toml) {
        switch (options.heartbeats()) {
            case ALL -> {
                for (LabPlan.Link link : LabPlan.HEARTBEAT_LINKS) {
                    path(toml, link.word(), ends(link, LabPlan.HEARTBEAT_PORT));
                }
            }
            case IPV6 -> path(toml, "sync", ends(LabPlan.Link.SYNC_V6, LabPlan.HEARTBEAT_PORT));
            case SERIAL -> path(toml, "wire", "serial = \"" + serialDevice() + "\"\n");
        }
    }

    private static void path(StringBuilder toml, String name, String ends) {
        toml.append("[[path]]\nname = \"")
                .append(name)
                .append("\"\n")
                .append(ends)
                .append('\n');
    }

    private LabPlan.Link syncLink() {
        return options.heartbeats() == AgentOptions.Heartbeats.IPV6 ? LabPlan.Link.SYNC_V6 : LabPlan.Link.SYNC;
    }

    /** Either link down takes more off than the priorities differ by, so that the better peer takes over. */
    private static void trackers(StringBuilder toml) {
        for (LabPlan.Link link : new LabPlan.Link[] {LabPlan.Link.LAN, LabPlan.Link.WAN}) {
            toml.append("""

                    [[track]]
                    name = "%s"
                    kind = "interface"
                    interface = "%s"
                    weight = %d
                    """.formatted(link.word(), link.device(), TRACKER_WEIGHT));
        }
    }

    private String ends(LabPlan.Link link, int port) {
        return "local = \"" + link.end(node, port) + "\"\npeer = \"" + link.end(node.peer(), port) + "\"\n";
    }
}
