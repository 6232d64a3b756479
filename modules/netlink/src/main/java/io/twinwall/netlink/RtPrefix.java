/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.base.Check;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * An address and how many of its bits count.
 *
 * @param address IPv4 or IPv6; bits behind the prefix are kept and do not count
 * @param length 0..32 or 0..128
 */
public record RtPrefix(InetAddress address, int length) {
    public RtPrefix {
        Check.inRange(length, 0, address.getAddress().length * 8L, "prefix length");
    }

    public boolean ipv4() {
        return address instanceof Inet4Address;
    }

    public int family() {
        return ipv4() ? NlConst.AF_INET : NlConst.AF_INET6;
    }

    /** True when {@code other} is of the same family and lies in the prefix. */
    public boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] theirs = other.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        int whole = length / 8;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != theirs[i]) {
                return false;
            }
        }
        int rest = length % 8;
        return rest == 0 || (mine[whole] & 0xff) >>> (8 - rest) == (theirs[whole] & 0xff) >>> (8 - rest);
    }

    /** The same prefix with all bits behind it 0, as the kernel wants the destination of a route. */
    public RtPrefix network() {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int bits = Math.clamp(length - 8L * i, 0, 8);
            bytes[i] &= (byte) (0xff00 >>> bits);
        }
        return new RtPrefix(RtAddresses.inet(bytes), length);
    }

    /** {@code 10.10.0.0/24}. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + length;
    }
}
