/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlSocket;
import io.twinwall.netlink.NlTransport;
import java.util.function.IntConsumer;

/** The sockets by which the sync agent speaks with a kernel's conntrack: the real one's, or a scripted one's in tests. */
public interface ConntrackKernel {
    /** For events: joined to no group yet. */
    NlTransport events();

    /** For dumps: large datagrams. */
    NlTransport dumps();

    /** For injections and their acknowledgements. */
    NlTransport injections();

    /**
     * The kernel of the calling thread's network namespace.
     *
     * @param eventBufferBytes what the kernel may queue of events; it takes about 1,280 bytes for each, and doubles this
     * @param eventSockets hears of each descriptor on which events will come
     */
    static ConntrackKernel real(int eventBufferBytes, IntConsumer eventSockets) {
        return new ConntrackKernel() {
            @Override
            public NlTransport events() {
                NlSocket socket = NlSocket.open(NlConst.NETLINK_NETFILTER, 64, 4096);
                int result = socket.setReceiveBuffer(eventBufferBytes);
                if (result < 0) {
                    throw Errno.fatal("give the conntrack event socket a buffer of " + eventBufferBytes, -result);
                }
                eventSockets.accept(socket.fd());
                return socket;
            }

            @Override
            public NlTransport dumps() {
                return NlSocket.open(NlConst.NETLINK_NETFILTER, 8, 32768);
            }

            @Override
            public NlTransport injections() {
                NlTransport socket = NlSocket.open(NlConst.NETLINK_NETFILTER, 64, 4096);
                socket.setReceiveBuffer(1 << 20);
                return socket;
            }
        };
    }
}
