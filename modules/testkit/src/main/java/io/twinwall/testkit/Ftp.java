/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import io.twinwall.linux.NetNs;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An FTP client and its server, both played by the test, so that it decides when the data connection opens: a control
 * connection through the firewall, on which either tells the other where to connect to. What the firewall made of that is
 * what the other connects to.
 */
public final class Ftp implements AutoCloseable {
    /** Where one side listens for data, and where the other was told to connect to. */
    public record Announced(ServerSocket listener, InetSocketAddress told) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private static final int TIMEOUT_MS = 2_000;
    private static final String DATA = "the file\n";
    private static final Pattern SIX = Pattern.compile("(\\d+),(\\d+),(\\d+),(\\d+),(\\d+),(\\d+)");
    private static final Pattern EXTENDED = Pattern.compile("EPRT \\|1\\|([0-9.]+)\\|(\\d+)\\|");

    /** A machine: its network namespace, and the address it has there. */
    public record Host(String netNs, String address) {
        private InetAddress inet() {
            return InetAddress.ofLiteral(address);
        }
    }

    private final Host clientHost;
    private final Host serverHost;
    private final Socket client;
    private final Socket server;

    private Ftp(Host clientHost, Host serverHost, Socket client, Socket server) throws IOException {
        this.clientHost = clientHost;
        this.serverHost = serverHost;
        this.client = client;
        this.server = server;
        client.setSoTimeout(TIMEOUT_MS);
        server.setSoTimeout(TIMEOUT_MS);
    }

    /** Connects and says the first words, which the kernel's helper only reads to find where a line begins. */
    public static Ftp open(Host client, Host server, String address, int port, int serverPort) throws Exception {
        Ftp ftp;
        try (ServerSocket listener = NetNs.call(server.netNs, () -> new ServerSocket(serverPort, 1, server.inet()))) {
            listener.setSoTimeout(TIMEOUT_MS);
            Socket from = connect(client.netNs, new InetSocketAddress(InetAddress.ofLiteral(address), port));
            ftp = new Ftp(client, server, from, listener.accept());
        }
        ftp.reply("220 ready");
        ftp.command("USER anonymous");
        ftp.reply("331 go on");
        return ftp;
    }

    /** The client says {@code line}; what arrives of it at the server. */
    public String command(String line) throws IOException {
        return say(client, server, line);
    }

    /** The server says {@code line}; what arrives of it at the client. */
    public String reply(String line) throws IOException {
        return say(server, client, line);
    }

    /** The client announces where it listens ({@code PORT}). */
    public Announced port() throws Exception {
        ServerSocket listener = listen(clientHost);
        Matcher told = SIX.matcher(command("PORT " + six(listener)));
        acknowledge();
        return announced(listener, told);
    }

    /** As {@link #port}, in the later form ({@code EPRT}). */
    public Announced eprt() throws Exception {
        ServerSocket listener = listen(clientHost);
        String line = command("EPRT |1|" + clientHost.address + "|" + listener.getLocalPort() + "|");
        acknowledge();
        Matcher told = EXTENDED.matcher(line);
        if (!told.find()) {
            throw new AssertionError("told " + line);
        }
        InetAddress address = InetAddress.ofLiteral(told.group(1));
        return new Announced(listener, new InetSocketAddress(address, Integer.parseInt(told.group(2))));
    }

    /** Without an answer the client's segment may go again, and through the heir: its helper would read it there. */
    private void acknowledge() throws IOException {
        reply("200 noted");
    }

    /** The server announces where it listens ({@code PASV}). */
    public Announced pasv() throws Exception {
        command("PASV");
        ServerSocket listener = listen(serverHost);
        Matcher told = SIX.matcher(reply("227 Entering Passive Mode (" + six(listener) + ")."));
        return announced(listener, told);
    }

    /** The server opens the data connection and sends a file; the address it comes from as the client sees it, or null. */
    public InetAddress send(Announced to) throws Exception {
        return transfer(serverHost.netNs, to);
    }

    /** The client opens the data connection that a server announced. */
    public InetAddress fetch(Announced from) throws Exception {
        return transfer(clientHost.netNs, from);
    }

    private static InetAddress transfer(String netNs, Announced to) throws Exception {
        to.listener.setSoTimeout(TIMEOUT_MS);
        FutureTask<InetAddress> receiving = new FutureTask<>(receive(to.listener));
        Thread.ofPlatform().daemon().start(receiving);
        try (Socket data = connect(netNs, to.told)) {
            data.getOutputStream().write(DATA.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return null;
        }
        return receiving.get(2L * TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    /** A socket is made only when it connects, so that is done in the namespace. */
    private static Socket connect(String netNs, InetSocketAddress to) throws IOException {
        try {
            return NetNs.call(netNs, () -> {
                Socket socket = new Socket();
                socket.connect(to, TIMEOUT_MS);
                return socket;
            });
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Callable<InetAddress> receive(ServerSocket listener) {
        return () -> {
            try (Socket data = listener.accept()) {
                data.setSoTimeout(TIMEOUT_MS);
                byte[] file = data.getInputStream().readAllBytes();
                return DATA.equals(new String(file, StandardCharsets.US_ASCII)) ? data.getInetAddress() : null;
            } catch (SocketTimeoutException e) {
                return null;
            }
        };
    }

    private static ServerSocket listen(Host host) throws Exception {
        return NetNs.call(host.netNs, () -> new ServerSocket(0, 1, host.inet()));
    }

    private static String six(ServerSocket listener) {
        int port = listener.getLocalPort();
        return listener.getInetAddress().getHostAddress().replace('.', ',') + "," + port / 256 + "," + port % 256;
    }

    private static Announced announced(ServerSocket listener, Matcher told) throws IOException {
        if (!told.find()) {
            throw new AssertionError("no address was told");
        }
        String address = told.group(1) + "." + told.group(2) + "." + told.group(3) + "." + told.group(4);
        int port = Integer.parseInt(told.group(5)) * 256 + Integer.parseInt(told.group(6));
        return new Announced(listener, new InetSocketAddress(InetAddress.ofLiteral(address), port));
    }

    /** What arrives of a line at the other side. */
    private static String say(Socket from, Socket to, String line) throws IOException {
        from.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = to.getInputStream();
        StringBuilder arrived = new StringBuilder();
        int next = in.read();
        while (next >= 0 && next != '\n') {
            arrived.append((char) next);
            next = in.read();
        }
        return arrived.toString().strip();
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
    }
}
