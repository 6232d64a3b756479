/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The stage of one run: a ready pair, and the verbs by which a {@link TrialScripts} script breaks and heals it. Everything slow is
 * prepared before, so that a blow falls within a fraction of a millisecond of {@link #strikes()}. One thread uses it.
 */
final class Scene implements AutoCloseable {
    private static final long TAKEOVER_MS = 5_000;
    private static final long STOP_MS = 10_000;
    private static final long START_MS = 30_000;
    private static final long LOOK_MS = 5;

    private final Pair pair;
    private final LabAgent active;
    private final LabAgent passive;
    private final long loadMs;
    private final IpBatch inActive;
    private final IpBatch inLan;
    private final IpBatch inWan;
    private final RoleLog activeLog;
    private final RoleLog passiveLog;
    private final List<String> problems = new ArrayList<>();
    private final List<Runnable> broken = new ArrayList<>();
    private final Map<LabAgent, List<Span>> ungated;
    private LabAgent stopped;
    private long stoppedNs;
    private boolean whole;
    private long struckNs;
    private long healedNs;

    /** {@code loadMs}: how long a load or a loss of packets goes on. */
    Scene(Pair pair, LabAgent active, long loadMs) {
        this.pair = pair;
        this.active = active;
        this.passive = pair.other(active);
        this.loadMs = loadMs;
        this.ungated = Map.of(active, new ArrayList<>(), passive, new ArrayList<>());
        Lab lab = active.lab();
        this.inActive = new IpBatch(lab.namespace(active.node()));
        this.inLan = new IpBatch(lab.namespace("lan"));
        this.inWan = new IpBatch(lab.namespace("wan"));
        this.activeLog = new RoleLog(active);
        this.passiveLog = new RoleLog(passive);
    }

    /** The agent that was active when the run began. */
    LabAgent active() {
        return active;
    }

    LabAgent passive() {
        return passive;
    }

    long loadMs() {
        return loadMs;
    }

    String namespace(LabAgent agent) {
        return agent.lab().namespace(agent.node());
    }

    /** The failure begins now. */
    void strikes() {
        struckNs = System.nanoTime();
        healedNs = struckNs;
    }

    /** What was broken is mended from now on. */
    void heals() {
        healedNs = System.nanoTime();
    }

    /** Plugs the active's cable into the LAN's switch, or pulls it. */
    void lanCable(boolean in) {
        inLan.send(cable(in));
    }

    /** Plugs the active's cable into the WAN's switch, or pulls it. */
    void wanCable(boolean in) {
        inWan.send(cable(in));
    }

    /** Joins the sync link, or cuts it. */
    void syncCable(boolean in) {
        inActive.send("link set sync0 " + (in ? "up" : "down") + "\n");
    }

    /** Waits until all three cables of the active, pulled before, are out. */
    void awaitCut() {
        String port = active.node().nodeName();
        Carrier.awaitDown(active.lab().namespace("lan"), port);
        Carrier.awaitDown(active.lab().namespace("wan"), port);
        Carrier.awaitDown(namespace(active), "sync0");
    }

    /** Loses {@code percent} of the heartbeats that arrive at {@code at}, until {@link #mends()}. */
    void loseHeartbeats(LabAgent at, int percent) {
        broken.add(new HeartbeatFilter(namespace(at), percent)::close);
    }

    /** Loses {@code percent} of what arrives over the sync link at either end, until {@link #mends()}. */
    void loseSync(int percent) {
        broken.add(new SyncLoss(namespace(active), percent)::close);
        broken.add(new SyncLoss(namespace(passive), percent)::close);
    }

    /** Keeps all cores busy until {@link #mends()}. */
    void loadCores() {
        broken.add(new CpuLoad()::close);
    }

    /** Ends every loss and load. */
    void mends() {
        broken.forEach(Runnable::run);
        broken.clear();
    }

    private String cable(boolean in) {
        return "link set " + active.node().nodeName() + (in ? " up\n" : " down\n");
    }

    /** Time passes. */
    void lasts(long ms) {
        long untilNs = System.nanoTime() + ms * 1_000_000;
        Waiting.until(ms + 1, 1, () -> System.nanoTime() - untilNs >= 0);
    }

    /** Waits until the passive has become active; that it does not is a problem of this run. */
    void awaitHeir() {
        if (!Waiting.until(TAKEOVER_MS, LOOK_MS, passiveLog::becameMaster)) {
            problem(passive.node().nodeName() + " did not take over within " + TAKEOVER_MS + " ms");
        }
    }

    /** Waits until an agent that was started answers. */
    void awaitUp(LabAgent agent) {
        await(agent, "up", status -> true);
        gated();
    }

    /** Waits until {@code agent} says something of itself that {@code wanted} likes. */
    void await(LabAgent agent, String what, Predicate<AgentStatus> wanted) {
        if (!Waiting.until(
                START_MS, LOOK_MS, () -> agent.status().filter(wanted).isPresent())) {
            problem(agent.node().nodeName() + " was not " + what + " within " + START_MS + " ms");
        }
    }

    /**
     * Stops an agent in order. It takes its rules along, as it should: until it is back its host has no gate, and only
     * what it answers for the virtual addresses counts.
     */
    void stop(LabAgent agent) {
        gated();
        stopped = agent;
        stoppedNs = System.nanoTime();
        agent.stop(STOP_MS);
    }

    /** The agent that was stopped is up again. */
    private void gated() {
        if (stopped != null) {
            ungated.get(stopped).add(new Span(stoppedNs, System.nanoTime()));
            stopped = null;
        }
    }

    /** Starts an agent that has ended. */
    void start(LabAgent agent) {
        pair.start(agent);
    }

    /** When {@code node} had no gate, because its agent was stopped in order. */
    List<Span> ungated(FirewallNode node) {
        return ungated.get(active.node() == node ? active : passive);
    }

    /** What is left of a host when its power comes back: its disk. Addresses and flows are gone. */
    void forgetsAll(LabAgent agent) {
        StringBuilder script = new StringBuilder();
        for (LabPlan.Vip vip : LabPlan.vips()) {
            script.append("address del ")
                    .append(vip.address())
                    .append(" dev ")
                    .append(vip.device())
                    .append('\n');
        }
        Shell.attempt(script.toString(), List.of("ip", "-n", namespace(agent), "-force", "-batch", "-"));
        Shell.run("ip", "netns", "exec", namespace(agent), "conntrack", "-F");
    }

    /** Whether there was one active and its ready backup in the end. */
    boolean whole() {
        return whole;
    }

    void problem(String text) {
        problems.add(text);
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    long struckNs() {
        return struckNs;
    }

    long healedNs() {
        return healedNs;
    }

    /** How many times either node became active since the run began. */
    int takeovers() {
        return activeLog.timesMaster() + passiveLog.timesMaster();
    }

    /** Every change of role since the run began, the first active's first. */
    List<String> changes() {
        List<String> changes = new ArrayList<>(activeLog.changes());
        changes.addAll(passiveLog.changes());
        return changes;
    }

    /** What both agents wrote since the run began. */
    String logs() {
        return "log of " + active.node().nodeName() + ", active at first:\n"
                + activeLog.text().indent(4) + "log of " + passive.node().nodeName() + ":\n"
                + passiveLog.text().indent(4);
    }

    /** Waits for one active and its ready backup. */
    void awaitPair(long deadlineMs) {
        try {
            pair.awaitPair(deadlineMs, text -> {});
            whole = true;
        } catch (Fatal e) {
            if (e.exitCode() != ExitCode.REFUSED) {
                throw e;
            }
            problem(e.getMessage().lines().findFirst().orElse("the pair did not come back"));
        }
        gated();
    }

    @Override
    public void close() {
        mends();
        inActive.close();
        inLan.close();
        inWan.close();
    }
}
