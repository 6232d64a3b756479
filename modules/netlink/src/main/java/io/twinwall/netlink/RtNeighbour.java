/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.net.InetAddress;

/** What the kernel knows of a neighbour on one interface; {@code state} is {@code NUD_*}. */
public record RtNeighbour(int ifIndex, InetAddress address, int state) {
    /** Asked for, and nobody answered. */
    public boolean failed() {
        return state == RtConst.NUD_FAILED;
    }
}
