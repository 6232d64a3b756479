/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtPrefix;
import java.util.List;
import java.util.stream.Collectors;

/** Whether each virtual address has its place on this host, and nobody but the agent puts it there. */
final class VipExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Network network = Network.of(host);
        for (Plan.Vip vip : plan.vips()) {
            List<RtLink> places = network.places(plan, vip);
            if (places.size() == 1) {
                up(vip, places.getFirst(), found);
                net(plan, network, vip, places.getFirst(), found);
            } else {
                noPlace(vip, places, found);
            }
            foreign(host, plan, network, vip, found);
        }
    }

    private static void noPlace(Plan.Vip vip, List<RtLink> places, Findings found) {
        String names = places.stream().map(RtLink::name).collect(Collectors.joining(" and "));
        String what = vip.interfaceName().isEmpty()
                ? (places.isEmpty() ? "No interface has" : names + " each have") + " an address in the net of "
                        + vip.text() + "."
                : "There is no interface " + vip.interfaceName() + " for " + vip.text() + ".";
        found.error(
                "vip-interface",
                what,
                "This node cannot hold the address: as an active it serves nobody there.",
                Remedy.advice("Make the interface, or name the right one as interface of the [[vip]] in both"
                        + " configurations."));
    }

    private static void up(Plan.Vip vip, RtLink link, Findings found) {
        if ((link.flags() & RtConst.IFF_UP) == 0) {
            found.error(
                    "vip-interface-down",
                    link.name() + ", the interface of " + vip.text() + ", is set down.",
                    "This node cannot serve the address.",
                    Remedy.run("ip link set dev " + Shell.quoted(link.name()) + " up"));
        } else if (!link.carrier()) {
            found.error(
                    "vip-interface-down",
                    link.name() + ", the interface of " + vip.text() + ", has no carrier.",
                    "This node cannot serve the address.",
                    Remedy.advice("Look at the cable and at the port of the switch."));
        }
    }

    private static void net(Plan plan, Network network, Plan.Vip vip, RtLink link, Findings found) {
        RtPrefix net = new RtPrefix(vip.address(), vip.prefixLength());
        List<RtAddress> around = network.own(plan).stream()
                .filter(one -> one.ifIndex() == link.ifIndex())
                .filter(one -> net.contains(one.address()) || one.prefix().contains(vip.address()))
                .toList();
        if (around.isEmpty()) {
            found.note(
                    "vip-own-address",
                    link.name() + " has no address of this host's own in the net of " + vip.text() + ".",
                    "A passive cannot ask there for neighbours or test addresses by ND or ICMP, and cannot be reached.",
                    Remedy.advice("Give each host an address of its own there, beside the virtual one."));
        } else if (around.stream().noneMatch(one -> one.prefixLength() == vip.prefixLength())) {
            RtAddress own = around.getFirst();
            found.warning(
                    "vip-prefix",
                    "The virtual address is " + vip.text() + ", this host's own address on " + link.name() + " "
                            + own.address().getHostAddress() + "/" + own.prefixLength() + ".",
                    "One of the two prefix lengths is wrong: a part of the net is then reached by the wrong way, or not"
                            + " at all.",
                    prefix(plan, vip, own));
        }
    }

    private static Remedy prefix(Plan plan, Plan.Vip vip, RtAddress own) {
        if (!own.prefix().contains(vip.address())) {
            return Remedy.advice("By its own prefix length this host does not reach the virtual address: correct that"
                    + " of the host's own address.");
        }
        String right = vip.text().replaceFirst("/[0-9]+$", "/" + own.prefixLength());
        return Remedy.run("sed -i 's|\"" + vip.text() + "\"|\"" + right + "\"|' "
                        + Shell.quoted(plan.files().configuration()))
                .saying("If the host's own address is the right one. On both nodes; then restart the passive's daemon,"
                        + " switch over, and restart the other.");
    }

    /** Kernels before 5.18 do not tell who put an address there; then nobody but the agent may while it is active. */
    private static void foreign(Host host, Plan plan, Network network, Plan.Vip vip, Findings found) throws Unanswered {
        boolean tells = !KernelRelease.of(host).before(5, 18);
        boolean mayBeOurs = !tells && host.daemon().isPresent();
        for (RtAddress one : network.addresses()) {
            if (one.address().equals(vip.address()) && one.protocol() != plan.vipMark() && !mayBeOurs) {
                String where = network.link(one.ifIndex()).map(RtLink::name).orElse("?");
                String address = one.address().getHostAddress() + "/" + one.prefixLength();
                found.error(
                        "vip-static",
                        "The virtual address " + address + " is on " + where + ", and not the agent put it there.",
                        "Both hosts then have it at once, or this one has it when it must not: two with one address"
                                + " serve nobody.",
                        Remedy.run("ip address del " + address + " dev " + Shell.quoted(where))
                                .saying("And take it out of the host's own network configuration."));
            }
        }
    }
}
