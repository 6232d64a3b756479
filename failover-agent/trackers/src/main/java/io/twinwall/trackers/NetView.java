/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.NETLINK_ROUTE;

import io.twinwall.base.Counter;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.NlException;
import io.twinwall.netlink.NlSocket;
import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtAddresses;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtLinks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The interfaces of this network namespace, kept current by events, and the node's own addresses, listed again when they are
 * asked for after a change. An address of the pair is never the node's own. The trackers' thread only.
 */
final class NetView implements LinkTable, AutoCloseable {
    private static final Logger LOG = System.getLogger("twinwall.trackers");
    private static final int EVENT_BYTES = 16 * 1024;
    private static final int DRAIN_ROUNDS_MAX = 10_000;

    private final Set<InetAddress> virtual;
    private final Counter lost;
    private final NlSocket linkEvents;
    private final RtLinks links;
    private final NlSocket addressEvents;
    private final RtAddresses addresses;
    private final Map<String, RtLink> byName = new HashMap<>();
    private List<RtAddress> known = List.of();
    private boolean linksStale = true;
    private boolean addressesStale = true;

    private NetView(Set<InetAddress> virtual, Counter lost) {
        this.virtual = virtual;
        this.lost = lost;
        linkEvents = NlSocket.open(NETLINK_ROUTE, 16, EVENT_BYTES);
        links = new RtLinks(NlSocket.open(NETLINK_ROUTE, 8, 32 * 1024), linkEvents);
        addressEvents = NlSocket.open(NETLINK_ROUTE, 16, EVENT_BYTES);
        addresses = RtAddresses.open();
        join(RtConst.RTNLGRP_IPV4_IFADDR);
        join(RtConst.RTNLGRP_IPV6_IFADDR);
        refreshLinks();
    }

    /** Opens sockets in the calling thread's network namespace. */
    static NetView open(Collection<InetAddress> virtual, Counter lost) {
        return new NetView(Set.copyOf(virtual), lost);
    }

    private void join(int group) {
        int joined = addressEvents.join(group);
        if (joined < 0) {
            throw Errno.fatal("join rtnetlink group " + group, joined);
        }
    }

    int linkFd() {
        return linkEvents.fd();
    }

    int addressFd() {
        return addressEvents.fd();
    }

    /** True while the kernel would not list the interfaces, so that {@link #refreshLinks} must be tried again. */
    boolean stale() {
        return linksStale;
    }

    /** Takes in the link events that wait; true when there were any. */
    boolean onLinkEvents() {
        int handled = links.poll(this::put);
        if (handled < 0) {
            lost.increment();
            LOG.log(Level.INFO, "link events were lost ({0}): listing again", Errno.name(handled));
            drain(linkEvents);
            linksStale = true;
        }
        return handled != 0;
    }

    /**
     * What still waits is older than what was lost: taken in after the list to come, it would put back an interface whose end is
     * among the lost.
     */
    private static void drain(NlSocket events) {
        for (int i = 0; i < DRAIN_ROUNDS_MAX && events.poll((buffer, offset, length) -> {}) != 0; i++) {
            // Again, also after another loss.
        }
    }

    /** Lists the interfaces anew when events were lost. */
    void refreshLinks() {
        if (!linksStale) {
            return;
        }
        try {
            List<RtLink> all = links.list();
            byName.clear();
            all.forEach(this::put);
            linksStale = false;
        } catch (NlException e) {
            LOG.log(Level.WARNING, e.getMessage());
        }
    }

    /** What changed is not read: the next one who asks lists. A takeover with many addresses costs one listing. */
    void onAddressEvents() {
        drain(addressEvents);
        addressesStale = true;
    }

    private void put(RtLink link) {
        byName.values().removeIf(old -> old.ifIndex() == link.ifIndex());
        if (!link.gone()) {
            byName.put(link.name(), link);
        }
    }

    @Override
    public RtLink link(String name) {
        return byName.get(name);
    }

    /** True when {@code address} belongs to the pair. */
    boolean virtual(InetAddress address) {
        return virtual.contains(address);
    }

    boolean anyVirtual() {
        return !virtual.isEmpty();
    }

    /** True when an address of the pair, of {@code target}'s family, is on an interface. */
    boolean virtualOn(int ifIndex, InetAddress target) {
        for (RtAddress own : own()) {
            if (own.ifIndex() == ifIndex && own.address().getClass() == target.getClass() && virtual(own.address())) {
                return true;
            }
        }
        return false;
    }

    /** The index of the interface that {@code address} is on, or 0. */
    int interfaceOf(InetAddress address) {
        for (RtAddress own : own()) {
            if (own.address().equals(address)) {
                return own.ifIndex();
            }
        }
        return 0;
    }

    /**
     * An address of the node itself on an interface, to ask {@code target} from: one of its subnet, else any of its family
     * unless {@code sameSubnet}; null when there is none.
     */
    InetAddress ownAddress(int ifIndex, InetAddress target, boolean sameSubnet) {
        return OwnAddress.choose(own(), virtual, ifIndex, target, sameSubnet);
    }

    private List<RtAddress> own() {
        if (addressesStale) {
            try {
                known = addresses.list();
                addressesStale = false;
            } catch (NlException e) {
                LOG.log(Level.WARNING, e.getMessage());
            }
        }
        return known;
    }

    @Override
    public void close() {
        links.close();
        addressEvents.close();
        addresses.close();
    }
}
