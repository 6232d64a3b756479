/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import java.util.HexFormat;

/**
 * An interface.
 *
 * @param ifIndex its index
 * @param name its name
 * @param flags {@code IFF_*}
 * @param carrier whether the driver sees the other end
 * @param operState {@code IF_OPER_*}
 * @param mtu bytes of a packet
 * @param hardwareAddress as twelve hexadecimal digits and colons, such as {@code 02:00:00:00:00:01}; "" without one
 * @param gone true for the event of its removal
 */
public record RtLink(
        int ifIndex,
        String name,
        int flags,
        boolean carrier,
        int operState,
        int mtu,
        String hardwareAddress,
        boolean gone) {
    /** Set up by the administrator and connected: what a virtual address needs. */
    public boolean usable() {
        return !gone && (flags & IFF_UP) != 0 && carrier;
    }

    /** The bytes of {@link #hardwareAddress}. */
    public byte[] hardwareAddressBytes() {
        return HexFormat.ofDelimiter(":").parseHex(hardwareAddress);
    }
}
