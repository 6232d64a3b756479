/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.List;

/** The ways through the firewall that every proof walks: translated at the source, at the destination, or only routed. */
enum Path {
    SNAT4(0, "snat4", Side.CLIENT, LabPlan.CLIENT_V4, LabPlan.SERVER_V4, LabPlan.SERVER_V4, LabPlan.WAN_VIP_V4),
    DNAT4(1, "dnat4", Side.SERVER, LabPlan.SERVER_V4, LabPlan.WAN_VIP_V4, LabPlan.CLIENT_V4, LabPlan.SERVER_V4),
    ROUTED4(
            2,
            "routed4",
            Side.CLIENT,
            LabPlan.CLIENT_ROUTED_V4,
            LabPlan.SERVER_V4,
            LabPlan.SERVER_V4,
            LabPlan.CLIENT_ROUTED_V4),
    ROUTED6(3, "routed6", Side.CLIENT, LabPlan.CLIENT_V6, LabPlan.SERVER_V6, LabPlan.SERVER_V6, LabPlan.CLIENT_V6);

    private static final List<Path> ALL = List.of(values());

    private final int number;
    private final String label;
    private final Side initiator;
    private final InetAddress source;
    private final InetAddress target;
    private final InetAddress service;
    private final InetAddress seenFrom;

    Path(int number, String label, Side initiator, String source, String target, String service, String seenFrom) {
        this.number = number;
        this.label = label;
        this.initiator = initiator;
        this.source = literal(source);
        this.target = literal(target);
        this.service = literal(service);
        this.seenFrom = literal(seenFrom);
    }

    /** The path of a flow, all paths in turn. */
    static Path inTurn(int flow) {
        return ALL.get(flow % ALL.size());
    }

    /** 0 for the first path, and so on; its services' ports differ by it. */
    int number() {
        return number;
    }

    String label() {
        return label;
    }

    /** The side that opens the flow. */
    Side initiator() {
        return initiator;
    }

    ProtocolFamily family() {
        return this == ROUTED6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    /** Where the opener binds; port 0 lets its kernel choose. */
    InetSocketAddress source() {
        return new InetSocketAddress(source, 0);
    }

    /** Where the opener connects to. */
    InetSocketAddress target(int basePort) {
        return new InetSocketAddress(target, basePort + number);
    }

    /** Where the responder listens. */
    InetSocketAddress service(int basePort) {
        return new InetSocketAddress(service, basePort + number);
    }

    /** The address the responder must see the opener come from. */
    InetAddress seenFrom() {
        return seenFrom;
    }

    private static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address, e);
        }
    }
}
