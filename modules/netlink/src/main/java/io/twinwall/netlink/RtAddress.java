/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import java.net.InetAddress;

/**
 * An address of an interface.
 *
 * @param ifIndex index of the interface
 * @param address IPv4 or IPv6
 * @param prefixLength 0..32 or 0..128
 * @param flags {@code IFA_F_*}
 * @param scope {@code RT_SCOPE_*}
 * @param preferredS seconds it may start connections, {@link #FOREVER} without end
 * @param validS seconds it lives, {@link #FOREVER} without end
 * @param protocol who put it there ({@code IFA_PROTO}), as the protocol of a route; 0 where nobody said, as on kernels
 *     before 5.18
 */
public record RtAddress(
        int ifIndex,
        InetAddress address,
        int prefixLength,
        int flags,
        int scope,
        long preferredS,
        long validS,
        int protocol) {
    /** A lifetime without end. */
    public static final long FOREVER = 0xffff_ffffL;

    /** An address without end, put to use at once: duplicate address detection would hold an IPv6 one back for a second. */
    public static RtAddress of(int ifIndex, InetAddress address, int prefixLength) {
        return new RtAddress(ifIndex, address, prefixLength, IFA_F_NODAD, RT_SCOPE_UNIVERSE, FOREVER, FOREVER, 0);
    }

    /** The same that the kernel removes by itself after {@code seconds}. */
    public RtAddress withLifetimeS(long seconds) {
        return new RtAddress(ifIndex, address, prefixLength, flags, scope, seconds, seconds, protocol);
    }

    /** The same that the kernel takes for a source of the host's own packets only when there is no other. */
    public RtAddress deprecated() {
        return new RtAddress(ifIndex, address, prefixLength, flags, scope, 0, validS, protocol);
    }

    /** The same with its prefix' route left to others. */
    public RtAddress withoutPrefixRoute() {
        return new RtAddress(
                ifIndex, address, prefixLength, flags | IFA_F_NOPREFIXROUTE, scope, preferredS, validS, protocol);
    }

    /** The same with the mark of who put it there. */
    public RtAddress withProtocol(int owner) {
        return new RtAddress(ifIndex, address, prefixLength, flags, scope, preferredS, validS, owner);
    }

    /** The subnet it is in. */
    public RtPrefix prefix() {
        return new RtPrefix(address, prefixLength);
    }

    /** True when {@code other} is the same address on the same interface, whatever its lifetime and flags. */
    public boolean sameKey(RtAddress other) {
        return ifIndex == other.ifIndex && prefixLength == other.prefixLength && address.equals(other.address);
    }

    /** True while the address may not be used because its uniqueness is not known. */
    public boolean tentative() {
        return (flags & IFA_F_TENTATIVE) != 0;
    }

    /** Interface, address and prefix length: what an error message names. */
    public String key() {
        return address.getHostAddress() + "/" + prefixLength + " on interface " + ifIndex;
    }
}
