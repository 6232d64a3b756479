/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.Link;
import org.agrona.DirectBuffer;

/** An end of a memory link that outlives the agent using it, as the network outlives a program. */
record ReopenedLink(Link link) implements Link {
    @Override
    public long offer(DirectBuffer frame, int offset, int length) {
        return link.offer(frame, offset, length);
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        return link.poll(handler, limit);
    }

    @Override
    public boolean connected() {
        return link.connected();
    }

    @Override
    public int doWork() {
        return link.doWork();
    }

    @Override
    public int frameBytesMax() {
        return link.frameBytesMax();
    }

    @Override
    public void close() {
        // The next agent goes on with it.
    }
}
