/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import io.twinwall.linux.Errno;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The routes of a network namespace that one protocol put there; {@link RtBatch} changes them. The kernel filters, so that
 * a full Internet table is walked but not copied. Control plane: allocates. One thread at a time; owns its transport.
 */
public final class RtRoutes implements AutoCloseable {
    private static final int DUMP_ATTEMPTS = 10;

    private final NlTransport transport;
    private final NlRequests requests;

    /** Takes over {@code transport}, of {@code NETLINK_ROUTE}. */
    public RtRoutes(NlTransport transport) {
        this.transport = transport;
        this.requests = new NlRequests(transport);
    }

    /** Opens a socket of its own in the calling thread's network namespace. */
    public static RtRoutes open() {
        NlSocket socket = NlSocket.open(NlConst.NETLINK_ROUTE, 8, 32 * 1024);
        // A kernel before 4.20 does not know it: then all routes come, and are filtered here.
        socket.setStrictCheck();
        return new RtRoutes(socket);
    }

    /** All unicast routes of {@code protocol}, IPv4 and IPv6, in every table. */
    public List<RtRoute> list(int protocol) throws NlException {
        List<RtRoute> all = new ArrayList<>(list(NlConst.AF_INET, protocol));
        all.addAll(list(NlConst.AF_INET6, protocol));
        return all;
    }

    private List<RtRoute> list(int family, int protocol) throws NlException {
        NlResult result = NlResult.DONE;
        for (int i = 0; i < DUMP_ATTEMPTS; i++) {
            List<RtRoute> all = new ArrayList<>();
            NlWriter writer = requests.begin(RTM_GETROUTE, 0);
            int header = writer.header(RTMSG_BYTES);
            writer.buffer().putByte(header, (byte) family);
            writer.buffer().putByte(header + 5, (byte) protocol);
            result = requests.dump(message -> {
                RtRoute route = parse(message);
                if (route != null && route.protocol() == protocol) {
                    all.add(route);
                }
            });
            if (result.ok()) {
                return all;
            }
            if (result.errno() != Errno.EINTR) {
                break;
            }
        }
        throw new NlException("list routes", "of protocol " + protocol, result);
    }

    /** Reads an {@code RTM_NEWROUTE} or {@code RTM_DELROUTE} message; null for any other, and for all but unicast. */
    public static RtRoute parse(NlReader message) {
        if ((message.type() != RTM_NEWROUTE && message.type() != RTM_DELROUTE)
                || message.payloadLength() < RTMSG_BYTES) {
            return null;
        }
        int at = message.payloadOffset();
        var buffer = message.buffer();
        int family = buffer.getByte(at);
        boolean known = family == NlConst.AF_INET || family == NlConst.AF_INET6;
        if (!known || buffer.getByte(at + 7) != RTN_UNICAST) {
            return null;
        }
        byte[] destination = new byte[family == NlConst.AF_INET ? 4 : 16];
        int length = buffer.getByte(at + 1) & 0xff;
        int table = buffer.getByte(at + 4) & 0xff;
        int ifIndex = 0;
        int metric = 0;
        Optional<InetAddress> via = Optional.empty();
        Optional<InetAddress> source = Optional.empty();
        NlAttrs attrs = new NlAttrs().wrap(message, RTMSG_BYTES);
        while (attrs.next()) {
            boolean address = attrs.valueLength() == destination.length;
            switch (attrs.type()) {
                case RTA_DST -> destination = address ? attrs.bytes() : destination;
                case RTA_OIF -> ifIndex = attrs.u32();
                case RTA_GATEWAY -> via = address ? Optional.of(RtAddresses.inet(attrs.bytes())) : via;
                case RTA_PRIORITY -> metric = attrs.u32();
                case RTA_PREFSRC -> source = address ? Optional.of(RtAddresses.inet(attrs.bytes())) : source;
                case RTA_TABLE -> table = attrs.u32();
                default -> {
                    // Metrics, caches and multiple paths: Twinwall makes none.
                }
            }
        }
        if (length > destination.length * 8) {
            return null;
        }
        RtPrefix prefix = new RtPrefix(RtAddresses.inet(destination), length);
        return new RtRoute(prefix, via, ifIndex, table, metric, source, buffer.getByte(at + 5) & 0xff);
    }

    /** Writes header and attributes of {@code route} into the message that {@code writer} has begun. */
    static void write(NlWriter writer, RtRoute route) {
        int header = writer.header(RTMSG_BYTES);
        var buffer = writer.buffer();
        buffer.putByte(header, (byte) route.destination().family());
        buffer.putByte(header + 1, (byte) route.destination().length());
        // A table that fits no byte is told by RTA_TABLE alone.
        buffer.putByte(header + 4, (byte) (route.table() > 255 ? 0 : route.table()));
        buffer.putByte(header + 5, (byte) route.protocol());
        buffer.putByte(header + 6, (byte) route.scope());
        buffer.putByte(header + 7, (byte) RTN_UNICAST);
        writer.putBytes(RTA_DST, route.destination().network().address().getAddress());
        route.via().ifPresent(hop -> writer.putBytes(RTA_GATEWAY, hop.getAddress()));
        if (route.ifIndex() != 0) {
            writer.putU32(RTA_OIF, route.ifIndex());
        }
        if (route.metric() != 0) {
            writer.putU32(RTA_PRIORITY, route.metric());
        }
        route.source().ifPresent(from -> writer.putBytes(RTA_PREFSRC, from.getAddress()));
        writer.putU32(RTA_TABLE, route.table());
    }

    @Override
    public void close() {
        transport.close();
    }
}
