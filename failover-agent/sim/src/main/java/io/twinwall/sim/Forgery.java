/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;

/** The planted bugs that stand between the network and the protocol, or in the call of the step function. */
final class Forgery {
    private static final long DEAF_AFTER_NS = 1_000 * World.MS;

    private Forgery() {}

    /** Whether the node does not even read what comes. */
    static boolean deaf(Bug bug, Node node) {
        return bug == Bug.DEAF
                && node.number == 2
                && node.role() == Role.BACKUP
                && node.mono() - node.state.roleSinceNs() > DEAF_AFTER_NS;
    }

    /** What the node takes the heartbeat for; null: it does not hear it. */
    static RoleEvent.HeartbeatHeard heard(Bug bug, Node node, RoleEvent.HeartbeatHeard heard) {
        Heartbeat h = heard.heartbeat();
        boolean theirs = h.role() == Role.MASTER;
        boolean both = theirs && node.role() == Role.MASTER;
        long own = node.state.term();
        if (bug == Bug.TERM_NOT_COMPARED && theirs && h.term() < own) {
            return as(heard, h.peerCounter(), own);
        }
        if (bug == Bug.BOTH_ACTIVES_WIN && both && h.term() >= own) {
            return as(heard, h.peerCounter(), own - 1);
        }
        if (bug == Bug.TWO_ACTIVES_INVERTED && both && h.term() != own) {
            return as(heard, h.peerCounter(), h.term() > own ? own - 1 : own + 1);
        }
        if (bug == Bug.ACK_FORGED) {
            PeerView peer = node.state.peers().getFirst();
            return as(heard, peer.sending().counter(), h.term());
        }
        return heard;
    }

    /** What the operator is told; null: nothing. */
    static RoleEffect.Answer answer(Bug bug, RoleEffect.Answer answer) {
        if (bug == Bug.ANSWER_LOST && answer.accepted()) {
            return null;
        }
        return bug == Bug.REFUSAL_TOLD_AS_DONE ? new RoleEffect.Answer(true, answer.reason()) : answer;
    }

    static RoleConfig config(Bug bug, Node node) {
        return bug == Bug.DEAD_TIME_HALVED && node.number == 2 ? halved(node.config) : node.config;
    }

    private static RoleConfig halved(RoleConfig c) {
        RoleConfig.Timing t = c.timing();
        RoleConfig.Timing half =
                new RoleConfig.Timing(t.heartbeatNs(), t.leaseNs(), t.deadNs() / 2, t.slopNs(), t.lingerNs());
        return new RoleConfig(
                c.node(),
                c.name(),
                c.preferred(),
                c.priority(),
                c.peers(),
                c.paths(),
                half,
                c.fence(),
                c.limits(),
                c.probeVips(),
                c.beforeHooks(),
                c.failBack(),
                c.flap());
    }

    private static RoleEvent.HeartbeatHeard as(RoleEvent.HeartbeatHeard heard, long acknowledged, long term) {
        return new RoleEvent.HeartbeatHeard(
                heard.peer(), heard.session(), heard.path(), with(heard.heartbeat(), acknowledged, term));
    }

    static Heartbeat with(Heartbeat h, long acknowledged, long term) {
        return new Heartbeat(
                h.counter(),
                acknowledged,
                term,
                h.role(),
                h.readiness(),
                h.priority(),
                h.hearsPeer(),
                h.gateOpen(),
                h.alone(),
                h.urgent(),
                h.blind(),
                h.tenureMs(),
                h.handover());
    }
}
