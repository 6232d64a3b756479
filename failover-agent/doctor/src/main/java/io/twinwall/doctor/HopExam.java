/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtNeighbour;
import io.twinwall.netlink.RtPrefix;
import java.util.Optional;

/** Whether next hops are on a link of this host, and whether hosts beyond the pair have answered when they were asked last. */
final class HopExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (plan.hops().isEmpty()) {
            return;
        }
        Network network = Network.of(host);
        for (Plan.Hop hop : plan.hops()) {
            if (hop.route() && !isOnLink(plan, network, hop)) {
                found.error(
                        "route-hop",
                        "The next hop of " + hop.title() + " is in no net of this host.",
                        "The kernel refuses such a route, so it is missing after a takeover.",
                        Remedy.advice("Correct via of the [[route]], or give this host an address in that net."));
            }
            silent(host, network, hop, found);
        }
    }

    private static boolean isOnLink(Plan plan, Network network, Plan.Hop hop) {
        boolean own = network.addresses().stream()
                .filter(one -> isBy(network, one, hop))
                .anyMatch(one -> one.prefix().contains(hop.address()));
        boolean virtual = plan.vips().stream()
                .map(vip -> new RtPrefix(vip.address(), vip.prefixLength()))
                .anyMatch(net -> net.contains(hop.address()));
        return own || virtual || hop.address().isLinkLocalAddress();
    }

    private static boolean isBy(Network network, RtAddress address, Plan.Hop hop) {
        return hop.interfaceName().isEmpty()
                || network.link(address.ifIndex())
                        .map(link -> link.name().equals(hop.interfaceName()))
                        .orElse(false);
    }

    private static void silent(Host host, Network network, Plan.Hop hop, Findings found) throws Unanswered {
        Optional<Integer> by = network.link(hop.interfaceName()).map(RtLink::ifIndex);
        for (RtNeighbour neighbour : host.neighbours()) {
            if (neighbour.address().equals(hop.address())
                    && neighbour.failed()
                    && (by.isEmpty() || by.get() == neighbour.ifIndex())) {
                String name =
                        network.link(neighbour.ifIndex()).map(RtLink::name).orElse("?");
                found.warning(
                        "hop-silent",
                        hop.title() + " does not answer on " + name + ".",
                        "What goes by it does not arrive, and a node that reaches no test address does not take over.",
                        Remedy.advice("Look at that host, the cable and the port of the switch; ping -I " + name + " "
                                + hop.address().getHostAddress() + " shows when it is back."));
            }
        }
    }
}
