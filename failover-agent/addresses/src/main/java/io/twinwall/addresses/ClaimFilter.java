/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.linux.SocketFilter;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What the kernel lets through to {@link VipProbe}: of ARP, what comes from one of the addresses; of ICMPv6, advertisements
 * for one of them that no router passed on. With more addresses than {@link #EXACT_MAX} the kernel would want too much memory
 * for the list (net.core.optmem_max); then all ARP and all advertisements come, and {@link VipProbe} looks by itself.
 */
final class ClaimFilter {
    static final int EXACT_MAX = 100;

    private static final int ARP_SENDER_IP = 28;
    private static final int ICMPV6_TYPE = 0;
    private static final int ND_TARGET = 8;
    private static final int IPV6_HOP_LIMIT = SocketFilter.NETWORK_HEADER + 7;

    private ClaimFilter() {}

    static SocketFilter arp(List<byte[]> addresses) {
        SocketFilter filter = new SocketFilter();
        if (addresses.size() > EXACT_MAX) {
            return filter.keep();
        }
        filter.loadWord(ARP_SENDER_IP);
        for (byte[] address : addresses) {
            filter.unlessEqualSkip(ByteBuffer.wrap(address).getInt(), 1).keep();
        }
        return filter.drop();
    }

    /** The socket's data begins at the ICMPv6 header. */
    static SocketFilter icmpv6(List<byte[]> addresses) {
        SocketFilter filter = new SocketFilter();
        filter.loadByte(IPV6_HOP_LIMIT).skipIfEqual(255, 1).drop();
        filter.loadByte(ICMPV6_TYPE)
                .skipIfEqual(NeighbourFrames.NEIGHBOUR_ADVERTISEMENT, 1)
                .drop();
        if (addresses.size() > EXACT_MAX) {
            return filter.keep();
        }
        for (byte[] address : addresses) {
            ByteBuffer words = ByteBuffer.wrap(address);
            // The last word first: that is where addresses of one subnet differ. Unequal: on to the next address.
            for (int word = 3; word >= 0; word--) {
                filter.loadWord(ND_TARGET + 4 * word).unlessEqualSkip(words.getInt(4 * word), 2 * word + 1);
            }
            filter.keep();
        }
        return filter.drop();
    }
}
