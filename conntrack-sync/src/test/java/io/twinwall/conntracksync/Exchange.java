/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.linux.NetNs;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A conversation between client and server through a firewall, from plain sockets made in their namespaces. */
interface Exchange extends AutoCloseable {
    int TIMEOUT_MS = 2_000;

    /** Sends bytes from the server to the client, then the other way; false when either did not arrive in time. */
    boolean bothWays(int round, int timeoutMs) throws IOException;

    /** Where the server sees the client. */
    InetSocketAddress clientAsSeen();

    @Override
    void close() throws IOException;

    static byte[] message(String from, int round) {
        return (from + " " + round).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** A connection to {@code port} of {@code address}, which the server accepts at {@code serverPort}. */
    static Tcp tcp(NatLab lab, String address, int port, String serverAddress, int serverPort) throws Exception {
        try (ServerSocket listener =
                NetNs.call(lab.server, () -> new ServerSocket(serverPort, 1, InetAddress.ofLiteral(serverAddress)))) {
            listener.setSoTimeout(TIMEOUT_MS);
            Socket client = NetNs.call(lab.client, () -> {
                Socket socket = new Socket();
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), TIMEOUT_MS);
                return socket;
            });
            return new Tcp(client, listener.accept());
        }
    }

    /** As {@link #tcp}, with datagrams; the first has gone to the server and its answer back. */
    static Exchange udp(NatLab lab, String address, int port, String serverAddress, int serverPort) throws Exception {
        DatagramSocket server =
                NetNs.call(lab.server, () -> new DatagramSocket(serverPort, InetAddress.ofLiteral(serverAddress)));
        DatagramSocket client = NetNs.call(lab.client, () -> new DatagramSocket());
        client.connect(InetAddress.ofLiteral(address), port);
        DatagramPacket first = new DatagramPacket(new byte[64], 64);
        client.send(new DatagramPacket(new byte[1], 1));
        server.setSoTimeout(TIMEOUT_MS);
        server.receive(first);
        return new Udp(client, server, first.getSocketAddress());
    }

    /** A TCP connection; both ends at hand. */
    record Tcp(Socket client, Socket server) implements Exchange {
        @Override
        public boolean bothWays(int round, int timeoutMs) throws IOException {
            return pass(server, client, message("server", round), timeoutMs)
                    && pass(client, server, message("client", round), timeoutMs);
        }

        /** Sends {@code bytes} each way, so that the windows move by as much; false when not all arrived in time. */
        boolean bulk(int bytes, int timeoutMs) throws Exception {
            return bulk(server, client, bytes, timeoutMs) && bulk(client, server, bytes, timeoutMs);
        }

        private static boolean bulk(Socket from, Socket to, int bytes, int timeoutMs) throws Exception {
            FutureTask<Void> sending = new FutureTask<>(() -> {
                from.getOutputStream().write(new byte[bytes]);
                return null;
            });
            Thread.ofVirtual().start(sending);
            to.setSoTimeout(timeoutMs);
            try {
                int arrived = to.getInputStream().readNBytes(bytes).length;
                sending.get(timeoutMs, TimeUnit.MILLISECONDS);
                return arrived == bytes;
            } catch (SocketTimeoutException | TimeoutException e) {
                return false;
            }
        }

        private static boolean pass(Socket from, Socket to, byte[] message, int timeoutMs) throws IOException {
            from.getOutputStream().write(message);
            to.setSoTimeout(timeoutMs);
            try {
                return Arrays.equals(message, to.getInputStream().readNBytes(message.length));
            } catch (SocketTimeoutException e) {
                return false;
            }
        }

        @Override
        public InetSocketAddress clientAsSeen() {
            return (InetSocketAddress) server.getRemoteSocketAddress();
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }

    /** Datagrams between two sockets; the server answers to where it saw the client first. */
    record Udp(DatagramSocket client, DatagramSocket server, SocketAddress seen) implements Exchange {
        @Override
        public boolean bothWays(int round, int timeoutMs) throws IOException {
            byte[] down = message("server", round);
            server.send(new DatagramPacket(down, down.length, seen));
            if (receive(client, down, timeoutMs) == null) {
                return false;
            }
            byte[] up = message("client", round);
            client.send(new DatagramPacket(up, up.length));
            return seen.equals(receive(server, up, timeoutMs));
        }

        private static SocketAddress receive(DatagramSocket socket, byte[] expected, int timeoutMs) throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[64], 64);
            socket.setSoTimeout(timeoutMs);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                return null;
            }
            byte[] got = Arrays.copyOf(packet.getData(), packet.getLength());
            return Arrays.equals(expected, got) ? packet.getSocketAddress() : null;
        }

        @Override
        public InetSocketAddress clientAsSeen() {
            return (InetSocketAddress) seen;
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }
}
