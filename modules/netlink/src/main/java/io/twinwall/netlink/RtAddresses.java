/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import io.twinwall.base.Check;
import io.twinwall.linux.Errno;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses of a network namespace; {@link RtBatch} changes them. Control plane: allocates, and waits for the kernel
 * (microseconds). One thread at a time; owns its transport.
 */
public final class RtAddresses implements AutoCloseable {
    private static final int DUMP_ATTEMPTS = 10;

    private final NlTransport transport;
    private final NlRequests requests;

    /** Takes over {@code transport}, of {@code NETLINK_ROUTE}. */
    public RtAddresses(NlTransport transport) {
        this.transport = transport;
        this.requests = new NlRequests(transport);
    }

    /** Opens a socket of its own in the calling thread's network namespace. */
    public static RtAddresses open() {
        return new RtAddresses(NlSocket.open(NlConst.NETLINK_ROUTE, 8, 32 * 1024));
    }

    /** All addresses of the namespace, in the kernel's order. */
    public List<RtAddress> list() throws NlException {
        NlResult result = NlResult.DONE;
        for (int i = 0; i < DUMP_ATTEMPTS; i++) {
            List<RtAddress> all = new ArrayList<>();
            requests.begin(RTM_GETADDR, 0).header(IFADDRMSG_BYTES);
            result = requests.dump(message -> {
                RtAddress address = parse(message);
                if (address != null) {
                    all.add(address);
                }
            });
            if (result.ok()) {
                return all;
            }
            if (result.errno() != Errno.EINTR) {
                break;
            }
        }
        throw new NlException("list addresses", "of all interfaces", result);
    }

    /** The addresses of one interface. */
    public List<RtAddress> list(int ifIndex) throws NlException {
        return list().stream().filter(a -> a.ifIndex() == ifIndex).toList();
    }

    /** Reads an {@code RTM_NEWADDR} or {@code RTM_DELADDR} message, also one of an event; null for any other. */
    public static RtAddress parse(NlReader message) {
        if ((message.type() != RTM_NEWADDR && message.type() != RTM_DELADDR)
                || message.payloadLength() < IFADDRMSG_BYTES) {
            return null;
        }
        int at = message.payloadOffset();
        var buffer = message.buffer();
        int flags = buffer.getByte(at + 2) & 0xff;
        int protocol = 0;
        byte[] local = null;
        byte[] prefix = null;
        long preferredS = RtAddress.FOREVER;
        long validS = RtAddress.FOREVER;
        NlAttrs attrs = new NlAttrs().wrap(message, IFADDRMSG_BYTES);
        while (attrs.next()) {
            switch (attrs.type()) {
                case IFA_LOCAL -> local = attrs.bytes();
                case IFA_ADDRESS -> prefix = attrs.bytes();
                case IFA_FLAGS -> flags = attrs.u32();
                case IFA_PROTO -> protocol = attrs.u8();
                case IFA_CACHEINFO -> {
                    if (attrs.valueLength() >= IFA_CACHEINFO_BYTES) {
                        preferredS = buffer.getInt(attrs.valueOffset()) & 0xffff_ffffL;
                        validS = buffer.getInt(attrs.valueOffset() + 4) & 0xffff_ffffL;
                    }
                }
                default -> {
                    // Label, broadcast and the like are not Twinwall's business.
                }
            }
        }
        // Of a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL, where given, is always this one.
        byte[] own = local != null ? local : prefix;
        if (own == null || (own.length != 4 && own.length != 16)) {
            return null;
        }
        int prefixLength = buffer.getByte(at + 1) & 0xff;
        int scope = buffer.getByte(at + 3) & 0xff;
        return new RtAddress(
                buffer.getInt(at + 4), inet(own), prefixLength, flags, scope, preferredS, validS, protocol);
    }

    @Override
    public void close() {
        transport.close();
    }

    /** Writes header and attributes of {@code address} into the message that {@code writer} has begun. */
    static void write(NlWriter writer, RtAddress address, boolean lifetimes) {
        byte[] bytes = address.address().getAddress();
        Check.inRange(address.prefixLength(), 0, bytes.length * 8L, "prefix length");
        int header = writer.header(IFADDRMSG_BYTES);
        var buffer = writer.buffer();
        buffer.putByte(header, (byte) (address.address() instanceof Inet4Address ? NlConst.AF_INET : NlConst.AF_INET6));
        buffer.putByte(header + 1, (byte) address.prefixLength());
        buffer.putByte(header + 2, (byte) address.flags());
        buffer.putByte(header + 3, (byte) address.scope());
        buffer.putInt(header + 4, address.ifIndex());
        writer.putBytes(IFA_LOCAL, bytes);
        writer.putBytes(IFA_ADDRESS, bytes);
        if (lifetimes) {
            writer.putU32(IFA_FLAGS, address.flags());
            writer.putBytes(IFA_CACHEINFO, new byte[IFA_CACHEINFO_BYTES]);
            int at = writer.position() - IFA_CACHEINFO_BYTES;
            buffer.putInt(at, (int) address.preferredS());
            buffer.putInt(at + 4, (int) address.validS());
            if (address.protocol() != 0) {
                writer.putU8(IFA_PROTO, address.protocol());
            }
        }
    }

    static InetAddress inet(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes", e);
        }
    }
}
