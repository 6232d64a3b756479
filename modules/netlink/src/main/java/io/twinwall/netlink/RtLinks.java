/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import io.twinwall.linux.Errno;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The interfaces of a network namespace: list them, and hear of each change. Control plane: allocates. One thread at a
 * time; owns two transports, so that an event never mixes with an answer.
 */
public final class RtLinks implements AutoCloseable {
    private static final int DUMP_ATTEMPTS = 10;

    private final NlTransport transport;
    private final NlTransport events;
    private final NlRequests requests;
    private final NlReader reader = new NlReader();

    /** Takes over two transports of {@code NETLINK_ROUTE}. */
    public RtLinks(NlTransport transport, NlTransport events) {
        this.transport = transport;
        this.events = events;
        this.requests = new NlRequests(transport);
        int joined = events.join(RTNLGRP_LINK);
        if (joined < 0) {
            throw Errno.fatal("join RTNLGRP_LINK", joined);
        }
    }

    /** Opens sockets of its own in the calling thread's network namespace. */
    public static RtLinks open() {
        return new RtLinks(
                NlSocket.open(NlConst.NETLINK_ROUTE, 8, 32 * 1024),
                NlSocket.open(NlConst.NETLINK_ROUTE, 16, 16 * 1024));
    }

    /** All interfaces. */
    public List<RtLink> list() throws NlException {
        NlResult result = NlResult.DONE;
        for (int i = 0; i < DUMP_ATTEMPTS; i++) {
            List<RtLink> all = new ArrayList<>();
            requests.begin(RTM_GETLINK, 0).header(IFINFOMSG_BYTES);
            result = requests.dump(message -> {
                RtLink link = parse(message);
                if (link != null) {
                    all.add(link);
                }
            });
            if (result.ok()) {
                return all;
            }
            if (result.errno() != Errno.EINTR) {
                break;
            }
        }
        throw new NlException("list interfaces", "", result);
    }

    /** The interface {@code name}, or nothing. */
    public Optional<RtLink> find(String name) throws NlException {
        return list().stream().filter(l -> l.name().equals(name)).findFirst();
    }

    /**
     * Hands over the changes since the last call, and does not wait.
     *
     * @return messages handed over, or {@code -errno}: after {@code -ENOBUFS} changes were lost, so {@link #list} again
     */
    public int poll(Consumer<RtLink> handler) {
        int[] count = new int[1];
        int received = events.poll((buffer, offset, length) -> {
            reader.wrap(buffer, offset, length);
            while (reader.next()) {
                RtLink link = parse(reader);
                if (link != null) {
                    handler.accept(link);
                    count[0]++;
                }
            }
        });
        return received < 0 ? received : count[0];
    }

    /** Waits for a change; false when {@code timeoutMs} passed first. */
    public boolean await(int timeoutMs) {
        return events.await(timeoutMs);
    }

    /** Reads an {@code RTM_NEWLINK} or {@code RTM_DELLINK} message; null for any other. */
    public static RtLink parse(NlReader message) {
        if ((message.type() != RTM_NEWLINK && message.type() != RTM_DELLINK)
                || message.payloadLength() < IFINFOMSG_BYTES) {
            return null;
        }
        int at = message.payloadOffset();
        if (message.buffer().getByte(at) != NlConst.AF_UNSPEC) {
            // AF_BRIDGE speaks of a port of a bridge: its DELLINK means that the interface left the bridge, not that it
            // is gone.
            return null;
        }
        int flags = message.buffer().getInt(at + 8);
        String name = "";
        String hardwareAddress = "";
        int operState = 0;
        int mtu = 0;
        // Some drivers' messages come without IFLA_CARRIER; the flag says the same.
        boolean carrier = (flags & IFF_LOWER_UP) != 0;
        NlAttrs attrs = new NlAttrs().wrap(message, IFINFOMSG_BYTES);
        while (attrs.next()) {
            switch (attrs.type()) {
                case IFLA_IFNAME -> name = attrs.string();
                case IFLA_ADDRESS ->
                    hardwareAddress = HexFormat.ofDelimiter(":").formatHex(attrs.bytes());
                case IFLA_MTU -> mtu = attrs.u32();
                case IFLA_OPERSTATE -> operState = attrs.u8();
                case IFLA_CARRIER -> carrier = attrs.u8() != 0;
                default -> {
                    // Some sixty attributes that no one here asks for.
                }
            }
        }
        int ifIndex = message.buffer().getInt(at + 4);
        boolean gone = message.type() == RTM_DELLINK;
        return new RtLink(ifIndex, name, flags, carrier, operState, mtu, hardwareAddress, gone);
    }

    @Override
    public void close() {
        transport.close();
        events.close();
    }
}
