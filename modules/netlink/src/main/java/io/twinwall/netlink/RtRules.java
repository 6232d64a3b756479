/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import io.twinwall.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of a network namespace that one protocol put there; {@link RtBatch} changes them. Control plane: allocates. One
 * thread at a time; owns its transport.
 */
public final class RtRules implements AutoCloseable {
    private static final int DUMP_ATTEMPTS = 10;

    private final NlTransport transport;
    private final NlRequests requests;

    /** Takes over {@code transport}, of {@code NETLINK_ROUTE}. */
    public RtRules(NlTransport transport) {
        this.transport = transport;
        this.requests = new NlRequests(transport);
    }

    /** Opens a socket of its own in the calling thread's network namespace. */
    public static RtRules open() {
        return new RtRules(NlSocket.open(NlConst.NETLINK_ROUTE, 8, 32 * 1024));
    }

    /** All rules of {@code protocol} that look into a table, IPv4 and IPv6. */
    public List<RtRule> list(int protocol) throws NlException {
        List<RtRule> all = new ArrayList<>(list(NlConst.AF_INET, protocol));
        all.addAll(list(NlConst.AF_INET6, protocol));
        return all;
    }

    private List<RtRule> list(int family, int protocol) throws NlException {
        NlResult result = NlResult.DONE;
        for (int i = 0; i < DUMP_ATTEMPTS; i++) {
            List<RtRule> all = new ArrayList<>();
            NlWriter writer = requests.begin(RTM_GETRULE, 0);
            writer.buffer().putByte(writer.header(FIB_RULE_HDR_BYTES), (byte) family);
            result = requests.dump(message -> {
                RtRule rule = parse(message);
                if (rule != null && rule.protocol() == protocol) {
                    all.add(rule);
                }
            });
            if (result.ok()) {
                return all;
            }
            if (result.errno() != Errno.EINTR) {
                break;
            }
        }
        throw new NlException("list rules", "of protocol " + protocol, result);
    }

    /** Reads an {@code RTM_NEWRULE} or {@code RTM_DELRULE} message; null for any other, and for other actions. */
    public static RtRule parse(NlReader message) {
        if ((message.type() != RTM_NEWRULE && message.type() != RTM_DELRULE)
                || message.payloadLength() < FIB_RULE_HDR_BYTES) {
            return null;
        }
        int at = message.payloadOffset();
        var buffer = message.buffer();
        int family = buffer.getByte(at);
        boolean known = family == NlConst.AF_INET || family == NlConst.AF_INET6;
        if (!known || buffer.getByte(at + 7) != FR_ACT_TO_TBL) {
            return null;
        }
        int addressBytes = family == NlConst.AF_INET ? 4 : 16;
        Optional<RtPrefix> from = Optional.empty();
        Optional<RtPrefix> to = Optional.empty();
        int mark = 0;
        int mask = 0;
        int table = buffer.getByte(at + 4) & 0xff;
        int priority = 0;
        int protocol = 0;
        NlAttrs attrs = new NlAttrs().wrap(message, FIB_RULE_HDR_BYTES);
        while (attrs.next()) {
            switch (attrs.type()) {
                case FRA_SRC -> from = prefix(attrs, addressBytes, buffer.getByte(at + 2) & 0xff);
                case FRA_DST -> to = prefix(attrs, addressBytes, buffer.getByte(at + 1) & 0xff);
                case FRA_FWMARK -> mark = attrs.u32();
                case FRA_FWMASK -> mask = attrs.u32();
                case FRA_TABLE -> table = attrs.u32();
                case FRA_PRIORITY -> priority = attrs.u32();
                case FRA_PROTOCOL -> protocol = attrs.u8();
                default -> {
                    // Interfaces, ports, suppressors: Twinwall makes none.
                }
            }
        }
        return new RtRule(family, from, to, mark, mask, table, priority, protocol);
    }

    private static Optional<RtPrefix> prefix(NlAttrs attrs, int addressBytes, int length) {
        return attrs.valueLength() == addressBytes && length <= addressBytes * 8
                ? Optional.of(new RtPrefix(RtAddresses.inet(attrs.bytes()), length))
                : Optional.empty();
    }

    /** Writes header and attributes of {@code rule} into the message that {@code writer} has begun. */
    static void write(NlWriter writer, RtRule rule) {
        int header = writer.header(FIB_RULE_HDR_BYTES);
        var buffer = writer.buffer();
        buffer.putByte(header, (byte) rule.family());
        buffer.putByte(header + 1, (byte) (int) rule.to().map(RtPrefix::length).orElse(0));
        buffer.putByte(
                header + 2, (byte) (int) rule.from().map(RtPrefix::length).orElse(0));
        buffer.putByte(header + 4, (byte) (rule.table() > 255 ? 0 : rule.table()));
        buffer.putByte(header + 7, (byte) FR_ACT_TO_TBL);
        rule.to().ifPresent(prefix -> writer.putBytes(FRA_DST, prefix.address().getAddress()));
        rule.from()
                .ifPresent(prefix -> writer.putBytes(FRA_SRC, prefix.address().getAddress()));
        writer.putU32(FRA_PRIORITY, rule.priority());
        if (rule.mask() != 0) {
            writer.putU32(FRA_FWMARK, rule.mark());
            writer.putU32(FRA_FWMASK, rule.mask());
        }
        writer.putU32(FRA_TABLE, rule.table());
        writer.putU8(FRA_PROTOCOL, rule.protocol());
    }

    @Override
    public void close() {
        transport.close();
    }
}
