/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/** What an agent would do, done by hand, so that lab and traffic are proved by themselves. */
final class ByHand {
    private ByHand() {}

    /** Gives the virtual addresses to a firewall. */
    static void addVips(String namespace) {
        StringBuilder script = new StringBuilder();
        for (LabPlan.Vip vip : LabPlan.vips()) {
            script.append("address add ").append(vip.address()).append(" dev ").append(vip.device());
            script.append(vip.address().contains(":") ? " nodad\n" : "\n");
        }
        Shell.run(script.toString(), List.of("ip", "-n", namespace, "-batch", "-"));
    }

    /** Takes the virtual addresses away from a firewall. */
    static void deleteVips(String namespace) {
        StringBuilder script = new StringBuilder();
        for (LabPlan.Vip vip : LabPlan.vips()) {
            script.append("address del ")
                    .append(vip.address())
                    .append(" dev ")
                    .append(vip.device())
                    .append('\n');
        }
        // Those of IPv6 are gone already when their link went down.
        Shell.attempt(script.toString(), List.of("ip", "-n", namespace, "-force", "-batch", "-"));
    }

    /** Lets the neighbours of a namespace be asked for again. */
    static void forgetNeighbours(String namespace) {
        Shell.run("ip", "-n", namespace, "neighbour", "flush", "all");
    }

    /** Lets a firewall forget every flow. */
    static void flushFlows(String namespace) {
        Shell.run("ip", "netns", "exec", namespace, "conntrack", "-F");
    }
}
