/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;

/**
 * The sockets of one attempt to send mail, which the mail library has made here, so that another thread can close
 * them: its own time-outs begin anew with each byte, and a server that drips would hold it for ever.
 */
final class MailSockets extends SocketFactory {
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /** Closes what there is, and what comes. Any thread. */
    void close() {
        closed = true;
        open.forEach(MailSockets::close);
    }

    private Socket kept(Socket socket) throws IOException {
        open.add(socket);
        if (closed) {
            close(socket);
            throw new IOException("given up");
        }
        return socket;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Then it is as good as closed.
        }
    }

    @Override
    public Socket createSocket() throws IOException {
        return kept(new Socket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return kept(new Socket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return kept(new Socket(host, port, local, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return kept(new Socket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return kept(new Socket(host, port, local, localPort));
    }

    /** The same for TLS, by {@code tls}. */
    SSLSocketFactory over(SSLSocketFactory tls) {
        return new Tls(tls);
    }

    private final class Tls extends SSLSocketFactory {
        private final SSLSocketFactory tls;

        Tls(SSLSocketFactory tls) {
            this.tls = tls;
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return tls.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return tls.getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket() throws IOException {
            return kept(tls.createSocket());
        }

        /** Kept is the socket below: to close the one above may wait for the other end. */
        @Override
        public Socket createSocket(Socket below, String host, int port, boolean autoClose) throws IOException {
            kept(below);
            return tls.createSocket(below, host, port, autoClose);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return kept(tls.createSocket(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return kept(tls.createSocket(host, port, local, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return kept(tls.createSocket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return kept(tls.createSocket(host, port, local, localPort));
        }
    }
}
