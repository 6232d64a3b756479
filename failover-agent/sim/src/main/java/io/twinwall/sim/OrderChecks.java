/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.Step;
import io.twinwall.protocol.Work;
import java.util.ArrayDeque;
import java.util.List;

/** What operators ask and are told: {@link Rule#NOT_ANSWERED}, {@link Rule#NOT_DONE}, {@link Rule#NOT_STOPPED}. */
final class OrderChecks {
    /** {@code heir}: who is to be active by it; null when it is not about that. */
    private record Ask(RoleEvent event, Node heir, long askedNs) {}

    /** {@code heir} is, or is about to be, active. */
    private record Promise(Node heir, long madeNs, long askedNs) {}

    private final World world;
    private final List<ArrayDeque<Ask>> asked = List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
    private final long[] stopNs = new long[3];
    private final Boolean[] lastAnswer = new Boolean[3];
    private Promise promise;

    OrderChecks(World world) {
        this.world = world;
    }

    void born(Node node) {
        asked.get(node.number).clear();
        lastAnswer[node.number] = null;
    }

    /** Whether {@code node} owes an answer. */
    boolean pending(Node node) {
        return !asked.get(node.number).isEmpty();
    }

    /** What was answered before does not count. */
    void forget(Node node) {
        lastAnswer[node.number] = null;
    }

    /** What {@code node} answered last in this life; null: nothing. */
    Boolean lastAnswer(Node node) {
        return lastAnswer[node.number];
    }

    /** Before the state of {@code node} becomes that of {@code step}. */
    void stepped(Node node, RoleEvent event, Step step) {
        ArrayDeque<Ask> asks = asked.get(node.number);
        boolean asking = true;
        switch (event) {
            case RoleEvent.SwitchoverAsked e ->
                asks.add(new Ask(e, node.role() == Role.MASTER ? world.other(node) : node, world.now()));
            case RoleEvent.PromoteAsked e -> asks.add(new Ask(e, node, world.now()));
            case RoleEvent.MaintenanceAsked e -> asks.add(new Ask(e, null, world.now()));
            case RoleEvent.StopAsked e -> {
                stopNs[node.number] = world.now();
                asking = false;
            }
            default -> asking = false;
        }
        long answers = step.effects().stream()
                .filter(RoleEffect.Answer.class::isInstance)
                .count();
        // An order may end what was asked before it, and be answered itself later.
        boolean ends = node.state.work() instanceof Work.Asking before
                && before.byOperator()
                && !(step.state().work() instanceof Work.Asking);
        for (RoleEffect effect : step.effects()) {
            if (effect instanceof RoleEffect.Answer answer) {
                answered(node, asks, Forgery.answer(world.bug, answer), asking && answers == 1 && !ends);
            }
        }
    }

    /** With {@code own}, it is the request of this very step that is answered, else the oldest. */
    private void answered(Node node, ArrayDeque<Ask> asks, RoleEffect.Answer answer, boolean own) {
        if (answer == null) {
            return;
        }
        Ask ask = own ? asks.pollLast() : asks.pollFirst();
        if (ask == null) {
            world.broken(Rule.NOT_ANSWERED, () -> node.name() + " answers what nobody asked: " + answer);
            return;
        }
        lastAnswer[node.number] = answer.accepted();
        if (!answer.accepted()) {
            return;
        }
        if (ask.event() instanceof RoleEvent.MaintenanceAsked maintenance) {
            node.condition.out = maintenance.on();
        } else {
            promise = new Promise(ask.heir(), world.now(), ask.askedNs());
        }
    }

    void look() {
        one(world.a);
        one(world.b);
        if (promise != null) {
            promised(promise.heir());
        }
    }

    private void one(Node node) {
        if (!node.running() || !node.awake()) {
            return;
        }
        Ask ask = asked.get(node.number).peekFirst();
        if (ask != null && world.now() - Math.max(ask.askedNs(), node.awakeSinceNs()) > answerMaxNs(node)) {
            world.broken(Rule.NOT_ANSWERED, () -> node.name() + " has not answered " + ask.event());
        }
        boolean stops = node.stopping && node.state.stopping();
        if (stops && world.now() - Math.max(stopNs[node.number], node.awakeSinceNs()) > answerMaxNs(node)) {
            world.broken(Rule.NOT_STOPPED, () -> GateChecks.describe(node) + " was told to stop and does not");
        }
    }

    private void promised(Node heir) {
        Node other = world.other(heir);
        long cameNs = Math.max(world.checks.quiet.disturbedNs(), other.awakeSinceNs());
        boolean between = cameNs >= promise.askedNs()
                || !heir.awake()
                || heir.awakeSinceNs() >= promise.askedNs()
                || heir.condition.brokenSince(EffectKind.OPEN_GATE, promise.askedNs());
        if (between || (heir.role() == Role.MASTER && heir.host.gateOpen())) {
            promise = null;
        } else if (world.now() - promise.madeNs() > world.checks.quiet.boundNs()) {
            world.broken(Rule.NOT_DONE, () -> "switchover: was told done, but " + GateChecks.describe(heir));
        }
    }

    /** What the steps of a move are given, and a dead time for either node to be missed. */
    long answerMaxNs(Node node) {
        RoleConfig.Limits limits = node.config.limits();
        long hooksNs = node.config.beforeHooks() ? 2 * limits.beforeHooksNs() : 0;
        long lateNs = 8 * (node.answerLateNs + world.other(node).answerLateNs + node.slowNs + world.other(node).slowNs);
        return limits.barrierNs()
                + limits.grantNs()
                + hooksNs
                + limits.drainNs()
                + 3 * limits.effectNs()
                + 3 * node.config.timing().deadNs()
                + lateNs;
    }

    /** It has ended by itself, and all it was told to do is done. */
    void stopped(Node node) {
        if (!node.stopping) {
            world.broken(Rule.NOT_STOPPED, () -> node.name() + " ended although nobody told it to");
        }
        if (pending(node)) {
            world.broken(
                    Rule.NOT_ANSWERED,
                    () -> node.name() + " ended without an answer to "
                            + asked.get(node.number).peekFirst().event());
        }
        if (node.host.gateStands() || node.host.vips()) {
            world.broken(Rule.NOT_STOPPED, () -> "ended, but " + GateChecks.describe(node));
        }
    }
}
