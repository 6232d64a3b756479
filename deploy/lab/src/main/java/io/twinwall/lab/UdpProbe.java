/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.AtomicLong;

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
    private long firstHeard = -1;
    private volatile long lastHeard = -1;
    private final AtomicLong heard = new AtomicLong();

    UdpProbe(Path path, boolean opener) {
        this.path = path;
        this.opener = opener;
        this.log = new ReceiptLog("udp." + path.label() + (opener ? ".back" : ".forth"));
    }

    ReceiptLog log() {
        return log;
    }

    /** Probes of the other end that never came, of those sent between the first and the last that did. */
    long lost() {
        long count = heard.get();
        return count == 0 ? 0 : Math.max(0, lastHeard - firstHeard + 1 - count);
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
                log.arrived(System.nanoTime(), buffer.getLong(Long.BYTES));
                count(buffer.getLong(0));
            }
        } catch (IOException e) {
            // An ICMP error of the gap, reported once by the next call.
        }
    }

    private void count(long number) {
        if (heard.get() == 0) {
            firstHeard = number;
        }
        lastHeard = Math.max(lastHeard, number);
        heard.incrementAndGet();
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
