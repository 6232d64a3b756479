/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.DelegatingTransport;
import io.twinwall.netlink.NlTransport;
import org.agrona.DirectBuffer;

/**
 * By which flows are put into the kernel: for a while it may have no memory for them. With a planted bug what is injected is
 * acknowledged, and now and then a flow is gone all the same.
 */
final class InjectionTransport extends DelegatingTransport {
    private static final int FORGETS_ONE_IN = 12;

    private final Host host;
    private final World world;

    InjectionTransport(NlTransport transport, Host host, World world) {
        super(transport);
        this.host = host;
        this.world = world;
    }

    @Override
    public int send(DirectBuffer buffer, int offset, int length) {
        if (world.now() < host.noMemoryUntilNs) {
            host.kernel().refuse(Errno.ENOMEM, Integer.MAX_VALUE);
        }
        int sent = super.send(buffer, offset, length);
        host.kernel().refuse(0, 0);
        if (world.bug == Bug.FLOW_DROPPED_AFTER_ACK && world.random.chance(FORGETS_ONE_IN)) {
            world.traffic.forget(host, world.random.nextInt(Traffic.KEYS));
        }
        return sent;
    }
}
