/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** A server that takes connections, and then says nothing, or drips for ever what never comes to a line's end. */
final class BadServer implements AutoCloseable {
    private static final long DRIP_NS = 50_000_000L;

    private final List<Socket> taken = new CopyOnWriteArrayList<>();
    private final ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    private final byte[] drops;

    /** @param drops said one by one, over and over; "": nothing is said */
    BadServer(String drops) throws IOException {
        this.drops = drops.getBytes(StandardCharsets.US_ASCII);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    int connections() {
        return taken.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket one = server.accept();
                taken.add(one);
                Thread.ofVirtual().start(() -> drip(one));
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private void drip(Socket one) {
        try {
            OutputStream out = one.getOutputStream();
            for (int i = 0; drops.length > 0; i++) {
                out.write(drops[i % drops.length]);
                LockSupport.parkNanos(DRIP_NS);
            }
        } catch (IOException e) {
            // The client has had enough.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket one : taken) {
            one.close();
        }
    }
}
