/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One node of the toy: the real protocol over a kernel that knows a gate and addresses, and a replication that knows when
 * it is ready. The kernel outlives the agent; it closes the gate when the lease ends.
 */
final class ToyNode {
    /** Something that happens to the node at a time; ties in the order they were made. */
    record Due(long atNs, long order, RoleEvent event) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final RoleConfig config;
    private final ToyPair pair;
    private final PriorityQueue<Due> inbox = new PriorityQueue<>();
    private final ArrayDeque<RoleEffect> todo = new ArrayDeque<>();
    final List<String> trace = new ArrayList<>();

    RoleState state;
    boolean running;
    boolean stopped;
    long pausedUntilNs;
    long lastLateNs = Long.MIN_VALUE / 4;
    long upSinceNs;
    long session;
    /** The session of the peer last heard: what wire sessions make of an echo to an earlier life. */
    long heardSession;
    // the kernel's and the disk's, which outlive the agent
    long gateUntilNs = Long.MIN_VALUE;
    long openedNs;
    boolean vips;
    long persistedTerm;
    boolean persistedMaintenance;
    /** The last renewal was made although nobody acknowledged any more: the peer was taken for dead. */
    boolean renewedAlone;
    // the toy replication
    private long mirrorTerm;
    private long mirrorReadyAtNs = Long.MAX_VALUE;
    Boolean answer;
    /** Nothing opens the gate. */
    boolean gateBroken;
    /** A test address answers when it is asked, whatever the trackers make of it. */
    boolean answersNow = true;

    private long pacedNs;

    ToyNode(ToyPair pair, RoleConfig config) {
        this.pair = pair;
        this.config = config;
    }

    boolean gateOpen(long nowNs) {
        return nowNs < gateUntilNs;
    }

    /** Whether a heartbeat interval has passed since this was last true. */
    boolean paced(long nowNs) {
        boolean paced = nowNs - pacedNs >= config.timing().heartbeatNs() - 1_000_000L;
        pacedNs = paced ? nowNs : pacedNs;
        return paced;
    }

    boolean awake(long nowNs) {
        return running && nowNs >= pausedUntilNs;
    }

    Role role() {
        return running ? state.role() : Role.INIT;
    }

    void start(long nowNs) {
        running = true;
        stopped = false;
        upSinceNs = nowNs;
        pausedUntilNs = nowNs;
        session++;
        heardSession = 0;
        inbox.clear();
        todo.clear();
        mirrorReadyAtNs = Long.MAX_VALUE;
        state = RoleProtocol.initial(config, nowNs);
        take(new RoleEvent.Started(persistedTerm, persistedMaintenance, gateOpen(nowNs)), nowNs);
    }

    void kill(long nowNs, boolean power) {
        trace.add(nowNs / 1_000_000 + " killed, power " + power);
        running = false;
        if (power) {
            gateUntilNs = Long.MIN_VALUE;
            vips = false;
        }
    }

    /** What the host says of the agent, to the peer, is a hint. */
    void hint(long nowNs) {
        pair.other(this).deliver(nowNs + 1_000_000, new RoleEvent.PeerAgentGone(config.node(), 0));
    }

    void pause(long nowNs, long forNs) {
        trace.add(nowNs / 1_000_000 + " paused for ms " + forNs / 1_000_000);
        pausedUntilNs = Math.max(pausedUntilNs, nowNs + forNs);
        lastLateNs = pausedUntilNs;
    }

    void deliver(long atNs, RoleEvent event) {
        if (running) {
            inbox.add(new Due(atNs, pair.order++, event));
        }
    }

    /** One turn of the loop, when there is something to do: sockets and answers first, then the tick. */
    void turn(long nowNs) {
        if (!awake(nowNs)) {
            return;
        }
        work(nowNs);
        mirrorReady(nowNs);
        while (awake(nowNs) && !inbox.isEmpty() && inbox.peek().atNs() <= nowNs) {
            take(inbox.poll().event(), nowNs);
        }
        if (awake(nowNs) && nowNs >= state.wakeAtNs()) {
            take(new RoleEvent.Tick(nowNs - state.wakeAtNs()), nowNs);
        }
    }

    private void mirrorReady(long nowNs) {
        ToyNode other = pair.other(this);
        if (nowNs >= mirrorReadyAtNs && other.role() == Role.MASTER && other.state.term() == mirrorTerm) {
            mirrorReadyAtNs = Long.MAX_VALUE;
            take(new RoleEvent.SyncChanged(mirrorTerm, new Sync(Readiness.READY, 0, 0, true)), nowNs);
        }
    }

    void take(RoleEvent event, long nowNs) {
        if (event instanceof RoleEvent.HeartbeatHeard heard) {
            heardSession = heard.session();
        }
        Step step = RoleProtocol.step(state, event, nowNs, config);
        state = step.state();
        todo.addAll(step.effects());
        work(nowNs);
    }

    private void work(long nowNs) {
        while (running && !todo.isEmpty() && awake(nowNs)) {
            if (pair.pauseNow(this, nowNs)) {
                return;
            }
            carryOut(todo.poll(), nowNs);
        }
    }

    private void carryOut(RoleEffect effect, long nowNs) {
        switch (effect) {
            case RoleEffect.SendHeartbeat e -> pair.send(this, e.heartbeat(), nowNs);
            case RoleEffect.RenewLease e -> {
                if (gateBroken) {
                    gateUntilNs = Long.MIN_VALUE;
                    deliver(nowNs, new RoleEvent.LeaseLost("toy"));
                } else if (nowNs <= e.notAfterNs()) {
                    renewedAlone = !acknowledged(nowNs);
                    openGate(e.armed(), nowNs);
                }
            }
            case RoleEffect.OpenGate e -> {
                boolean inTime = nowNs <= e.notAfterNs() && !gateBroken;
                if (inTime) {
                    pair.opening(this, nowNs);
                    renewedAlone = !acknowledged(nowNs);
                    openGate(e.armed(), nowNs);
                }
                done(e.token(), EffectKind.OPEN_GATE, inTime, nowNs);
            }
            case RoleEffect.ReleaseLease e -> gateUntilNs = Long.MIN_VALUE;
            case RoleEffect.DrainInjector e -> done(e.token(), EffectKind.DRAIN_INJECTOR, true, nowNs);
            case RoleEffect.BecomeSource e -> {
                mirrorReadyAtNs = Long.MAX_VALUE;
                done(e.token(), EffectKind.BECOME_SOURCE, true, nowNs);
            }
            case RoleEffect.BecomeMirror e -> {
                mirrorTerm = e.term();
                mirrorReadyAtNs = nowNs + 1_000_000L * (20 + pair.random.nextInt(300));
                done(e.token(), EffectKind.BECOME_MIRROR, true, nowNs);
            }
            case RoleEffect.AddVips e -> {
                vips = true;
                done(e.token(), EffectKind.ADD_VIPS, true, nowNs);
            }
            case RoleEffect.RefreshVips e -> done(e.token(), EffectKind.REFRESH_VIPS, true, nowNs);
            case RoleEffect.BeforeHooks e -> done(e.token(), EffectKind.BEFORE_HOOKS, true, nowNs);
            case RoleEffect.PersistMaintenance e -> {
                persistedMaintenance = e.on();
                done(e.token(), EffectKind.PERSIST_MAINTENANCE, true, nowNs);
            }
            case RoleEffect.RemoveVips e -> {
                vips = false;
                done(e.token(), EffectKind.REMOVE_VIPS, true, nowNs);
            }
            case RoleEffect.AnnounceVips e -> done(e.token(), EffectKind.ANNOUNCE_VIPS, true, nowNs);
            case RoleEffect.CorrectTimeouts e -> done(e.token(), EffectKind.CORRECT_TIMEOUTS, true, nowNs);
            case RoleEffect.SendBarrier e -> {
                if (pair.other(this).awake(nowNs) && !pair.cut) {
                    done(e.token(), EffectKind.SEND_BARRIER, true, nowNs + 3_000_000);
                }
            }
            case RoleEffect.PersistTerm e -> persistedTerm = e.term();
            case RoleEffect.ProbeVips e -> {
                if (pair.other(this).gateOpen(nowNs)) {
                    deliver(nowNs + 1_000_000, new RoleEvent.VipAnswered("toy"));
                }
            }
            case RoleEffect.AskReach e -> {
                if (answersNow) {
                    deliver(nowNs + 1_000_000, new RoleEvent.ReachAnswered(nowNs, nowNs + 1_000_000));
                }
            }
            case RoleEffect.ReportTakeover e -> trace.add(nowNs / 1_000_000 + " " + e);
            case RoleEffect.Transition e -> trace.add(nowNs / 1_000_000 + " " + e);
            case RoleEffect.Alarm e -> trace.add(nowNs / 1_000_000 + " " + e);
            case RoleEffect.Answer e -> answer = e.accepted();
            case RoleEffect.Stopped e -> {
                stopped = true;
                running = false;
            }
        }
    }

    private boolean acknowledged(long nowNs) {
        RoleConfig.Timing t = config.timing();
        long guardNs = t.heartbeatNs() + t.heartbeatNs() / 4;
        return state.peers().getFirst().ackNs() + t.deadNs() - t.slopNs() - guardNs > nowNs;
    }

    private void openGate(boolean armed, long nowNs) {
        openedNs = gateOpen(nowNs) ? openedNs : nowNs;
        gateUntilNs = armed ? nowNs + config.timing().leaseNs() : Moments.FAR;
    }

    private void done(long token, EffectKind kind, boolean ok, long atNs) {
        long tookNs = pair.random.nextInt(2_000_000);
        deliver(atNs + tookNs, new RoleEvent.EffectDone(token, kind, ok, ok ? "" : "too late", Counts.NONE));
    }
}
