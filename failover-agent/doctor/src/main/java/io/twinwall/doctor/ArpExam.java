/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Whether the kernel speaks for an address on the interface that has it, and on no other. */
final class ArpExam implements Exam {
    private static final long OWN_INTERFACE = 1;
    private static final long BEST_SOURCE = 2;

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        List<String> answering = new ArrayList<>();
        List<String> asking = new ArrayList<>();
        for (String name : Network.of(host).vipInterfaces(plan, true)) {
            if (below(Sysctls.greater(host, "ipv4", name, "arp_ignore"), OWN_INTERFACE)) {
                answering.add(name);
            }
            if (below(Sysctls.greater(host, "ipv4", name, "arp_announce"), BEST_SOURCE)) {
                asking.add(name);
            }
        }
        if (!answering.isEmpty()) {
            found.note(
                    "arp-ignore",
                    "arp_ignore is 0 on " + String.join(", ", answering) + ".",
                    "The active answers there for its addresses on other interfaces too. Where two of its networks are"
                            + " one segment, neighbours may learn the wrong hardware address.",
                    Sysctls.set("net/ipv4/conf/all/arp_ignore", OWN_INTERFACE));
        }
        if (!asking.isEmpty()) {
            found.note(
                    "arp-announce",
                    "arp_announce is less than 2 on " + String.join(", ", asking) + ".",
                    "The active may ask for a neighbour in the name of an address of another network, which is then"
                            + " learnt at the wrong place.",
                    Sysctls.set("net/ipv4/conf/all/arp_announce", BEST_SOURCE));
        }
    }

    private static boolean below(OptionalLong value, long least) {
        return value.isPresent() && value.getAsLong() < least;
    }
}
