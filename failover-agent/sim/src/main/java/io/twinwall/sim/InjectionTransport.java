/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlTransport;
import org.agrona.DirectBuffer;

/**
 * By which flows are put into the kernel: for a while it may have no memory for them. With a planted bug what is injected is
 * acknowledged, and now and then a flow is gone all the same.
 */
record InjectionTransport(NlTransport transport, Host host, World world) implements NlTransport {
    private static final int FORGETS_ONE_IN = 12;

    @Override
    public int send(DirectBuffer buffer, int offset, int length) {
        if (world.now() < host.noMemoryUntilNs) {
            host.kernel().refuse(Errno.ENOMEM, Integer.MAX_VALUE);
        }
        int sent = transport.send(buffer, offset, length);
        host.kernel().refuse(0, 0);
        if (world.bug == Bug.FLOW_DROPPED_AFTER_ACK && world.random.chance(FORGETS_ONE_IN)) {
            world.traffic.forget(host, world.random.nextInt(Traffic.KEYS));
        }
        return sent;
    }

    @Override
    public int portId() {
        return transport.portId();
    }

    @Override
    public int join(int group) {
        return transport.join(group);
    }

    @Override
    public int leave(int group) {
        return transport.leave(group);
    }

    @Override
    public int setReceiveBuffer(int bytes) {
        return transport.setReceiveBuffer(bytes);
    }

    @Override
    public int poll(NlDatagramHandler handler) {
        return transport.poll(handler);
    }

    @Override
    public boolean await(int timeoutMs) {
        return transport.await(timeoutMs);
    }

    @Override
    public void close() {
        transport.close();
    }
}
