/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.SocketFilter;
import io.twinwall.linux.SocketFilter.Place;

/**
 * The socket filter of the captures: ARP, neighbour advertisements and transit questions pass, all other traffic is never
 * copied, so that busy flows cost the measure nothing.
 */
final class CaptureFilter {
    private static final int ETHER_TYPE_OFFSET = 12;

    private CaptureFilter() {}

    /** Attaches the program to a raw packet socket. */
    static void attach(int fd) {
        Place keep = new Place();
        Place drop = new Place();
        Place ipv6 = new Place();
        SocketFilter program = new SocketFilter();
        program.loadHalf(ETHER_TYPE_OFFSET).ifEqual(Const.ETH_P_ARP, keep).ifEqual(Const.ETH_P_IPV6, ipv6);
        program.unlessEqual(Const.ETH_P_IP, drop).loadByte(GateFrames.TOS_OFFSET);
        program.ifEqual(GateFrames.TOS, keep).jump(drop);
        program.place(ipv6).loadByte(GateFrames.NEXT_HEADER_OFFSET).unlessEqual(GateFrames.ICMP6, drop);
        program.loadByte(GateFrames.ICMP6_OFFSET).unlessEqual(GateFrames.NEIGHBOUR_ADVERTISEMENT, drop);
        program.place(keep).keepBytes(GateFrames.BYTES_MAX).place(drop).drop();
        int result = program.attach(fd);
        if (result < 0) {
            throw Errno.fatal("SO_ATTACH_FILTER", result, "CAP_NET_RAW");
        }
    }
}
