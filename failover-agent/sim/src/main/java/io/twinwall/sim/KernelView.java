/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.SeededRandom;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlTransport;
import io.twinwall.netlink.ScriptedKernel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What a kernel holds of the flows of {@link Traffic}, read by a dump. */
final class KernelView {
    private final NlTransport transport;
    private final UnsafeBuffer request = new UnsafeBuffer(new byte[256]);
    private final NlReader reader = new NlReader();
    private final CtFlyweight entry = new CtFlyweight();
    private final long[] content = new long[Traffic.KEYS];
    private final boolean[] settled = new boolean[Traffic.KEYS];

    KernelView(ScriptedKernel kernel) {
        transport = kernel.connect(NlConst.NETLINK_NETFILTER);
    }

    void read() {
        java.util.Arrays.fill(content, 0);
        CtEncoder dump = new CtEncoder().wrap(request, 0, request.capacity()).beginDump(1, NlConst.AF_UNSPEC);
        dump.end();
        transport.send(request, 0, dump.length());
        int read = 1;
        while (read > 0) {
            read = transport.poll(this::onDatagram);
        }
    }

    private void onDatagram(DirectBuffer buffer, int offset, int length) {
        reader.wrap(buffer, offset, length);
        while (reader.next()) {
            if (reader.type() != NlConst.NLMSG_DONE && entry.wrap(buffer, reader.offset(), reader.length())) {
                int key = entry.orig().a() - Traffic.FIRST_PORT;
                if (key >= 0 && key < Traffic.KEYS) {
                    note(key);
                }
            }
        }
    }

    private void note(int key) {
        boolean tcp = entry.has(CtFlyweight.HAS_TCP_STATE);
        int state = tcp ? entry.protoInfo().tcpState() : 0;
        settled[key] = !tcp || state > 1;
        long hash = SeededRandom.mix(entry.reply().a() * 65_537L + entry.reply().b());
        hash = SeededRandom.mix(hash ^ state);
        hash = SeededRandom.mix(hash ^ (entry.has(CtFlyweight.HAS_MARK) ? entry.mark() : 0));
        content[key] = hash == 0 ? 1 : hash;
    }

    /** As of the last {@link #read}. */
    boolean holds(int key) {
        return content[key] != 0;
    }

    /** Whether it is one that is replicated: TCP only once it was answered. */
    boolean settled(int key) {
        return content[key] != 0 && settled[key];
    }

    /** Equal for equal reply tuples, states and marks. */
    long content(int key) {
        return content[key];
    }
}
