/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.base.SeededRandom;
import io.twinwall.conntracksync.SyncReport.Readiness;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlTransport;
import io.twinwall.netlink.ScriptedKernel;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.MemoryLink;
import io.twinwall.wire.SessionKeys;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Two sync agents, a link with faults, scripted kernels, one clock, one seed, one thread. */
final class SimPair {
    private static final long STEP_NS = 1_000_000;
    private static final int STEPS_TO_EQUAL = 4_000;
    private static final int REST_STEPS = 3_500;
    private static final LinkIdentity A = new LinkIdentity(7, 1, 2);
    private static final ClusterKey KEY = key();

    final SeededRandom random;
    final ScriptedKernel[] kernels = {new ScriptedKernel(), new ScriptedKernel()};
    final SimNode[] nodes = new SimNode[2];
    private final NlTransport[] programs = new NlTransport[2];
    final long[] sessions = {1, 2};
    final int eventBufferBytes;
    SimTraffic traffic;
    MemoryLink link;
    long nowNs = STEP_NS;
    long term = 1;
    int source;
    private final Set<String> leftovers = new HashSet<>();
    private long token;

    SimPair(long seed) {
        random = new SeededRandom(seed);
        traffic = new SimTraffic(random);
        eventBufferBytes = random.chance(3) ? 64 * ScriptedKernel.EVENT_CHARGE_BYTES / 2 : 1 << 20;
        connect();
        start(0);
        start(1);
        become();
        session();
    }

    static ClusterKey key() {
        byte[] bytes = new byte[32];
        new SeededRandom(1).nextBytes(bytes);
        return ClusterKey.of(1, bytes);
    }

    static SessionKeys keys(int node, long own, long peer) {
        return SessionKeys.derive(KEY, 1, node == 0 ? A : A.mirrored(), own, peer);
    }

    private void connect() {
        MemoryLink.Faults faults = new MemoryLink.Faults(
                random.nextInt(30), random.nextInt(30), random.nextInt(30), random.nextInt(3_000_000), 500_000);
        link = new MemoryLink(() -> nowNs, random, faults, random.chance(4) ? 2 : 64);
    }

    private void start(int node) {
        nodes[node] = new SimNode(
                kernels[node], new ReopenedLink(node == 0 ? link.a() : link.b()), () -> nowNs, eventBufferBytes);
    }

    int mirror() {
        return 1 - source;
    }

    SimNode sourceNode() {
        return nodes[source];
    }

    SimNode mirrorNode() {
        return nodes[mirror()];
    }

    private void become() {
        offer(mirror(), new SyncCommand.BecomeMirror(++token, term));
        offer(source, new SyncCommand.BecomeSource(++token, term));
    }

    void session() {
        for (int i = 0; i < 2; i++) {
            offer(i, new SyncCommand.SessionUp(keys(i, sessions[i], sessions[1 - i]), term));
        }
    }

    private void offer(int node, SyncCommand command) {
        Check.that(nodes[node].agent.offer(command), "command taken");
    }

    /** The agent of {@code node} starts anew, on the kernel it left behind. */
    void restart(int node) {
        sessions[node] += 2;
        nodes[node].agent.onClose();
        start(node);
        boolean isSource = node == source;
        if (!isSource) {
            leftovers.addAll(nodes[node].held());
        }
        offer(
                node,
                isSource ? new SyncCommand.BecomeSource(++token, term) : new SyncCommand.BecomeMirror(++token, term));
        session();
    }

    /** The planned switchover, without the roles' part: drain, then the mirror becomes source and the source mirror. */
    void swap() {
        term++;
        offer(mirror(), new SyncCommand.DrainInjector(++token, nowNs + 50 * STEP_NS));
        run(60, false);
        source = 1 - source;
        become();
        offer(source, new SyncCommand.CorrectTimeouts(++token));
    }

    /** The source stood still, the mirror took over, and the source learns of it before it reads what its kernel told. */
    void depose() {
        term++;
        offer(mirror(), new SyncCommand.DrainInjector(++token, nowNs + 50 * STEP_NS));
        nodes[mirror()].agent.doWork();
        source = 1 - source;
        become();
        offer(source, new SyncCommand.CorrectTimeouts(++token));
    }

    long barrier(long limitNs) {
        offer(source, new SyncCommand.Barrier(++token, nowNs + limitNs));
        return token;
    }

    void step(boolean busy) {
        if (busy) {
            for (int i = random.nextInt(12); i > 0; i--) {
                traffic.one(kernels[source]);
            }
            if (random.chance(4)) {
                traffic.own(kernels[source]);
            }
        }
        nodes[0].agent.doWork();
        nodes[1].agent.doWork();
        nowNs += STEP_NS;
    }

    void run(int steps, boolean busy) {
        for (int i = 0; i < steps; i++) {
            step(busy);
        }
    }

    void burst(int changes) {
        for (int i = 0; i < changes; i++) {
            traffic.one(kernels[source]);
        }
    }

    /** Another program changes something in the kernel of {@code node}. */
    void foreign(int node) {
        if (programs[node] == null) {
            programs[node] = kernels[node].connect(NlConst.NETLINK_NETFILTER);
        }
        traffic.foreign(programs[node]);
    }

    /** Nothing happens for so long that each kernel is audited several times. */
    void rest() {
        for (int i = 0; i < REST_STEPS; i++) {
            step(false);
            nowNs += 9 * STEP_NS;
        }
    }

    /** More events of {@code node}'s own than its buffer holds: what comes after them before they are read is lost. */
    void overflow(int node) {
        for (int i = 0; i < 2 * eventBufferBytes / ScriptedKernel.EVENT_CHARGE_BYTES + 1; i++) {
            traffic.own(kernels[node]);
        }
    }

    /** No traffic: within bounded steps the mirror is equal and ready, nothing lags, and its kernel holds the source's. */
    void settle(String after) {
        int steps = 0;
        while (!settled()) {
            if (++steps > STEPS_TO_EQUAL) {
                throw new AssertionError("after " + after + ": not equal in " + steps + " steps: " + describe());
            }
            step(false);
            nowNs += 4 * STEP_NS;
        }
    }

    /**
     * Steps until both nodes have told how many flows the mirror's kernel refuses. That number moves with each repair of
     * what was lost on the way, and is told once a second at most: no fixed time is long enough.
     */
    void settleTold() {
        for (int steps = 0; !toldRefused(); steps++) {
            if (steps > STEPS_TO_EQUAL) {
                throw new AssertionError("refused flows not told in " + steps + " steps: mirror "
                        + mirrorNode().lastChange() + ", source " + sourceNode().lastChange());
            }
            step(false);
        }
    }

    private boolean toldRefused() {
        long refused = mirrorNode().counters.value("sync_refused");
        // A mirror that has just missed a frame is not ready for a moment, with the same number.
        return mirrorNode().lastChange().readiness() == Readiness.READY
                && mirrorNode().lastChange().refused() == refused
                && sourceNode().lastChange().refused() == refused
                && sourceNode().counters.value("sync_peer_refused") == refused;
    }

    boolean settled() {
        SyncReport.Changed change = mirrorNode().lastChange();
        return change != null
                && change.equal()
                && change.readiness() == Readiness.READY
                && sourceNode().counters.value("sync_lag_deltas") == 0
                && mirrorNode().counters.value("sync_dirty") == 0
                && holdsTheSources();
    }

    /**
     * The mirror's kernel holds the source's flows, ready to go on with them whatever their windows, and nothing else but
     * what an earlier agent left in it.
     */
    private boolean holdsTheSources() {
        var extra = mirrorNode().held();
        var missing = sourceNode().held();
        boolean all = extra.containsAll(missing)
                && Collections.disjoint(missing, mirrorNode().windowed());
        extra.removeAll(missing);
        return all && leftovers.containsAll(extra);
    }

    String describe() {
        return "mirror " + mirrorNode().lastChange() + ", lag "
                + sourceNode().counters.value("sync_lag_deltas") + ", kernels "
                + sourceNode().held().size() + "/" + mirrorNode().held().size() + ", tables "
                + sourceNode().mirrored().size() + "/" + mirrorNode().mirrored().size() + "\n"
                + difference();
    }

    private String difference() {
        var missing = sourceNode().held();
        missing.removeAll(mirrorNode().held());
        var extra = mirrorNode().held();
        extra.removeAll(sourceNode().held());
        return "missing " + limited(missing) + "\nextra " + limited(extra) + "\nwindowed "
                + limited(mirrorNode().windowed());
    }

    private static String limited(Set<String> flows) {
        return flows.stream().limit(3).collect(Collectors.joining("\n  "));
    }

    long traceHash() {
        long hash = link.traceHash();
        for (SimNode node : nodes) {
            for (var counter : node.counters.all()) {
                hash = SeededRandom.mix(hash ^ counter.get());
            }
        }
        return hash;
    }

    void close() {
        nodes[0].agent.onClose();
        nodes[1].agent.onClose();
    }
}
