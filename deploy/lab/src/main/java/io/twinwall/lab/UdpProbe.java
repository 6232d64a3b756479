/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * One end of a path's UDP probe: sequence number and time of sending, each way by itself, so that a loss in one direction
 * does not silence the other. The opener begins; the responder sends from when it knows to whom.
 */
final class UdpProbe {
    private static final int BYTES = 16;

    private final Path path;
    private final boolean opener;
    private final ReceiptLog log;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    private DatagramChannel channel;
    private boolean connected;
    private long sequence;

    UdpProbe(Path path, boolean opener) {
        this.path = path;
        this.opener = opener;
        this.log = new ReceiptLog("udp." + path.label() + (opener ? ".back" : ".forth"));
    }

    ReceiptLog log() {
        return log;
    }

    void open() throws IOException {
        channel = DatagramChannel.open(path.family());
        channel.configureBlocking(false);
        channel.bind(opener ? path.source() : path.service(LabPlan.PORT_PROBES));
        if (opener) {
            channel.connect(path.target(LabPlan.PORT_PROBES));
            connected = true;
        }
    }

    void send() {
        if (connected) {
            try {
                channel.write(buffer.clear()
                        .putLong(sequence++)
                        .putLong(System.nanoTime())
                        .flip());
            } catch (IOException e) {
                // Refused or unreachable in the gap: silence is what is measured.
            }
        }
    }

    void receive() {
        try {
            while (connected ? channel.read(buffer.clear()) > 0 : firstReceived()) {
                log.arrived(System.nanoTime());
            }
        } catch (IOException e) {
            // An ICMP error of the gap, reported once by the next call.
        }
    }

    private boolean firstReceived() throws IOException {
        SocketAddress from = channel.receive(buffer.clear());
        if (from == null || !((InetSocketAddress) from).getAddress().equals(path.seenFrom())) {
            return false;
        }
        channel.connect(from);
        connected = true;
        return true;
    }

    void close() throws IOException {
        channel.close();
    }
}
