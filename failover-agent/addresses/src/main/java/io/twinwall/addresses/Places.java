/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtAddresses;
import io.twinwall.netlink.RtLink;
import java.util.List;

/** Finds the places of virtual addresses in a running kernel. One thread at a time; owns its sockets. */
final class Places implements AutoCloseable {
    private final List<Vip> vips;
    private final boolean allNamed;
    private final LinkList links = new LinkList();
    private final RtAddresses addresses = RtAddresses.open();

    Places(List<Vip> vips) {
        this.vips = List.copyOf(vips);
        this.allNamed = vips.stream().allMatch(Vip::named);
    }

    /** The places as of now, in the order of the addresses; addresses are listed only where a subnet decides. */
    List<VipPlace> now() throws NlException {
        return VipPlace.of(vips, links.now(), allNamed ? List.of() : addresses.list());
    }

    List<RtLink> links() throws NlException {
        return links.now();
    }

    RtAddresses addresses() {
        return addresses;
    }

    @Override
    public void close() {
        links.close();
        addresses.close();
    }
}
