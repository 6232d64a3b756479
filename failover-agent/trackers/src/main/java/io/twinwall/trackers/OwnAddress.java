/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtConst;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * Chooses where to ask from, purely. Never a virtual address: it comes and goes with the role, and the answer would go to
 * whoever has it.
 */
final class OwnAddress {
    private OwnAddress() {}

    static InetAddress choose(
            List<RtAddress> all, Set<InetAddress> virtual, int ifIndex, InetAddress target, boolean sameSubnet) {
        InetAddress other = null;
        for (RtAddress own : all) {
            if (own.ifIndex() == ifIndex
                    && own.address().getClass() == target.getClass()
                    && own.address().isLinkLocalAddress() == target.isLinkLocalAddress()
                    && !own.tentative()
                    && (own.flags() & RtConst.IFA_F_DADFAILED) == 0
                    && !virtual.contains(own.address())) {
                if (sameSubnet(own.address().getAddress(), target.getAddress(), own.prefixLength())) {
                    return own.address();
                }
                other = other == null ? own.address() : other;
            }
        }
        return sameSubnet ? null : other;
    }

    private static boolean sameSubnet(byte[] a, byte[] b, int prefixLength) {
        for (int bit = 0; bit < prefixLength; bit += 8) {
            int mask = prefixLength - bit >= 8 ? 0xff : 0xff << (8 - (prefixLength - bit)) & 0xff;
            if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
