/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.RtLink;
import io.twinwall.wire.AeronLink;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Whether a full packet of the stream fits into its link. */
final class MtuExam implements Exam {
    private static final int UDP_HEADER_BYTES = 8;
    private static final int IPV4_HEADER_BYTES = 20;
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int USUAL = 1500;

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Network network = Network.of(host);
        Set<String> told = new HashSet<>();
        for (Plan.Link link : plan.links()) {
            Optional<RtLink> way = network.way(link);
            int least = AeronLink.MTU_BYTES + UDP_HEADER_BYTES + (link.ipv4() ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES);
            boolean small = link.use() == Plan.Use.STREAM
                    && way.isPresent()
                    && way.get().mtu() > 0
                    && way.get().mtu() < least;
            if (small && told.add(way.get().name())) {
                found.warning(
                        "path-mtu",
                        way.get().name() + ", the interface of " + link.title() + ", has an MTU of "
                                + way.get().mtu() + "; full packets of the stream have " + least + " bytes.",
                        "They are cut into fragments, or do not arrive at all while small ones do: the copy then never"
                                + " becomes complete.",
                        Remedy.run("ip link set dev " + Shell.quoted(way.get().name()) + " mtu " + USUAL)
                                .saying("The same on the other host and on what lies between; and in the hosts' own"
                                        + " network configuration."));
            }
        }
    }
}
