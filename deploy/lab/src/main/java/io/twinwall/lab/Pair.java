/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** The two agents of a lab, asked together: who is active, is the other ready, has it taken over. One thread uses it. */
public final class Pair implements AutoCloseable {
    private static final int KEY_BYTES = 32;
    private static final long LOOK_MS = 20;
    private static final int LOG_LINES = 15;

    private final List<LabAgent> agents = new ArrayList<>();
    private final String keyHex;

    /** Starts both agents. */
    public Pair(Lab lab, List<String> program, AgentOptions options) {
        this(lab, node -> program, options);
    }

    /** Starts both agents, each of a program of its own. */
    public Pair(Lab lab, Function<FirewallNode, List<String>> programs, AgentOptions options) {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        keyHex = HexFormat.of().formatHex(key);
        for (FirewallNode node : FirewallNode.values()) {
            LabAgent agent = new LabAgent(lab, node, programs.apply(node), options);
            agents.add(agent);
            agent.start(keyHex);
        }
    }

    /** Both, in the order of {@link FirewallNode}. */
    public List<LabAgent> agents() {
        return List.copyOf(agents);
    }

    /**
     * Waits until one agent is active, fenced, and the other its ready backup (without synchronisation it is ready at
     * once); answers the active.
     */
    public LabAgent awaitPair(long deadlineMs, Consumer<String> progress) {
        LabAgent[] active = new LabAgent[1];
        boolean there = Waiting.until(deadlineMs, LOOK_MS, () -> {
            Optional<AgentStatus> a = statusOf(agents.get(0));
            Optional<AgentStatus> b = statusOf(agents.get(1));
            progress.accept(describe(agents.get(0), a) + ", " + describe(agents.get(1), b));
            if (a.isEmpty() || b.isEmpty() || a.get().master() == b.get().master()) {
                return false;
            }
            AgentStatus leader = a.get().master() ? a.get() : b.get();
            AgentStatus standby = a.get().master() ? b.get() : a.get();
            active[0] = agents.get(a.get().master() ? 0 : 1);
            // The active learns that its peer is ready by a heartbeat, and is fenced from then on only.
            return standby.role().equals("BACKUP")
                    && standby.peerState().equals("ALIVE")
                    && standby.readiness().equals("READY")
                    && leader.fenced();
        });
        if (!there) {
            throw new Fatal(ExitCode.REFUSED, "the pair was not ready within " + deadlineMs + " ms\n" + logs());
        }
        return active[0];
    }

    /** Starts an agent that has ended, with the pair's key and its first configuration again. */
    public void start(LabAgent agent) {
        agent.start(keyHex);
    }

    public LabAgent other(LabAgent agent) {
        return agents.get(agent == agents.get(0) ? 1 : 0);
    }

    /** Waits until {@code heir} is active by a takeover decided after {@code sinceNs}; its status, or nothing. */
    Optional<AgentStatus> awaitTakeover(LabAgent heir, long sinceNs, long deadlineMs) {
        AgentStatus[] last = new AgentStatus[1];
        boolean taken = Waiting.until(deadlineMs, LOOK_MS, () -> {
            heir.status().ifPresent(status -> last[0] = status);
            return last[0] != null && last[0].tookOverSince(sinceNs);
        });
        return taken ? Optional.of(last[0]) : Optional.empty();
    }

    /** The last lines of both logs. */
    String logs() {
        StringBuilder logs = new StringBuilder();
        for (LabAgent agent : agents) {
            logs.append("log of ").append(agent.node().nodeName()).append(":\n");
            logs.append(agent.logTail(LOG_LINES).indent(4));
        }
        return logs.toString();
    }

    private Optional<AgentStatus> statusOf(LabAgent agent) {
        if (!agent.alive()) {
            throw new Fatal(
                    ExitCode.REFUSED,
                    "the agent of " + agent.node().nodeName() + " ended by itself; its log ends:\n"
                            + agent.logTail(LOG_LINES).indent(4));
        }
        return agent.status();
    }

    private static String describe(LabAgent agent, Optional<AgentStatus> status) {
        return agent.node().nodeName() + " "
                + status.map(s -> s.role() + " " + s.readiness()).orElse("starting");
    }

    @Override
    public void close() {
        agents.forEach(LabAgent::close);
    }
}
