/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Step;
import java.util.ArrayDeque;

/**
 * An agent on its host: the loop around the real protocol, as the program has it (sockets, inbox, tick; effects in order,
 * answers at once), and the real sync agent beside it. It can be stopped between any two effects.
 */
final class Node {
    private static final int SOCKET_DATAGRAMS_MAX = 256;
    private static final long WAKE_UP_MAX_NS = 150 * World.US;
    private static final long ORDER_NS = 8_000 * World.MS;

    final int number;
    final Host host;
    final Condition condition;
    RoleConfig config;
    private RoleConfig nextConfig;
    final NodeClock clock;
    private final World world;
    private final Memory memory;
    private final ArrayDeque<Datagram> socket = new ArrayDeque<>();
    private final ArrayDeque<Object> inbox = new ArrayDeque<>();
    private final ArrayDeque<RoleEffect> todo = new ArrayDeque<>();
    private final ArrayDeque<RoleEvent> answers = new ArrayDeque<>();

    private boolean running;
    private int life;
    private long bornNs = World.NEVER;
    private long pausedUntilNs = World.NEVER;
    private long turnAtNs = Long.MAX_VALUE;
    private boolean inTurn;
    private long lateNs;
    long termTold;
    private Effects effects;
    Sessions sessions;
    RoleState state;
    SyncSide sync;
    boolean stopping;
    /** When an operator last told this node to become active. */
    long orderedNs = World.NEVER;

    /** What it last said to the other; null: nothing in this life. */
    Heartbeat said;
    /** The last readiness that the protocol was told of by the sync agent. */
    SyncReport.Changed delivered;
    /** Slows the sync thread and late answers of this node. */
    long slowNs;

    long answerLateNs;
    /** In true time, when the newest heartbeat heard in this life was sent, and the newest of ours that the peer heard. */
    long sentHeardNs;

    long sentAckedNs;
    /** When it last took a heartbeat. */
    long heardAtNs = World.NEVER;
    /** When it was last lied to about the other's agent. */
    long hintedNs = World.NEVER;

    private int nextSession;

    Node(World world, int number, int driftPpm, Memory memory) {
        this.world = world;
        this.number = number;
        this.memory = memory;
        config = world.plan.config(number);
        host = new Host(world, number);
        condition = new Condition(world);
        boolean wall = world.bug == Bug.WALL_CLOCK && number == 1;
        clock = new NodeClock(world.between(0, 1L << 50), driftPpm, wall);
    }

    String name() {
        return config.name();
    }

    long mono() {
        return clock.read(world.now());
    }

    boolean running() {
        return running;
    }

    /** Tells one life of the agent from the next. */
    int life() {
        return life;
    }

    boolean awake() {
        return running && world.now() >= wakesNs();
    }

    /** When a pause of the process or the machine ends. */
    long wakesNs() {
        return Math.max(pausedUntilNs, host.frozenUntilNs);
    }

    /** Since when it is awake without a break, as far as known now. */
    long awakeSinceNs() {
        return Math.max(bornNs, wakesNs());
    }

    long bornNs() {
        return bornNs;
    }

    Role role() {
        return running ? state.role() : Role.INIT;
    }

    // ------------------------------------------------------------------ life and death

    void start() {
        world.trace.line(world.now(), name(), () -> "starts, term stored " + host.storedTerm);
        world.trace.mix(world.now(), number, 1, host.storedTerm);
        host.powered = true;
        running = true;
        stopping = false;
        life++;
        bornNs = world.now();
        socket.clear();
        inbox.clear();
        todo.clear();
        answers.clear();
        inTurn = false;
        termTold = 0;
        delivered = null;
        sentHeardNs = World.NEVER;
        sentAckedNs = World.NEVER;
        turnAtNs = Long.MAX_VALUE;
        sessions = new Sessions(number, 1000L * ++nextSession + number);
        effects = new Effects(world, this);
        sync = new SyncSide(world, this, memory);
        sync.slowNs = slowNs;
        state = RoleProtocol.initial(config, mono());
        world.checks.terms.born(this);
        world.checks.orders.born(this);
        said = null;
        condition.born(host.storedMaintenance);
        RoleEvent started = new RoleEvent.Started(host.storedTerm, host.storedMaintenance, host.gateOpen());
        inbox.add(started);
        if (world.bug == Bug.STARTED_TWICE) {
            inbox.add(started);
        }
        condition.tell(this);
        wake(0);
    }

    void kill(boolean power) {
        if (!running && !power) {
            return;
        }
        world.trace.line(world.now(), name(), () -> power ? "loses power" : "agent killed");
        world.trace.mix(world.now(), number, 2, power ? 1 : 0);
        end();
        if (power) {
            host.powerOff();
        }
    }

    private void end() {
        if (running) {
            running = false;
            life++;
            sync.close();
            world.wire.forget(number);
        }
    }

    /** The program has ended by itself, in order. */
    void stopped() {
        todo.clear();
        world.trace.mix(world.now(), number, 3, 0);
        world.checks.orders.stopped(this);
        end();
        world.checks.quiet.disturb();
        world.in(world.between(10 * World.MS, 6 * config.timing().deadNs()), () -> {
            if (!running) {
                world.checks.quiet.disturb();
                start();
            }
        });
    }

    void pause(long forNs, boolean machine) {
        world.trace.line(
                world.now(),
                name(),
                () -> (machine ? "machine" : "agent") + " stands still for ms " + forNs / World.MS);
        world.trace.mix(world.now(), number, 4, forNs);
        long untilNs = world.now() + forNs;
        if (machine) {
            host.frozenUntilNs = Math.max(host.frozenUntilNs, untilNs);
        } else {
            pausedUntilNs = Math.max(pausedUntilNs, untilNs);
        }
        turnAtNs = Long.MAX_VALUE;
        wake(wakesNs() - world.now());
    }

    void tuned() {
        if (running) {
            sync.slowNs = slowNs;
        }
    }

    // ------------------------------------------------------------------ what comes in

    void receive(Datagram datagram) {
        boolean gone = !host.powered || world.now() < host.frozenUntilNs;
        if (!gone && !running) {
            world.network.refuse(this, datagram.path());
        }
        if (gone || !running || socket.size() >= SOCKET_DATAGRAMS_MAX) {
            return;
        }
        socket.add(datagram);
        wakeUp();
    }

    void post(RoleEvent event) {
        boolean dropped = world.bug == Bug.ORDER_DROPPED && event instanceof RoleEvent.MaintenanceAsked m && !m.on();
        if (running && !dropped) {
            inbox.add(event);
            wakeUp();
        }
    }

    /** Whether what it does may be by an operator's order. */
    boolean ordered() {
        return world.now() - orderedNs < ORDER_NS;
    }

    /** Told to stop: it ends by itself, and is started again some time later. */
    void askToStop() {
        if (running && !stopping) {
            stopping = true;
            post(new RoleEvent.StopAsked());
        }
    }

    void reconfigure(RoleConfig next) {
        nextConfig = next;
        if (running) {
            post(new RoleEvent.Reconfigured("reloaded"));
        } else {
            config = next;
        }
    }

    /** {@code event} later, if this life lasts. */
    void postIn(long inNs, RoleEvent event) {
        int forLife = life;
        world.in(inNs, () -> {
            if (life == forLife) {
                post(event);
            }
        });
    }

    void reported(SyncReport report) {
        inbox.add(report);
        wakeUp();
    }

    void frameArrived() {
        if (running) {
            sync.poke();
        }
    }

    void kernelChanged() {
        if (running && sync.source()) {
            sync.poke();
        }
    }

    private void wakeUp() {
        wake(world.between(10 * World.US, WAKE_UP_MAX_NS));
    }

    private void wake(long inNs) {
        long atNs = world.now() + inNs;
        if (atNs < turnAtNs) {
            turnAtNs = atNs;
            world.at(atNs, () -> {
                if (atNs == turnAtNs) {
                    turnAtNs = Long.MAX_VALUE;
                    turn();
                }
            });
        }
    }

    // ------------------------------------------------------------------ the loop

    private void turn() {
        if (!running) {
            return;
        }
        if (!awake()) {
            wake(wakesNs() - world.now());
            return;
        }
        if (!inTurn) {
            inTurn = true;
            lateNs = state.role() == Role.INIT ? 0 : Math.max(0, mono() - state.wakeAtNs());
            if (world.bug == Bug.LATENESS_IGNORED) {
                makeUp();
            }
        }
        boolean through = resume() && hear() && drain() && step(new RoleEvent.Tick(lateNs));
        if (through && running) {
            inTurn = false;
            wake(Math.max(0, clock.when(state.wakeAtNs()) - world.now()));
        } else if (running) {
            wake(wakesNs() - world.now());
        }
    }

    /** A planted bug: ticks that were missed come one after the other, each as if in time, before anybody is heard. */
    private void makeUp() {
        for (int i = 0; running && awake() && i < 200 && state.wakeAtNs() < mono() - World.MS; i++) {
            Step step = RoleProtocol.step(state, new RoleEvent.Tick(0), state.wakeAtNs(), config);
            state = step.state();
            todo.addAll(step.effects());
            work();
        }
        lateNs = 0;
    }

    private boolean hear() {
        while (!socket.isEmpty()) {
            Datagram datagram = socket.poll();
            if (Forgery.deaf(world.bug, this)) {
                continue;
            }
            RoleEvent.HeartbeatHeard heard = sessions.hear(datagram);
            if (heard == null) {
                continue;
            }
            sentHeardNs = Math.max(sentHeardNs, datagram.sentNs());
            sentAckedNs = Math.max(sentAckedNs, datagram.sentHeardNs());
            if (sessions.takeBegun()) {
                sync.session(sessions.own(), sessions.peer(), heard.heartbeat().term());
            }
            world.checks.terms.heard(this, heard.heartbeat());
            heardAtNs = world.now();
            RoleEvent.HeartbeatHeard taken = Forgery.heard(world.bug, this, heard);
            if (taken != null && !step(taken)) {
                return false;
            }
        }
        return true;
    }

    private boolean drain() {
        while (!inbox.isEmpty()) {
            RoleEvent event = switch (inbox.poll()) {
                case SyncReport report -> effects.translate(report);
                case RoleEvent posted -> posted;
                case Object other -> throw new IllegalStateException(other.toString());
            };
            if (event != null && !step(event)) {
                return false;
            }
        }
        return true;
    }

    /** False when the node was stopped or ended before everything was done. */
    private boolean step(RoleEvent event) {
        RoleEvent next = event;
        while (next != null) {
            if (next instanceof RoleEvent.Reconfigured) {
                config = nextConfig;
            }
            Step step = RoleProtocol.step(state, next, mono(), Forgery.config(world.bug, this));
            tell(next, step);
            world.checks.orders.stepped(this, next, step);
            state = step.state();
            todo.addAll(step.effects());
            if (state.term() > termTold) {
                termTold = state.term();
                if (world.bug != Bug.TERM_SEEN_FORGOTTEN) {
                    sync.offer(new SyncCommand.TermSeen(termTold));
                }
            }
            if (!work()) {
                return false;
            }
            next = answers.poll();
        }
        return true;
    }

    private void tell(RoleEvent event, Step step) {
        world.trace.mix(
                world.now(), number, 10 + step.effects().size(), step.state().term());
        if (!(event instanceof RoleEvent.Tick) || !step.effects().isEmpty()) {
            world.trace.line(world.now(), name(), () -> Story.of(event) + Story.of(step.effects()));
        }
    }

    /** Carries out what is to be done; false when stopped on the way, or for good. */
    private boolean work() {
        while (!todo.isEmpty()) {
            int oneIn = world.pausing ? world.plan.pauseOneIn() : 0;
            if (oneIn > 0 && world.random.chance(oneIn)) {
                pause(world.between(World.MS, 3 * config.timing().deadNs()), false);
                return false;
            }
            RoleEffect effect = todo.poll();
            effects.carryOut(effect);
            if (!running) {
                return false;
            }
        }
        return true;
    }

    /** What a stop left half done. */
    private boolean resume() {
        if (!work()) {
            return false;
        }
        RoleEvent answer = answers.poll();
        return answer == null || step(answer);
    }

    /** An answer of an effect that was carried out at once. */
    void answer(RoleEvent event) {
        if (answerLateNs > 0) {
            postIn(world.between(0, answerLateNs), event);
        } else {
            answers.add(event);
        }
    }
}
