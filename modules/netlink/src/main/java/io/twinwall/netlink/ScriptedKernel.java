/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.base.Check;
import io.twinwall.linux.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A kernel for tests without privilege: the conntrack table and the addresses of one namespace, spoken to through {@link
 * NlTransport}, in the same bytes as the real one. It knows of the real one's manners what matters to a caller: which
 * request answers which errno, that requests are worked off within the send, that own injections come back as events under
 * the injector's port id, that an overflowing listener is told once. It moves no packets and ages nothing.
 *
 * <p>One thread, with all its transports. Allocates: not for measuring.
 */
public final class ScriptedKernel {
    /** What the kernel charges a receive buffer for one event of conntrack. */
    public static final int EVENT_CHARGE_BYTES = 1280;

    private static final int DATAGRAMS_PER_POLL = 64;
    private static final int DEFAULT_BUFFER_BYTES = 212_992;
    private static final int FIRST_PORT_ID = 1000;

    private final List<Transport> transports = new ArrayList<>();
    private final ScriptedConntrack conntrack = new ScriptedConntrack(this);
    private final ScriptedAddresses addresses = new ScriptedAddresses(this);
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[64 * 1024]);
    private final NlWriter writer = new NlWriter().wrap(scratch, 0, scratch.capacity());
    private int refusals;
    private int refusalErrno;

    /** A new socket of {@code NETLINK_NETFILTER} or {@code NETLINK_ROUTE}. */
    public NlTransport connect(int protocol) {
        Transport transport = new Transport(FIRST_PORT_ID + transports.size(), protocol);
        transports.add(transport);
        return transport;
    }

    /** Entries in the conntrack table. */
    public int entries() {
        return conntrack.size();
    }

    /** The addresses there are. */
    public List<RtAddress> addresses() {
        return addresses.all();
    }

    /** The table takes no new entry beyond {@code max} of them: {@code nf_conntrack_max}. */
    public void entriesMax(int max) {
        conntrack.max(max);
    }

    /** Lets the next {@code count} requests fail with {@code errno}. */
    public void refuse(int errno, int count) {
        refusalErrno = errno;
        refusals = count;
    }

    /**
     * Does what the requests in the {@code length} bytes say as if packets had done it: events carry port id 0, nobody is
     * answered.
     */
    public void packetPath(DirectBuffer requests, int offset, int length) {
        work(null, requests, offset, length);
    }

    private void work(Transport from, DirectBuffer requests, int offset, int length) {
        NlReader walk = new NlReader().wrap(requests, offset, length);
        while (walk.next()) {
            int errno = perform(from, walk);
            boolean dump = (walk.flags() & NlConst.NLM_F_DUMP) == NlConst.NLM_F_DUMP && isGet(walk);
            if (from != null && (errno != 0 || ((walk.flags() & NlConst.NLM_F_ACK) != 0 && !dump))) {
                answer(from, walk, errno);
            }
        }
        Check.that(walk.error() == NlReader.OK, "a request batch that lies", walk.error());
    }

    private static boolean isGet(NlReader request) {
        int type = request.type();
        return type == CtConst.CTNETLINK + CtConst.IPCTNL_MSG_CT_GET || type == RtConst.RTM_GETADDR;
    }

    private int perform(Transport from, NlReader request) {
        if (from != null && refusals > 0) {
            refusals--;
            return refusalErrno;
        }
        int portId = from == null ? 0 : from.portId;
        if (from == null || from.protocol == NlConst.NETLINK_NETFILTER) {
            return request.type() >>> 8 == NlConst.NFNL_SUBSYS_CTNETLINK
                    ? conntrack.perform(request, portId)
                    : Errno.EOPNOTSUPP;
        }
        return addresses.perform(request, portId);
    }

    private void answer(Transport to, NlReader request, int errno) {
        writer.reset().begin(NlConst.NLMSG_ERROR, NlConst.NLM_F_CAPPED, request.seq());
        int at = writer.header(4 + NlConst.NLMSG_HDRLEN);
        scratch.putInt(at, -errno);
        scratch.putBytes(at + 4, request.buffer(), request.offset(), NlConst.NLMSG_HDRLEN);
        writer.end();
        unicast(to.portId, writer);
    }

    /** Ends a dump that {@code request} asked for. */
    void done(NlReader request, int portId) {
        writer.reset().begin(NlConst.NLMSG_DONE, NlConst.NLM_F_MULTI, request.seq());
        writer.header(4);
        writer.end();
        unicast(portId, writer);
    }

    /** Delivers {@code message} to the socket {@code portId}. */
    void unicast(int portId, NlWriter message) {
        for (Transport transport : transports) {
            if (transport.portId == portId && !transport.closed) {
                transport.queue.add(stamped(message, portId));
            }
        }
    }

    /** Delivers {@code message} to the members of {@code group}, as done at the request of {@code portId}. */
    void multicast(int protocol, int group, int portId, NlWriter message) {
        for (Transport transport : transports) {
            if (transport.protocol == protocol && (transport.groups & 1L << group) != 0 && !transport.closed) {
                transport.event(stamped(message, portId));
            }
        }
    }

    private static byte[] stamped(NlWriter message, int portId) {
        byte[] bytes = new byte[message.length()];
        message.buffer().putInt(message.offset() + NlConst.NLMSG_PID_OFFSET, portId);
        message.buffer().getBytes(message.offset(), bytes);
        return bytes;
    }

    private final class Transport implements NlTransport {
        private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
        private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[0]);
        private final int portId;
        private final int protocol;
        private long groups;
        private int bufferBytes = DEFAULT_BUFFER_BYTES;
        private boolean overflowed;
        private boolean lossToTell;
        private boolean closed;

        private Transport(int portId, int protocol) {
            this.portId = portId;
            this.protocol = protocol;
        }

        private void event(byte[] message) {
            // Once it overflows, the kernel drops until the reader has drained it, and tells once.
            if (overflowed || (long) (queue.size() + 1) * EVENT_CHARGE_BYTES > bufferBytes) {
                lossToTell |= !overflowed;
                overflowed = true;
            } else {
                queue.add(message);
            }
        }

        @Override
        public int portId() {
            return portId;
        }

        @Override
        public int join(int group) {
            groups |= 1L << group;
            return 0;
        }

        @Override
        public int leave(int group) {
            groups &= ~(1L << group);
            return 0;
        }

        @Override
        public int setReceiveBuffer(int bytes) {
            bufferBytes = 2 * bytes;
            return 0;
        }

        @Override
        public int send(DirectBuffer buffer, int offset, int length) {
            Check.that(!closed, "send on a closed transport");
            work(this, buffer, offset, length);
            return length;
        }

        @Override
        public int poll(NlDatagramHandler handler) {
            Check.that(!closed, "poll on a closed transport");
            if (lossToTell) {
                lossToTell = false;
                return -Errno.ENOBUFS;
            }
            int count = 0;
            while (count < DATAGRAMS_PER_POLL && !queue.isEmpty()) {
                byte[] bytes = queue.poll();
                datagram.wrap(bytes);
                handler.onDatagram(datagram, 0, bytes.length);
                // A reader that kept an offset reads rubbish from here on.
                datagram.setMemory(0, bytes.length, (byte) 0xa5);
                count++;
            }
            overflowed &= !queue.isEmpty();
            return count;
        }

        @Override
        public boolean await(int timeoutMs) {
            return lossToTell || !queue.isEmpty();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
