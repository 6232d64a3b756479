/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.ConntrackKernel;
import io.twinwall.conntracksync.PollingIdle;
import io.twinwall.conntracksync.SyncAgent;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncConfig;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.linux.AnonymousMapping;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.WaitSet;
import io.twinwall.wire.AeronLink;
import io.twinwall.wire.AeronLinkConfig;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.LinkCounters;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.SessionKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.AgentRunner;

/**
 * One half of a pair: a sync agent on a thread of its own in a namespace of its own, with the real kernel, the real link
 * and the idle strategy of the program; only the roles are given by hand.
 */
final class Node implements AutoCloseable {
    private static final int CLUSTER = 7;
    private static final int FLOWS_MAX = 1 << 20;
    private static final long HASH_SEED = 0x7477_696e_7761_6c6cL;
    private static final ClusterKey KEY = ClusterKey.of(1, new byte[32]);
    private static final long SESSION = 0x5e55_1000L;

    private final String netNs;
    private final LinkIdentity identity;
    private final Counters counters = new Counters();
    private final WaitSet waits = new WaitSet();
    private final AnonymousMapping memory = new AnonymousMapping();
    private final AtomicReference<SyncReport.Changed> state = new AtomicReference<>();
    private final List<SyncReport.LossWindowClosed> losses = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final SyncAgent agent;
    private final AgentRunner runner;

    /** Node {@code id} (1 or 2) in {@code netNs}, which has the sync address {@code 10.99.0.<id>}. */
    Node(String netNs, int id, int eventBufferBytes) throws Exception {
        this.netNs = netNs;
        identity = new LinkIdentity(CLUSTER, id, 3 - id);
        agent = NetNs.call(netNs, () -> agent(eventBufferBytes));
        runner = new AgentRunner(new PollingIdle(waits, agent::gatherNs), failure::set, null, agent);
        AgentRunner.startOnThread(
                runner,
                task -> Thread.ofPlatform().name(netNs).daemon().unstarted(() -> {
                    NetNs.enter(netNs);
                    task.run();
                }));
    }

    private SyncAgent agent(int eventBufferBytes) {
        AeronLinkConfig link = new AeronLinkConfig(
                Path.of("/dev/shm/perf-" + netNs), endpoint(identity.nodeId()), endpoint(identity.peerId()), CLUSTER);
        return new SyncAgent(
                new SyncConfig(FLOWS_MAX, SyncConfig.DEFAULT_BUCKET_BITS, HASH_SEED),
                ConntrackKernel.real(eventBufferBytes, waits::add),
                new AeronLink(link, NanoClock.SYSTEM, new LinkCounters(counters), waits::add),
                memory,
                NanoClock.SYSTEM,
                counters,
                this::onReport);
    }

    private static String endpoint(int id) {
        return "10.99.0." + id + ":47901";
    }

    private void onReport(SyncReport report) {
        switch (report) {
            case SyncReport.Changed changed -> state.set(changed);
            case SyncReport.LossWindowClosed loss -> losses.add(loss);
            case SyncReport.Done done -> {
                if (!done.ok()) {
                    failure.set(new IllegalStateException(done.detail()));
                }
            }
        }
    }

    String netNs() {
        return netNs;
    }

    void becomeSource() {
        tell(new SyncCommand.BecomeSource(1, 1));
    }

    void becomeMirror() {
        tell(new SyncCommand.BecomeMirror(1, 1));
    }

    /** Both nodes are told so at about the same time. */
    void sessionUp() {
        long own = SESSION + identity.nodeId();
        long peer = SESSION + identity.peerId();
        tell(new SyncCommand.SessionUp(SessionKeys.derive(KEY, 1, identity, own, peer), 1));
    }

    private void tell(SyncCommand command) {
        if (!agent.offer(command)) {
            throw new IllegalStateException("the agent does not take commands");
        }
        waits.wake();
    }

    boolean ready() {
        check();
        SyncReport.Changed now = state.get();
        return now != null && now.equal() && now.readiness() == SyncReport.Readiness.READY;
    }

    long count(String counter) {
        check();
        return counters.value(counter);
    }

    /** Losses of events that were repaired so far. */
    List<SyncReport.LossWindowClosed> losses() {
        return List.copyOf(losses);
    }

    private void check() {
        if (failure.get() != null) {
            throw new IllegalStateException("the agent of " + netNs + " failed", failure.get());
        }
    }

    @Override
    public void close() {
        runner.close();
        waits.close();
        memory.close();
    }
}
