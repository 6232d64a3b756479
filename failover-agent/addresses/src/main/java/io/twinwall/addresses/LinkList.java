/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtLinks;
import java.util.List;

/** The interfaces as of now, listed anew only after the kernel told of a change. One thread at a time; owns its sockets. */
final class LinkList implements AutoCloseable {
    private final RtLinks links = RtLinks.open();
    private List<RtLink> known = List.of();
    private boolean listed;

    List<RtLink> now() throws NlException {
        boolean changed = false;
        // Less than 0: changes were lost, so list again.
        while (links.poll(link -> {}) != 0) {
            changed = true;
        }
        if (changed || !listed) {
            listed = false;
            known = List.copyOf(links.list());
            listed = true;
        }
        return known;
    }

    @Override
    public void close() {
        links.close();
    }
}
