/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.netlink.RtLink;
import java.net.InetAddress;

/** Opens the sockets of an {@link AddressTracker}: for which interface, and from which address. */
final class KernelProbes implements AddressTracker.Opener {
    /** What a socket is bound to or carries in its question; {@code source} may be null. */
    private record Bound(int ifIndex, String hardwareAddress, InetAddress source) {}

    private static final int ETH_ALEN = 6;
    private static final InetAddress LINK_LOCAL = InetAddress.ofLiteral("fe80::1");

    private final TrackSpec.Address spec;
    private final NetView net;

    KernelProbes(TrackSpec.Address spec, NetView net) {
        this.spec = spec;
        this.net = net;
    }

    @Override
    public Object key(RtLink link) {
        return new Bound(link.ifIndex(), link.hardwareAddress(), source(link));
    }

    /** Where to ask from; null: ARP's probe form, no way for ND, for ICMP the kernel's choice where that cannot be a virtual address. */
    private InetAddress source(RtLink link) {
        return switch (spec.method()) {
            case ARP -> net.ownAddress(link.ifIndex(), spec.address(), true);
            case ND -> {
                InetAddress linkLocal = net.ownAddress(link.ifIndex(), LINK_LOCAL, true);
                yield linkLocal != null ? linkLocal : net.ownAddress(link.ifIndex(), spec.address(), true);
            }
            case ICMP -> net.ownAddress(link.ifIndex(), spec.address(), false);
        };
    }

    private NdProbe neighbour(RtLink link) {
        InetAddress source = source(link);
        if (source == null) {
            throw nowhere(link);
        }
        return new NdProbe(link.ifIndex(), link.name(), mac(link), source, spec.address());
    }

    private IcmpProbe echo(RtLink link) {
        InetAddress source = source(link);
        if (source == null && net.virtualOn(link.ifIndex(), spec.address())) {
            throw nowhere(link);
        }
        return new IcmpProbe(link.ifIndex(), link.name(), source, spec.address());
    }

    private Fatal nowhere(RtLink link) {
        return new Fatal(
                ExitCode.ENVIRONMENT,
                link.name() + " has no address of its own to ask "
                        + spec.address().getHostAddress() + " from");
    }

    @Override
    public Probe open(RtLink link) {
        return switch (spec.method()) {
            case ARP -> new ArpProbe(link.ifIndex(), mac(link), source(link), spec.address());
            case ND -> neighbour(link);
            case ICMP -> echo(link);
        };
    }

    private byte[] mac(RtLink link) {
        byte[] mac = link.hardwareAddress().isEmpty() ? new byte[0] : link.hardwareAddressBytes();
        if (mac.length != ETH_ALEN) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    link.name() + " has no Ethernet address: " + spec.method() + " cannot ask there");
        }
        return mac;
    }
}
