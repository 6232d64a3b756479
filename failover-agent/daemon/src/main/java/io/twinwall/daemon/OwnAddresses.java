/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.conntracksync.FlowFilter;
import io.twinwall.conntracksync.SyncAgent;
import io.twinwall.conntracksync.SyncCommand;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Tells the sync agent which addresses are the node's own and not the pair's: flows that begin or end there stay here.
 * Looked up now and then, on the housekeeping thread.
 */
final class OwnAddresses {
    private static final Logger LOG = System.getLogger("twinwall.sync");

    private final Set<InetAddress> virtual;
    private final SyncAgent sync;
    private Set<InetAddress> told = Set.of();

    OwnAddresses(Collection<InetAddress> virtual, SyncAgent sync) {
        this.virtual = Set.copyOf(virtual);
        this.sync = sync;
    }

    void refresh() {
        try {
            Set<InetAddress> own = new HashSet<>();
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(OwnAddresses::withoutScope)
                    .forEach(own::add);
            own.removeAll(virtual);
            if (!own.equals(told) && sync.offer(new SyncCommand.OwnAddresses(FlowFilter.of(own)))) {
                told = own;
            }
        } catch (SocketException e) {
            LOG.log(Level.WARNING, "the own addresses could not be listed: {0}", e.getMessage());
        }
    }

    private static InetAddress withoutScope(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
