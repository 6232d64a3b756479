/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlTransport;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** A socket whose kernel has no memory for requests while {@code full} says so. */
record FullTransport(NlTransport transport, BooleanSupplier full) implements NlTransport {
    @Override
    public int send(DirectBuffer buffer, int offset, int length) {
        return full.getAsBoolean() ? -Errno.ENOBUFS : transport.send(buffer, offset, length);
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
