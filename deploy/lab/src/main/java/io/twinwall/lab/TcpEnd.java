/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * One end of a TCP flow. Its loop's thread owns it; other threads read how it fares. Bytes that are not the flow's own
 * messages, in order, break it as a reset would.
 */
final class TcpEnd {
    private final SocketChannel channel;
    private final ByteBuffer unread = ByteBuffer.allocate(4 * FlowMessage.BYTES);
    private final ByteBuffer unsent = ByteBuffer.allocate(FlowMessage.BYTES);
    private int flow;
    private volatile int freshEpoch = -1;
    private volatile boolean ended;
    private volatile String broken;

    /** {@code flow} is -1 at a responder until the first message names it. */
    TcpEnd(SocketChannel channel, int flow) {
        this.channel = channel;
        this.flow = flow;
    }

    int flow() {
        return flow;
    }

    /** The highest epoch that arrived here; -1 before the first message. */
    int freshEpoch() {
        return freshEpoch;
    }

    /** True when the other end has said all (FIN). */
    boolean ended() {
        return ended;
    }

    /** Why the flow is lost at this end, or null while it is not. */
    String broken() {
        return broken;
    }

    SocketChannel channel() {
        return channel;
    }

    /** Sends one message; false when it could not be handed to the kernel, or there is no connection yet to send it by. */
    boolean send(int epoch) {
        if (broken != null || !channel.isConnected()) {
            return false;
        }
        try {
            int written = channel.write(FlowMessage.write(unsent, flow, epoch));
            if (written != 0 && written != FlowMessage.BYTES) {
                fail("send buffer full");
            }
            return written == FlowMessage.BYTES;
        } catch (IOException e) {
            fail(e.getMessage());
            return false;
        }
    }

    /** Says that nothing more will be sent (FIN). */
    void endSending() {
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            fail(e.getMessage());
        }
    }

    /** Takes what arrived. */
    void read(SelectionKey key) {
        try {
            int read = channel.read(unread);
            while (read > 0) {
                unread.flip();
                while (unread.remaining() >= FlowMessage.BYTES) {
                    take(unread.position());
                    unread.position(unread.position() + FlowMessage.BYTES);
                }
                unread.compact();
                read = channel.read(unread);
            }
            if (read < 0) {
                ended = true;
                key.interestOps(0);
            }
        } catch (IOException e) {
            fail(e.getMessage());
            key.cancel();
        }
    }

    void fail(String reason) {
        broken = reason == null ? "lost" : reason;
    }

    private void take(int at) {
        if (flow < 0) {
            flow = FlowMessage.flow(unread, at);
        }
        if (FlowMessage.flow(unread, at) != flow) {
            fail("bytes of another flow");
        }
        freshEpoch = Math.max(freshEpoch, FlowMessage.epoch(unread, at));
    }
}
