/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import org.agrona.DirectBuffer;

/** A socket that is another one, for tests and simulations which change one thing about it. */
public class DelegatingTransport implements NlTransport {
    private final NlTransport transport;

    public DelegatingTransport(NlTransport transport) {
        this.transport = transport;
    }

    @Override
    public int send(DirectBuffer buffer, int offset, int length) {
        return transport.send(buffer, offset, length);
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
