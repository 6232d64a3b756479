/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.CtTuple;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlSocket;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a kernel's conntrack table holds, by its own dump: how many entries, and a sum over them that does not depend on
 * their order. Both nodes' being equal is the last word on equality, independent of the program's own digests.
 *
 * @param entries number of entries
 * @param sum of a hash of each entry's protocol and of both its tuples: addresses, ports, translations
 */
public record KernelTable(long entries, long sum) {
    private static final int AF_UNSPEC = 0;

    /** The table of the namespace {@code netNs}. */
    public static KernelTable of(String netNs) {
        try {
            return NetNs.call(netNs, () -> {
                try (Summer summer = new Summer()) {
                    return summer.sum();
                }
            });
        } catch (Exception e) {
            throw new IllegalStateException("dump of the conntrack table of " + netNs, e);
        }
    }

    private static final class Summer implements NlDatagramHandler, AutoCloseable {
        private final NlSocket socket = NlSocket.open(NlConst.NETLINK_NETFILTER, 8, 32768);
        private final NlReader reader = new NlReader();
        private final CtFlyweight entry = new CtFlyweight();
        private boolean ended;
        private long entries;
        private long sum;

        KernelTable sum() {
            UnsafeBuffer request = new UnsafeBuffer(ByteBuffer.allocateDirect(CtEncoder.MESSAGE_BYTES_MAX));
            CtEncoder encoder = new CtEncoder().wrap(request, 0, request.capacity());
            encoder.beginDump(1, AF_UNSPEC).end();
            int sent = socket.send(request, 0, encoder.length());
            if (sent < 0) {
                throw Errno.fatal("dump the conntrack table", -sent);
            }
            while (!ended) {
                if (socket.poll(this) == 0) {
                    socket.await(100);
                }
            }
            return new KernelTable(entries, sum);
        }

        @Override
        public void onDatagram(DirectBuffer buffer, int offset, int length) {
            reader.wrap(buffer, offset, length);
            while (reader.next()) {
                if (reader.type() == NlConst.NLMSG_DONE || reader.type() == NlConst.NLMSG_ERROR) {
                    ended = true;
                } else if (entry.wrap(buffer, reader.offset(), reader.length())) {
                    entries++;
                    sum += mixed(31 * tuple(entry.orig()) + tuple(entry.reply()));
                }
            }
        }

        private long tuple(CtTuple tuple) {
            long hash = tuple.proto() * 31L + tuple.a();
            hash = mixed(hash * 65_537 + tuple.b());
            int words = entry.family() == Const.AF_INET ? 1 : 4;
            for (int i = 0; i < words; i++) {
                hash = mixed(hash + entry.buffer().getInt(tuple.srcOffset() + 4 * i));
                hash = mixed(hash + entry.buffer().getInt(tuple.dstOffset() + 4 * i));
            }
            return hash;
        }

        /** The finalizer of SplitMix64. */
        private static long mixed(long value) {
            long z = value + 0x9e3779b97f4a7c15L;
            z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
            z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
            return z ^ z >>> 31;
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
