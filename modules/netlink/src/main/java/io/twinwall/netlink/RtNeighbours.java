/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import io.twinwall.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The neighbours that a network namespace knows, IPv4 and IPv6. Control plane: allocates. One thread at a time; owns its
 * transport.
 */
public final class RtNeighbours implements AutoCloseable {
    private static final int DUMP_ATTEMPTS = 10;

    private final NlTransport transport;
    private final NlRequests requests;

    /** Takes over {@code transport}, of {@code NETLINK_ROUTE}. */
    public RtNeighbours(NlTransport transport) {
        this.transport = transport;
        this.requests = new NlRequests(transport);
    }

    /** Opens a socket of its own in the calling thread's network namespace. */
    public static RtNeighbours open() {
        return new RtNeighbours(NlSocket.open(NlConst.NETLINK_ROUTE, 8, 32 * 1024));
    }

    /** All neighbours of all interfaces. */
    public List<RtNeighbour> list() throws NlException {
        NlResult result = NlResult.DONE;
        for (int i = 0; i < DUMP_ATTEMPTS; i++) {
            List<RtNeighbour> all = new ArrayList<>();
            requests.begin(RTM_GETNEIGH, 0).header(NDMSG_BYTES);
            result = requests.dump(message -> parse(message).ifPresent(all::add));
            if (result.ok()) {
                return all;
            }
            if (result.errno() != Errno.EINTR) {
                break;
            }
        }
        throw new NlException("list neighbours", "of all interfaces", result);
    }

    /** Reads an {@code RTM_NEWNEIGH} message; nothing for any other, and for what has no address (that of a bridge). */
    static Optional<RtNeighbour> parse(NlReader message) {
        if (message.type() != RTM_NEWNEIGH || message.payloadLength() < NDMSG_BYTES) {
            return Optional.empty();
        }
        int at = message.payloadOffset();
        int family = message.buffer().getByte(at);
        if (family != NlConst.AF_INET && family != NlConst.AF_INET6) {
            return Optional.empty();
        }
        byte[] address = null;
        NlAttrs attrs = new NlAttrs().wrap(message, NDMSG_BYTES);
        while (attrs.next()) {
            address = attrs.type() == NDA_DST ? attrs.bytes() : address;
        }
        if (address == null || address.length != (family == NlConst.AF_INET ? 4 : 16)) {
            return Optional.empty();
        }
        int state = message.buffer().getShort(at + 8) & 0xffff;
        return Optional.of(new RtNeighbour(message.buffer().getInt(at + 4), RtAddresses.inet(address), state));
    }

    @Override
    public void close() {
        transport.close();
    }
}
