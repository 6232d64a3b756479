/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Address literals. Never a name: a firewall that waits for DNS to find its peer has failed already. Stricter than
 * {@link InetAddress#ofLiteral}, which takes {@code 10.1} and {@code fe80::1%eth0}. Each method returns null for what
 * is no such literal.
 */
final class ConfigAddress {
    private static final String OCTET = "(0|[1-9][0-9]{0,2})";
    private static final Pattern IPV4 = Pattern.compile("(" + OCTET + "\\.){3}" + OCTET);
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

    /** Two zero groups or more, with the colons around them. */
    private static final Pattern ZERO_RUN = Pattern.compile("(^|:)0(:0)+(:|$)");

    private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

    private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");

    private ConfigAddress() {}

    static InetAddress address(String text) {
        try {
            if (IPV4.matcher(text).matches()) {
                return Inet4Address.ofLiteral(text);
            }
            if (text.indexOf(':') >= 0 && IPV6.matcher(text).matches()) {
                // An IPv4-mapped literal comes back as IPv4, which the kernel's tables would not match: refuse it.
                return Inet6Address.ofLiteral(text) instanceof Inet6Address address ? address : null;
            }
        } catch (IllegalArgumentException e) {
            // Looked like one, is none.
        }
        return null;
    }

    /** {@code 10.0.0.0/8}: a net, its host bits 0. */
    static Config.Prefix prefix(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(text.substring(0, Math.max(slash, 0)));
        if (address == null || !PREFIX.matcher(text.substring(slash + 1)).matches()) {
            return null;
        }
        int length = Integer.parseInt(text.substring(slash + 1));
        boolean fits = length <= address.getAddress().length * 8 && hostBitsAll(address, length, 0);
        return fits ? new Config.Prefix(address, length) : null;
    }

    /** Whether {@code address} lies in the net of the first {@code length} bits of {@code net}. */
    static boolean inNet(InetAddress address, InetAddress net, int length) {
        byte[] one = address.getAddress();
        byte[] other = net.getAddress();
        if (one.length != other.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (((one[i / 8] ^ other[i / 8]) >> (7 - i % 8) & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    /** {@code 10.0.0.1:47900} or {@code [2001:db8::1]:47900}, port 1..65535. */
    static InetSocketAddress addressAndPort(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !PORT.matcher(text.substring(colon + 1)).matches()) {
            return null;
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        InetAddress address = address(bracketed ? host.substring(1, host.length() - 1) : host);
        if (address == null || port > 65535 || bracketed != address instanceof Inet6Address) {
            return null;
        }
        return new InetSocketAddress(address, port);
    }

    /** As {@link #addressAndPort} reads it. */
    static String text(InetSocketAddress address) {
        String host = text(address.getAddress());
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** As RFC 5952 wants an IPv6 address written: the first longest run of two zero groups or more becomes "::". */
    static String text(InetAddress address) {
        String full = address.getHostAddress();
        int zone = full.indexOf('%');
        if (!(address instanceof Inet6Address)) {
            return full;
        }
        String groups = zone < 0 ? full : full.substring(0, zone);
        String longest = "";
        for (Matcher run = ZERO_RUN.matcher(groups); run.find(); ) {
            longest = run.group().length() > longest.length() ? run.group() : longest;
        }
        if (longest.isEmpty()) {
            return groups;
        }
        int at = longest.startsWith("0") ? 0 : groups.indexOf(longest);
        return groups.substring(0, at) + "::" + groups.substring(at + longest.length());
    }

    /** True when {@code address} can be that of one host: not unspecified, multicast or the limited broadcast. */
    static boolean unicast(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isMulticastAddress()
                && !address.getHostAddress().equals("255.255.255.255");
    }

    /** True when all bits of {@code address} beyond its prefix are {@code bit}: its net's own or broadcast address. */
    static boolean hostBitsAll(InetAddress address, int prefixLength, int bit) {
        byte[] bytes = address.getAddress();
        for (int i = prefixLength; i < bytes.length * 8; i++) {
            if ((bytes[i / 8] >> (7 - i % 8) & 1) != bit) {
                return false;
            }
        }
        return true;
    }
}
