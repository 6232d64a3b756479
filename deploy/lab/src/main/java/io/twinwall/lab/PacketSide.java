/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.Check;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.linux.RecvBatch;
import io.twinwall.linux.SendBatch;
import io.twinwall.linux.SockAddr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The packet flows' ends on one side: one thread in that namespace, which sends and receives in batches and allocates
 * nothing after start. Segments go out through raw IP sockets, so that this side's kernel resolves the gateway, and
 * takes a takeover's gratuitous ARP, as it does for its own traffic; they come in through packet sockets.
 */
final class PacketSide implements AutoCloseable {
    private static final int BATCH = 128;
    private static final int IPV6_HDRINCL = 36;
    private static final int SOCKET_BYTES = 32 << 20;
    private static final long IDLE_NS = 200_000;

    private final String namespace;
    private final Side side;
    private final PacketEnds ends;
    private final RecvBatch in = new RecvBatch(BATCH, Segment.BYTES_MAX + 40);
    private final Outlet v4 = new Outlet();
    private final Outlet v6 = new Outlet();
    private final Segment segment = new Segment();
    private final Thread thread;
    private volatile boolean running = true;
    private int packetV4;
    private int packetV6;

    PacketSide(Lab lab, Side side, PacketEnds ends) {
        this.namespace = lab.path(side);
        this.side = side;
        this.ends = ends;
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("packets-" + lab.namespace(side))
                .start(this::run);
    }

    private void run() {
        NetNs.enter(namespace);
        open();
        while (running) {
            int work = receive(packetV4, false) + receive(packetV6, true);
            work += ends.push(this);
            v4.flush();
            v6.flush();
            if (work == 0) {
                LockSupport.parkNanos(IDLE_NS);
            }
        }
        for (int fd : new int[] {packetV4, packetV6, v4.fd, v6.fd}) {
            Posix.close(fd);
        }
        in.close();
        v4.batch.close();
        v6.batch.close();
    }

    Side side() {
        return side;
    }

    /** Queues one segment of {@code flow}, to the responder or to the opener. */
    void send(int flow, boolean toResponder, int seq, int ack, int flags, int epoch) {
        int near = toResponder ? PacketPlan.openerPort(flow) : PacketPlan.servicePort(flow);
        int far = toResponder ? PacketPlan.servicePort(flow) : PacketPlan.openerPort(flow);
        int ports = near << 16 | far;
        if (PacketPlan.path(flow) == Path.ROUTED6) {
            long client = PacketPlan.openerHostV6(flow);
            int at = v6.slot();
            int length = toResponder
                    ? Segment.writeV6(
                            v6.buffer(),
                            at,
                            PacketPlan.CLIENT_NET_V6,
                            client,
                            PacketPlan.SERVER_NET_V6,
                            1,
                            ports,
                            seq,
                            ack,
                            flags)
                    : Segment.writeV6(
                            v6.buffer(),
                            at,
                            PacketPlan.SERVER_NET_V6,
                            1,
                            PacketPlan.CLIENT_NET_V6,
                            client,
                            ports,
                            seq,
                            ack,
                            flags);
            v6.commit(at, length, flags, flow, epoch);
        } else {
            int source = toResponder ? PacketPlan.openerV4(flow) : PacketPlan.responderV4(flow);
            int destination = toResponder ? PacketPlan.responderSeenV4(flow) : PacketPlan.openerSeenV4(flow);
            int at = v4.slot();
            int length = Segment.writeV4(v4.buffer(), at, source, destination, ports, seq, ack, flags);
            v4.commit(at, length, flags, flow, epoch);
        }
    }

    private int receive(int fd, boolean ipv6) {
        int count = in.receive(fd, Const.MSG_DONTWAIT);
        for (int i = 0; i < count; i++) {
            if (segment.wrap(in.buffer(), in.offset(i), in.length(i), ipv6)) {
                arrived(ipv6);
            }
        }
        return Math.max(0, count);
    }

    private void arrived(boolean ipv6) {
        int from = segment.sourcePort();
        int to = segment.destinationPort();
        boolean toResponder = PacketPlan.isServicePort(to) && PacketPlan.isOpenerPort(from);
        if (!toResponder && !(PacketPlan.isServicePort(from) && PacketPlan.isOpenerPort(to))) {
            return;
        }
        int path = ipv6 ? Path.ROUTED6.number() : PacketPlan.pathV4(side, toResponder, segment.destination4());
        int flow = PacketPlan.flow(path, toResponder ? from : to, toResponder ? to : from);
        if (ends.has(flow) && addressed(flow, toResponder, ipv6)) {
            ends.arrived(this, flow, toResponder, segment);
        }
    }

    /** Whether a packet bears the addresses that its flow must show on this side: translation held what it promised. */
    private boolean addressed(int flow, boolean toResponder, boolean ipv6) {
        if (ipv6) {
            long client = PacketPlan.openerHostV6(flow);
            return toResponder
                    ? segment.fromV6(PacketPlan.CLIENT_NET_V6, client) && segment.toV6(PacketPlan.SERVER_NET_V6, 1)
                    : segment.fromV6(PacketPlan.SERVER_NET_V6, 1) && segment.toV6(PacketPlan.CLIENT_NET_V6, client);
        }
        return toResponder
                ? segment.source4() == PacketPlan.openerSeenV4(flow)
                        && segment.destination4() == PacketPlan.responderV4(flow)
                : segment.source4() == PacketPlan.responderSeenV4(flow)
                        && segment.destination4() == PacketPlan.openerV4(flow);
    }

    private void open() {
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
        boolean client = side == Side.CLIENT;
        v4.open(Const.AF_INET, address, client ? LabPlan.SERVER_V4 : LabPlan.WAN_VIP_V4);
        // Behind the server everything is routed through the VIP; the far address only chooses the gateway.
        v6.open(Const.AF_INET6, address, client ? LabPlan.SERVER_V6 : LabPlan.CLIENT_V6);
        packetV4 = packetSocket(address, Const.ETH_P_IP);
        packetV6 = packetSocket(address, Const.ETH_P_IPV6);
    }

    private static int packetSocket(UnsafeBuffer address, int protocol) {
        int fd = require("socket(AF_PACKET)", Posix.socket(Const.AF_PACKET, Const.SOCK_DGRAM | Const.SOCK_CLOEXEC, 0));
        require("SO_RCVBUFFORCE", Posix.setsockoptInt(fd, Const.SOL_SOCKET, Const.SO_RCVBUFFORCE, SOCKET_BYTES));
        int length = SockAddr.linkLayer(address, 0, protocol, require("eth0", Posix.ifNameToIndex("eth0")));
        require("bind(AF_PACKET)", Posix.bind(fd, address, 0, length));
        return fd;
    }

    private static int require(String what, int result) {
        if (result < 0) {
            throw Errno.fatal(what, result, "CAP_NET_RAW");
        }
        return result;
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Segments on their way out through one raw socket. */
    private static final class Outlet {
        private final SendBatch batch = new SendBatch(BATCH, Segment.BYTES_MAX);
        private int fd;
        private int queued;

        void open(int family, UnsafeBuffer address, String far) {
            fd = require(
                    "socket(IPPROTO_RAW)",
                    Posix.socket(family, Const.SOCK_RAW | Const.SOCK_CLOEXEC, Const.IPPROTO_RAW));
            if (family == Const.AF_INET6) {
                require("IPV6_HDRINCL", Posix.setsockoptInt(fd, Const.IPPROTO_IPV6, IPV6_HDRINCL, 1));
            }
            require("SO_SNDBUFFORCE", Posix.setsockoptInt(fd, Const.SOL_SOCKET, Const.SO_SNDBUFFORCE, SOCKET_BYTES));
            try {
                int length =
                        SockAddr.inet(address, 0, InetAddress.getByName(far).getAddress(), 0);
                require("connect " + far, Posix.connect(fd, address, 0, length));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(far, e);
            }
        }

        UnsafeBuffer buffer() {
            return batch.buffer();
        }

        int slot() {
            if (queued == BATCH) {
                flush();
            }
            return batch.offset(queued);
        }

        void commit(int at, int length, int flags, int flow, int epoch) {
            Check.that(at == batch.offset(queued), "segment written elsewhere", at);
            Segment.finish(batch.buffer(), at, length, flags, flow, epoch);
            batch.length(queued++, length);
        }

        /** What the kernel does not take now (no neighbour, no room) is lost like any packet, and sent again later. */
        void flush() {
            int sent = 0;
            while (sent < queued) {
                int result = batch.send(fd, sent, queued - sent, Const.MSG_DONTWAIT);
                sent += Math.max(1, result);
            }
            queued = 0;
        }
    }
}
