/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import io.twinwall.base.Check;
import io.twinwall.linux.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Changes of addresses, routes and rules, many with one system call: name them, then {@link #send}. The kernel works them
 * off in order and each for itself. It answers every refusal and, as asked, the last one; answers come in order, so that the
 * last one's says that each before it was done or is among the refusals. A lost answer is an error, never a silence.
 *
 * <p>Control plane: allocates. One thread at a time; owns its transport and its buffer.
 */
public final class RtBatch implements AutoCloseable {
    /** With every one refused, with the kernel's words, the answers still fit the smallest usual receive buffer. */
    private static final int MESSAGES_MAX = 128;

    private static final int MESSAGE_BYTES_MAX = 256;
    private static final Set<Integer> NO_ADDRESS = Set.of(Errno.EADDRNOTAVAIL, Errno.ENODEV);

    /** {@code content}: the refusals which say that all is as wanted already. */
    private record Change(String operation, String key, Set<Integer> content) {}

    private final NlTransport transport;
    private final NlRequests requests;
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGES_MAX * MESSAGE_BYTES_MAX));
    private final NlWriter writer = new NlWriter().wrap(buffer, 0, buffer.capacity());
    private final List<Change> changes = new ArrayList<>();
    private final List<NlException> refused = new ArrayList<>();
    private int firstSeq;
    private int lastOffset;

    /** Takes over {@code transport}, of {@code NETLINK_ROUTE}. */
    public RtBatch(NlTransport transport) {
        this.transport = transport;
        this.requests = new NlRequests(transport);
    }

    /** Opens a socket of its own in the calling thread's network namespace. */
    public static RtBatch open() {
        return new RtBatch(NlSocket.open(NlConst.NETLINK_ROUTE, 16, 4096));
    }

    /** Adds {@code address}; EEXIST when the interface has it. */
    public RtBatch add(RtAddress address) {
        return address("add address", address, RTM_NEWADDR, NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL, Set.of());
    }

    /** Adds {@code address}, or gives the one that is there its lifetime and flags. */
    public RtBatch replace(RtAddress address) {
        return address("replace address", address, RTM_NEWADDR, NlConst.NLM_F_CREATE | NlConst.NLM_F_REPLACE, Set.of());
    }

    /** Deletes {@code address}, which must be there with that prefix length. */
    public RtBatch delete(RtAddress address) {
        return address("delete address", address, RTM_DELADDR, 0, Set.of());
    }

    /** As {@link #delete(RtAddress)}, content with an address that is not there, as at an interface that is gone. */
    public RtBatch deleteIfPresent(RtAddress address) {
        return address("delete address", address, RTM_DELADDR, 0, NO_ADDRESS);
    }

    /** Adds {@code route}; EEXIST when the table has one to that destination with that metric, whoever put it there. */
    public RtBatch add(RtRoute route) {
        return route("add route", route, RTM_NEWROUTE, NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL, Set.of());
    }

    /** Adds {@code route} behind those to the same destination with the same metric; content with one equal to it. */
    public RtBatch append(RtRoute route) {
        return route(
                "append route", route, RTM_NEWROUTE, NlConst.NLM_F_CREATE | NlConst.NLM_F_APPEND, Set.of(Errno.EEXIST));
    }

    /** Deletes {@code route} of this very protocol; content when there is none. */
    public RtBatch deleteIfPresent(RtRoute route) {
        return route("delete route", route, RTM_DELROUTE, 0, Set.of(Errno.ESRCH));
    }

    /** Adds {@code rule}; EEXIST when there is one equal to it. */
    public RtBatch add(RtRule rule) {
        begin("add rule", rule.key(), RTM_NEWRULE, NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL, Set.of());
        RtRules.write(writer, rule);
        return end();
    }

    /** Deletes {@code rule}; content when there is none. */
    public RtBatch deleteIfPresent(RtRule rule) {
        begin("delete rule", rule.key(), RTM_DELRULE, 0, Set.of(Errno.ENOENT));
        RtRules.write(writer, rule);
        return end();
    }

    /**
     * Lets the interface's secondary IPv4 addresses outlive the primary one of their subnet ({@code promote_secondaries}),
     * which else takes them with it.
     */
    public RtBatch promoteSecondaries(int ifIndex) {
        begin("promote secondaries", "of interface " + ifIndex, RTM_SETLINK, 0, Set.of());
        int header = writer.header(IFINFOMSG_BYTES);
        writer.buffer().putInt(header + 4, ifIndex);
        int spec = writer.nestBegin(IFLA_AF_SPEC);
        int inet = writer.nestBegin(NlConst.AF_INET);
        int conf = writer.nestBegin(IFLA_INET_CONF);
        writer.putU32(IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
        writer.nestEnd(conf).nestEnd(inet).nestEnd(spec);
        return end();
    }

    /** Sends all that was named since the last call, and waits until it is done. Returns what was refused, in order. */
    public List<NlException> send() {
        flush();
        List<NlException> result = List.copyOf(refused);
        refused.clear();
        return result;
    }

    @Override
    public void close() {
        transport.close();
    }

    private RtBatch address(String operation, RtAddress address, int type, int flags, Set<Integer> content) {
        begin(operation, address.key(), type, flags, content);
        RtAddresses.write(writer, address, type == RTM_NEWADDR);
        return end();
    }

    private RtBatch route(String operation, RtRoute route, int type, int flags, Set<Integer> content) {
        begin(operation, route.key(), type, flags, content);
        RtRoutes.write(writer, route);
        return end();
    }

    private void begin(String operation, String key, int type, int flags, Set<Integer> content) {
        if (changes.size() == MESSAGES_MAX) {
            flush();
        }
        int seq = requests.nextSeq();
        firstSeq = changes.isEmpty() ? seq : firstSeq;
        lastOffset = writer.position();
        changes.add(new Change(operation, key, content));
        writer.begin(type, flags | NlConst.NLM_F_REQUEST, seq);
    }

    private RtBatch end() {
        Check.inRange(writer.end(), NlConst.NLMSG_HDRLEN, MESSAGE_BYTES_MAX, "bytes of a change");
        return this;
    }

    private void flush() {
        if (changes.isEmpty()) {
            return;
        }
        writer.addFlags(lastOffset, NlConst.NLM_F_ACK);
        int lastSeq = firstSeq + changes.size() - 1;
        NlResult result = requests.batch(buffer, 0, writer.length(), firstSeq, lastSeq, this::onRefusal);
        if (!result.ok()) {
            refused.add(new NlException("change addresses and routes", changes.size() + " at once", result));
        }
        changes.clear();
        writer.reset();
    }

    private void onRefusal(int seq, NlResult refusal) {
        Change change = changes.get(seq - firstSeq);
        if (!change.content().contains(refusal.errno())) {
            refused.add(new NlException(change.operation(), change.key(), refusal));
        }
    }
}
