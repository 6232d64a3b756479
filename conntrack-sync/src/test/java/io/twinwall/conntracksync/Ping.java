/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.linux.Const.AF_INET;
import static io.twinwall.linux.Const.IPPROTO_ICMP;
import static io.twinwall.linux.Const.POLLIN;
import static io.twinwall.linux.Const.SOCK_RAW;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;

/** Echo requests from one of the client's addresses, by raw sockets; tells with which id they reach the server. */
final class Ping implements AutoCloseable {
    private static final int ECHO = 8;
    private static final int ECHO_REPLY = 0;
    private static final int IP_HEADER_BYTES = 20;
    private static final int ICMP_BYTES = 8;
    private static final int WAIT_MS = 2_000;

    /** Raw sockets hear each other's echoes: no two have one number. */
    private static final AtomicInteger SEQUENCES = new AtomicInteger();

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
    private final UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
    private final int client;
    private final int server;
    private int sequence;

    Ping(NatLab lab, String source) throws Exception {
        client = NetNs.call(lab.client, () -> Posix.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
        server = NetNs.call(lab.server, () -> Posix.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
        int length = SockAddr.inet(address, 0, InetAddress.ofLiteral(source).getAddress(), 0);
        int bound = Posix.bind(client, address, 0, length);
        if (client < 0 || server < 0 || bound < 0) {
            throw new AssertionError("raw sockets: " + client + " " + server + " " + bound);
        }
    }

    /** Sends a request of {@code id}; returns the id the server saw, or -1 when it or the answer did not arrive. */
    int idSeenByServer(String destination, int id) {
        sequence = SEQUENCES.incrementAndGet();
        buffer.setMemory(0, ICMP_BYTES, (byte) 0);
        buffer.putByte(0, (byte) ECHO);
        buffer.putShort(4, (short) id, ByteOrder.BIG_ENDIAN);
        buffer.putShort(6, (short) sequence, ByteOrder.BIG_ENDIAN);
        int sum = (ECHO << 8) + id + sequence;
        buffer.putShort(2, (short) ~((sum & 0xffff) + (sum >>> 16)), ByteOrder.BIG_ENDIAN);
        int length =
                SockAddr.inet(address, 0, InetAddress.ofLiteral(destination).getAddress(), 0);
        int sent = Posix.sendto(client, buffer, 0, ICMP_BYTES, 0, address, 0, length);
        if (sent != ICMP_BYTES) {
            throw new AssertionError("sendto: " + sent);
        }
        int seen = awaitId(server, ECHO);
        return seen >= 0 && awaitId(client, ECHO_REPLY) == id ? seen : -1;
    }

    private int awaitId(int socket, int type) {
        while (Posix.poll(socket, POLLIN, WAIT_MS) > 0) {
            int received = Posix.recv(socket, buffer, 0, buffer.capacity(), 0);
            if (received >= IP_HEADER_BYTES + ICMP_BYTES
                    && buffer.getByte(IP_HEADER_BYTES) == type
                    && buffer.getShort(IP_HEADER_BYTES + 6, ByteOrder.BIG_ENDIAN) == sequence) {
                return buffer.getShort(IP_HEADER_BYTES + 4, ByteOrder.BIG_ENDIAN) & 0xffff;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        Posix.close(client);
        Posix.close(server);
    }
}
