/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.RecvBatch;
import io.twinwall.linux.SockAddr;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One port of a switch, into which a firewall is plugged: asks that firewall, and captures what passes the port both ways.
 * Made by a thread in the switch's namespace, used by one thread, allocates nothing after construction.
 */
final class GatePort {
    private static final int BATCH = 64;
    private static final int SOCKET_BYTES = 8 << 20;

    private final FirewallNode node;
    private final Side side;
    private final GateFrames frames;
    private final int asker;
    private final int capture;
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(GateFrames.BYTES_MAX));
    private final RecvBatch in = new RecvBatch(BATCH, GateFrames.BYTES_MAX);
    /** What came out of this port, hence was asked at the other side's. */
    private final OpenLog transit = new OpenLog(GateWatch.TRANSIT_NS);

    private final OpenLog arp = new OpenLog(GateWatch.TRANSIT_NS);
    private final OpenLog solicited = new OpenLog(GateWatch.TRANSIT_NS);
    private long vipQuestion;
    private long vipAskedNs;
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong seen = new AtomicLong();

    GatePort(FirewallNode node, Side side, byte[] firewallMac) {
        this.node = node;
        this.side = side;
        this.frames = new GateFrames(node, side, firewallMac);
        int port = require("interface " + node.nodeName(), Posix.ifNameToIndex(node.nodeName()));
        this.asker = socket(0, port);
        this.capture = require("socket(AF_PACKET)", open());
        CaptureFilter.attach(capture);
        require("SO_RCVBUFFORCE", Posix.setsockoptInt(capture, Const.SOL_SOCKET, Const.SO_RCVBUFFORCE, SOCKET_BYTES));
        bind(capture, Const.ETH_P_ALL, port);
    }

    FirewallNode node() {
        return node;
    }

    /** A question that must come out at the other side. What a port that is down does not take is not asked. */
    void askTransit(long number) {
        ask(frames.transit(out, 0, number, System.nanoTime()));
    }

    /** One question for each VIP of this side. */
    void askVips(long number) {
        vipQuestion = number;
        vipAskedNs = System.nanoTime();
        ask(frames.arp(out, 0));
        // The captures' filter lets none of these pass, only their answers.
        Posix.send(asker, out, 0, frames.solicitation(out, 0), Const.MSG_DONTWAIT);
    }

    private void ask(int length) {
        if (Posix.send(asker, out, 0, length, Const.MSG_DONTWAIT) == length) {
            asked.incrementAndGet();
        }
    }

    /** Takes what was captured since the last time. */
    void receive() {
        int frame = in.receive(capture, Const.MSG_DONTWAIT);
        while (frame > 0) {
            for (int i = 0; i < frame; i++) {
                take(in.offset(i), in.length(i));
            }
            frame = frame < BATCH ? 0 : in.receive(capture, Const.MSG_DONTWAIT);
        }
    }

    private void take(int at, int length) {
        UnsafeBuffer from = in.buffer();
        if (frames.asked(from, at)) {
            seen.incrementAndGet();
        } else if (frames.cameThrough(from, at, length)) {
            transit.answered(GateFrames.number(from, at), GateFrames.askedNs(from, at));
        } else if (frames.answersArp(from, at, length)) {
            arp.answered(vipQuestion, vipAskedNs);
        } else if (frames.answersSolicitation(from, at, length)) {
            solicited.answered(vipQuestion, vipAskedNs);
        }
    }

    /** When packets came out of this port that were sent into the other side's. */
    Stream<OpenLog> transit() {
        return Stream.of(transit);
    }

    /** When the firewall answered here for a virtual address. */
    Stream<OpenLog> answers() {
        return Stream.of(arp, solicited);
    }

    /** Questions that the port took and the capture did not see: what it may have missed besides. */
    long missed() {
        return asked.get() - seen.get();
    }

    void close() {
        Posix.close(asker);
        Posix.close(capture);
        in.close();
    }

    @Override
    public String toString() {
        return node.nodeName() + " in the " + (side == Side.CLIENT ? "LAN" : "WAN");
    }

    private static int socket(int protocol, int port) {
        int fd = require("socket(AF_PACKET)", open());
        bind(fd, protocol, port);
        return fd;
    }

    private static int open() {
        return Posix.socket(Const.AF_PACKET, Const.SOCK_RAW | Const.SOCK_CLOEXEC, 0);
    }

    private static void bind(int fd, int protocol, int port) {
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
        require("bind(AF_PACKET)", Posix.bind(fd, address, 0, SockAddr.linkLayer(address, 0, protocol, port)));
    }

    private static int require(String what, int result) {
        if (result < 0) {
            throw Errno.fatal(what, result, "CAP_NET_RAW");
        }
        return result;
    }
}
