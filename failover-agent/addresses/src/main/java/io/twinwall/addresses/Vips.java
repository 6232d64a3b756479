/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtAddresses;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtLinks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All virtual addresses of this node: they come and go together. An interface is looked up each time, since it may have
 * been made anew. Control plane; every method may be called from any one thread at a time.
 */
public final class Vips implements AutoCloseable {
    private interface Change {
        void make(RtAddress address) throws NlException;
    }

    private final List<Vip> vips;
    private final RtAddresses addresses;
    private final RtLinks links;

    private Vips(List<Vip> vips, RtAddresses addresses, RtLinks links) {
        this.vips = List.copyOf(vips);
        this.addresses = addresses;
        this.links = links;
    }

    /** Opens the sockets in the calling thread's network namespace; changes nothing. */
    public static Vips open(List<Vip> vips) {
        return new Vips(vips, RtAddresses.open(), RtLinks.open());
    }

    /** Puts every address on its interface; one that is there already is fine. Returns what failed, or "". */
    public synchronized String add() {
        return each(addresses::replace);
    }

    /** Takes every address off; one that is not there is fine. Returns what failed, or "". */
    public synchronized String remove() {
        return each(addresses::deleteIfPresent);
    }

    /** True when all of them are on their interfaces; false as well when the kernel would not say. */
    public synchronized boolean held() {
        try {
            List<RtAddress> present = addresses.list();
            List<RtLink> interfaces = links.list();
            for (Vip vip : vips) {
                Optional<RtLink> link = vip.on(interfaces);
                if (link.isEmpty()) {
                    return false;
                }
                RtAddress wanted = address(vip, link.get());
                if (present.stream().noneMatch(wanted::sameKey)) {
                    return false;
                }
            }
            return true;
        } catch (NlException e) {
            return false;
        }
    }

    @Override
    public void close() {
        addresses.close();
        links.close();
    }

    /** The rest is done even when one fails: half of the addresses serve more than none. */
    private String each(Change change) {
        List<String> problems = new ArrayList<>();
        List<RtLink> interfaces;
        try {
            interfaces = links.list();
        } catch (NlException e) {
            return e.getMessage();
        }
        for (Vip vip : vips) {
            Optional<RtLink> link = vip.on(interfaces);
            if (link.isEmpty()) {
                problems.add(vip + ": no such interface");
                continue;
            }
            try {
                change.make(address(vip, link.get()));
            } catch (NlException e) {
                problems.add(e.getMessage());
            }
        }
        return String.join("; ", problems);
    }

    private static RtAddress address(Vip vip, RtLink link) {
        return RtAddress.of(link.ifIndex(), vip.address(), vip.prefixLength());
    }
}
