/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlTransport;
import io.twinwall.netlink.ScriptedKernel;
import io.twinwall.wire.Link;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;

/** One node of the simulated pair: a scripted kernel, which outlives the agent, and the agent that runs on it. */
final class SimNode implements ConntrackKernel {
    static final int BUCKET_BITS = 6;

    /** Few, so that the few flows there are can lag. */
    static final int LAG_DELTAS_MAX = 10;

    final ScriptedKernel kernel;
    final Link link;
    final Counters counters = new Counters();
    final List<SyncReport> reports = new ArrayList<>();
    final SyncAgent agent;
    /** While true, the kernel has no memory for requests. */
    boolean shortOfMemory;

    private FlowRules rules = FlowRules.NONE;
    private final int eventBufferBytes;
    private final NlTransport probe;

    SimNode(ScriptedKernel kernel, Link link, NanoClock clock, int eventBufferBytes) {
        this.kernel = kernel;
        this.link = link;
        this.eventBufferBytes = eventBufferBytes;
        probe = dumps();
        agent = new SyncAgent(
                new SyncConfig(4096, BUCKET_BITS, 42, LAG_DELTAS_MAX),
                this,
                link,
                SimNode::memory,
                clock,
                counters,
                reports::add);
    }

    static UnsafeBuffer memory(long bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(Math.toIntExact(bytes)));
    }

    @Override
    public NlTransport events() {
        NlTransport transport = kernel.connect(NlConst.NETLINK_NETFILTER);
        transport.setReceiveBuffer(eventBufferBytes);
        return transport;
    }

    @Override
    public NlTransport dumps() {
        return kernel.connect(NlConst.NETLINK_NETFILTER);
    }

    @Override
    public NlTransport injections() {
        NlTransport transport = kernel.connect(NlConst.NETLINK_NETFILTER);
        return new FullTransport(transport, () -> shortOfMemory);
    }

    /** Has the agent replicate by {@code chosen}; {@link #held} tells of no others from now on. */
    void select(FlowRules chosen) {
        rules = chosen;
        agent.offer(new SyncCommand.Select(chosen));
    }

    private boolean travels(FlowImage image) {
        int state = image.has(FlowImage.TCP) ? image.tcpState() : FlowRules.NO_STATE;
        return rules.judge(image, image.mark(), state, Long.MAX_VALUE) == FlowRules.TRAVELS;
    }

    /** The answer to the command {@code token}, or null while there is none. */
    SyncReport.Done done(long token) {
        for (SyncReport report : reports) {
            if (report instanceof SyncReport.Done done && done.token() == token) {
                return done;
            }
        }
        return null;
    }

    SyncReport.Changed lastChange() {
        SyncReport.Changed last = null;
        for (SyncReport report : reports) {
            last = report instanceof SyncReport.Changed changed ? changed : last;
        }
        return last;
    }

    /** What the agent's table holds for replication, each flow as one line without what may differ between nodes. */
    SortedSet<String> mirrored() {
        TreeSet<String> flows = new TreeSet<>();
        CompletableFuture<Integer> done = new CompletableFuture<>();
        agent.offer(new SyncCommand.Visit(image -> flows.add(FlowLine.of(image)), done));
        while (!done.isDone()) {
            agent.doWork();
        }
        return flows;
    }

    /** What the kernel holds that is to be replicated. */
    SortedSet<String> held() {
        return held(false);
    }

    /** What of that the kernel would take for invalid when it comes back with other windows than those it has seen. */
    SortedSet<String> windowed() {
        return held(true);
    }

    private SortedSet<String> held(boolean windowed) {
        TreeSet<String> flows = new TreeSet<>();
        NlTransport transport = probe;
        UnsafeBuffer buffer = memory(1024);
        CtEncoder request = new CtEncoder().wrap(buffer, 0, 1024).beginDump(1, 0);
        request.end();
        transport.send(buffer, 0, request.length());
        NlReader reader = new NlReader();
        CtFlyweight entry = new CtFlyweight();
        FlowImage image = new FlowImage();
        int read = 1;
        while (read > 0) {
            read = transport.poll((datagram, offset, length) -> {
                reader.wrap(datagram, offset, length);
                while (reader.next()) {
                    if (reader.type() != NlConst.NLMSG_DONE && entry.wrap(datagram, reader.offset(), reader.length())) {
                        CtImage.read(entry, image);
                        if (CtImage.settled(image)
                                && FlowFilter.NONE_OWN.accepts(image)
                                && travels(image)
                                && (!windowed || judgesByWindows(entry))) {
                            flows.add(FlowLine.of(image));
                        }
                    }
                }
            });
        }
        return flows;
    }

    private static boolean judgesByWindows(CtFlyweight entry) {
        int both = entry.protoInfo().tcpFlagsOrig() & entry.protoInfo().tcpFlagsReply();
        return entry.has(CtFlyweight.HAS_TCP_STATE) && (both & CtConst.IP_CT_TCP_FLAG_BE_LIBERAL) == 0;
    }
}
