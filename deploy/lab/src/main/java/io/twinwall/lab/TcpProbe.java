/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** One end of a path's TCP stream: small writes without end, both ways over one connection. */
final class TcpProbe {
    private static final int BYTES = 32;

    private final Path path;
    private final boolean opener;
    private final ReceiptLog log;
    private final ByteBuffer out = ByteBuffer.allocateDirect(BYTES);
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 * BYTES);
    private ServerSocketChannel listener;
    private SocketChannel channel;
    private boolean connected;

    TcpProbe(Path path, boolean opener) {
        this.path = path;
        this.opener = opener;
        this.log = new ReceiptLog("tcp." + path.label() + (opener ? ".back" : ".forth"));
    }

    ReceiptLog log() {
        return log;
    }

    void open() throws IOException {
        if (opener) {
            channel = SocketChannel.open(path.family());
            channel.bind(path.source());
            prepare();
        } else {
            listener = ServerSocketChannel.open(path.family());
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.configureBlocking(false);
            listener.bind(path.service(LabPlan.PORT_STREAMS));
        }
    }

    /** Begins to connect, when both sides listen. */
    void connect() throws IOException {
        if (opener) {
            channel.connect(path.target(LabPlan.PORT_STREAMS));
        }
    }

    void send() {
        if (connected) {
            try {
                channel.write(out.clear());
            } catch (IOException e) {
                connected = false;
            }
        }
    }

    void receive() {
        try {
            if (connected || nowConnected()) {
                if (channel.read(in.clear()) > 0) {
                    log.arrived(System.nanoTime());
                }
            }
        } catch (IOException e) {
            connected = false;
        }
    }

    private boolean nowConnected() throws IOException {
        if (channel == null) {
            channel = listener.accept();
            if (channel != null) {
                prepare();
            }
            connected = channel != null;
        } else if (channel.isConnectionPending()) {
            connected = channel.finishConnect();
        }
        return connected;
    }

    private void prepare() throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
        if (listener != null) {
            listener.close();
        }
    }
}
