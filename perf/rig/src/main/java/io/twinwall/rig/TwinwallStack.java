/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Pair;
import io.twinwall.lab.RoleLog;
import io.twinwall.lab.Victim;
import io.twinwall.lab.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** This project's agents. */
final class TwinwallStack implements Stack {
    private static final long END_MS = 10_000;
    private static final long START_MS = 20_000;
    private static final long LOOK_MS = 5;

    private final Lab lab;
    private final Pair pair;
    private final List<RoleLog> logs = new ArrayList<>();

    TwinwallStack(Lab lab, List<String> program, AgentOptions options) {
        this.lab = lab;
        this.pair = new Pair(lab, program, options);
        pair.agents().forEach(agent -> logs.add(new RoleLog(agent)));
    }

    private LabAgent of(FirewallNode node) {
        return pair.agents().stream()
                .filter(agent -> agent.node() == node)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Victim awaitPair(long deadlineMs) {
        return pair.awaitPair(deadlineMs, progress -> {});
    }

    @Override
    public List<Long> pids(FirewallNode node) {
        return List.of(of(node).pid());
    }

    @Override
    public long known(FirewallNode standby) {
        return KernelCount.of(lab.namespace(standby));
    }

    @Override
    public int takeovers() {
        return logs.stream().mapToInt(RoleLog::timesMaster).sum();
    }

    @Override
    public boolean active(FirewallNode node) {
        return of(node).status().filter(AgentStatus::master).isPresent();
    }

    @Override
    public void stop(FirewallNode node) {
        of(node).stop(END_MS);
    }

    @Override
    public void start(FirewallNode node) {
        pair.start(of(node));
        if (!Waiting.until(START_MS, LOOK_MS, () -> of(node).status().isPresent())) {
            throw new Fatal(ExitCode.REFUSED, "the agent of " + node.nodeName() + " does not answer");
        }
    }

    /** It does so by itself. */
    @Override
    public void pull(FirewallNode standby) {}

    /** They are there. */
    @Override
    public void install(FirewallNode standby) {}

    /** The injector's queue is drained before the gate opens and the addresses are set. */
    @Override
    public OptionalDouble flowsAfterAddressesMs(FirewallNode heir) {
        Map<String, Double> phases =
                of(heir).status().map(AgentStatus::takeoverPhasesMs).orElse(Map.of());
        return phases.containsKey("DRAIN")
                ? OptionalDouble.of(-phases.entrySet().stream()
                        .filter(phase -> !phase.getKey().equals("DRAIN"))
                        .filter(phase -> List.of("SOURCE", "GATE", "VIPS").contains(phase.getKey()))
                        .mapToDouble(Map.Entry::getValue)
                        .sum())
                : OptionalDouble.empty();
    }

    @Override
    public void close() {
        pair.close();
    }
}
