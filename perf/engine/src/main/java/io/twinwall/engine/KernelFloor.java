/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Check;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlError;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlSocket;
import io.twinwall.testkit.TestNet;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the kernel alone takes: to be given {@code N} entries in batches, and to give them back in a dump, by the bare
 * codec, with no table, no wire and no peer. Everything above it is judged against this, measured in the same run on the
 * same machine.
 */
public final class KernelFloor implements NlDatagramHandler, AutoCloseable {
    private static final int BATCH = 128;
    private static final int WARM_UP = 20_000;
    private static final int AF_UNSPEC = 0;

    /** Nanoseconds to dump and to inject the canonical workload's first {@code entries}. */
    public record Result(int entries, long dumpNs, long injectNs) {
        public Duration sum() {
            return Duration.ofNanos(dumpNs + injectNs);
        }

        @Override
        public String toString() {
            return String.format(
                    "floor: %,d entries, inject %.0f ms (%,.0f/s), dump %.0f ms (%,.0f/s)",
                    entries, injectNs / 1e6, entries * 1e9 / injectNs, dumpNs / 1e6, entries * 1e9 / dumpNs);
        }
    }

    private final NlSocket socket = NlSocket.open(NlConst.NETLINK_NETFILTER, 8, 32768);
    private final UnsafeBuffer buffer =
            new UnsafeBuffer(ByteBuffer.allocateDirect((BATCH + 1) * CtEncoder.MESSAGE_BYTES_MAX));
    private final CtEncoder encoder = new CtEncoder();
    private final FlowMix mix = new FlowMix();
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private int awaitedSeq;
    private int seq;
    private int errno;
    private boolean ended;
    private long entries;

    /** In the namespace of the calling thread. */
    KernelFloor() {}

    /** Measures in two namespaces of its own: one to warm up, one to measure. */
    public static Result measure(int flows) throws Exception {
        try (TestNet net = new TestNet()) {
            NetNs.call(net.namespace(), () -> run(WARM_UP));
            return NetNs.call(net.namespace(), () -> run(flows));
        }
    }

    private static Result run(int flows) {
        try (KernelFloor floor = new KernelFloor()) {
            long begin = System.nanoTime();
            floor.inject(flows);
            long injected = System.nanoTime();
            long dumped = floor.dump();
            long end = System.nanoTime();
            Check.that(dumped == flows, "entries dumped", dumped);
            return new Result(flows, end - injected, injected - begin);
        }
    }

    /** Creates the first {@code flows} of the workload. */
    void inject(int flows) {
        for (int first = 0; first < flows; first += BATCH) {
            int end = Math.min(flows, first + BATCH);
            encoder.wrap(buffer, 0, buffer.capacity());
            int last = 0;
            for (int number = first; number < end; number++) {
                last = encoder.position();
                mix.create(encoder, number, ++seq);
            }
            encoder.addFlags(last, NlConst.NLM_F_ACK);
            exchange();
        }
    }

    /** Reads all entries; returns how many there are. */
    long dump() {
        entries = 0;
        encoder.wrap(buffer, 0, buffer.capacity());
        encoder.beginDump(++seq, AF_UNSPEC);
        encoder.end();
        exchange();
        return entries;
    }

    private void exchange() {
        awaitedSeq = seq;
        ended = false;
        errno = 0;
        int sent = socket.send(buffer, 0, encoder.length());
        if (sent < 0) {
            throw Errno.fatal("send to conntrack", -sent);
        }
        while (!ended) {
            if (socket.poll(this) == 0) {
                socket.await(100);
            }
        }
        Check.that(errno == 0, "the kernel refused an entry", errno);
    }

    @Override
    public void onDatagram(DirectBuffer datagram, int offset, int length) {
        reader.wrap(datagram, offset, length);
        while (reader.next()) {
            if (reader.type() == NlConst.NLMSG_DONE) {
                ended = true;
            } else if (reader.type() == NlConst.NLMSG_ERROR && error.wrap(reader)) {
                errno = errno == 0 ? error.errno() : errno;
                ended |= error.seq() == awaitedSeq;
            } else {
                entries++;
                onEntry(datagram, reader.offset(), reader.length());
            }
        }
    }

    /** One dumped entry, for whoever wants to look closer. */
    void onEntry(DirectBuffer datagram, int offset, int length) {}

    @Override
    public void close() {
        socket.close();
    }

    /** {@code KernelFloor [entries]}. */
    public static void main(String[] args) throws Exception {
        Machine.roomForFlows();
        System.out.println(measure(args.length > 0 ? Integer.parseInt(args[0]) : ColdStart.FLOWS));
    }
}
