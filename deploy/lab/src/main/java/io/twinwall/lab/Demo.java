/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The proof in one command: builds a lab, starts two agents, opens flows, makes the active fail, and says what survived
 * and how long it was dark. Runs on the caller's thread; endpoints and probes have threads of their own.
 */
public final class Demo {
    private static final long READY_MS = 40_000;
    private static final long STEADY_MS = 1_500;
    private static final long YOUNG_EACH_MS = 20;
    private static final long TAKEOVER_MS = 10_000;
    private static final long PATIENCE_MS = 3_000;
    private static final long PATIENCE_SYNC_MS = 8_000;
    private static final long RESUME_MS = 5_000;
    private static final long SETTLED_NS = 300_000_000;
    private static final long OPEN_BEFORE_NS = 20_000_000;
    private static final long PROBES_MS = 5_000;

    private final DemoOptions options;
    private final Progress progress;

    private Demo(DemoOptions options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    /**
     * Runs one demo.
     *
     * @param agentCommand the program without a verb, e.g. {@code java … io.twinwall.daemon.Main}; run without a shell
     * @return OK when the flows fared as they should, REFUSED when not; or what the environment lacks
     */
    public static ExitCode run(DemoOptions options, List<String> agentCommand, PrintStream out, PrintStream err) {
        PrintStream human = options.json() ? err : out;
        try {
            DemoReport report = new Demo(options, new Progress(human, options.terminal())).play(agentCommand, human);
            report.print(human);
            if (options.json()) {
                out.println(report.json());
                out.flush();
            }
            return report.passed() ? ExitCode.OK : ExitCode.REFUSED;
        } catch (Fatal e) {
            human.println();
            err.println("demo: " + e.getMessage());
            return e.exitCode();
        }
    }

    /** Removes every lab whose program has ended, those kept on purpose too. */
    public static ExitCode cleanup(PrintStream out) {
        try {
            Privilege.require();
            List<String> gone = Leftovers.removeDead(true);
            out.println(gone.isEmpty() ? "no lab was left" : "removed " + String.join(", ", gone));
            return ExitCode.OK;
        } catch (Fatal e) {
            out.println("demo: " + e.getMessage());
            return e.exitCode();
        }
    }

    private DemoReport play(List<String> agentCommand, PrintStream human) {
        progress.live("building the lab");
        Lab lab = Lab.create();
        boolean kept = false;
        try {
            progress.line("lab " + lab.name() + ": client, server, two switches, two firewalls");
            String said = LabSysctls.roomFor(options.flows());
            if (!said.isEmpty()) {
                progress.line(said);
            }
            Pair pair = new Pair(
                    lab,
                    agentCommand,
                    AgentOptions.defaults()
                            .withProfile(options.profile().word())
                            .withSync(options.sync()));
            DemoReport report = withPair(lab, pair);
            if (options.keep()) {
                lab.keep();
                kept = true;
                explain(lab, pair, human);
            }
            return report;
        } finally {
            if (!kept) {
                lab.close();
            }
        }
    }

    private DemoReport withPair(Lab lab, Pair pair) {
        LabAgent active = pair.awaitPair(READY_MS, progress::live);
        progress.line(active.node().nodeName() + " is active, "
                + pair.other(active).node().nodeName() + " its backup"
                + (options.sync() ? " and ready" : "; synchronisation is OFF"));
        int packetFlows = Traffic.packetFlows(options.flows());
        try (Traffic traffic = new Traffic(lab, packetFlows, options.seed())) {
            traffic.open(packetFlows, options.flows() - packetFlows, progress::live);
            try (Probes probes = new Probes(lab, PROBES_MS);
                    StallTicker ticker = new StallTicker()) {
                progress.line(traffic.opened(System.nanoTime()) + " flows open, "
                        + probes.streams().size() + " streams probed");
                pair.awaitPair(READY_MS, progress::live);
                steady(traffic);
                // A machine that stood still for longer than the dead time has changed the roles since.
                return fail(pair, pair.awaitPair(READY_MS, progress::live), traffic, probes, ticker);
            }
        }
    }

    /** A moment of peace, in which new flows open up to the last. */
    private void steady(Traffic traffic) {
        progress.live("steady");
        long[] opened = {0};
        long startNs = System.nanoTime();
        Waiting.until(STEADY_MS, 1, () -> {
            if (System.nanoTime() - startNs > opened[0] * YOUNG_EACH_MS * 1_000_000) {
                opened[0]++;
                traffic.openYoung();
            }
            return false;
        });
    }

    private DemoReport fail(Pair pair, LabAgent active, Traffic traffic, Probes probes, StallTicker ticker) {
        LabAgent heir = pair.other(active);
        long failureNs;
        Optional<AgentStatus> taken;
        try (FailureInjector injector = new FailureInjector(options.fail(), active, !options.sync())) {
            failureNs = injector.strike();
            progress.line(active.node().nodeName() + ": " + options.fail().what() + " " + injector.outcome());
            taken = pair.awaitTakeover(heir, failureNs, TAKEOVER_MS);
        }
        long takenNs = System.nanoTime();
        progress.line(
                taken.isPresent()
                        ? heir.node().nodeName() + " is active"
                        : heir.node().nodeName() + " did not take over within " + TAKEOVER_MS + " ms");
        long beforeNs = failureNs - OPEN_BEFORE_NS;
        boolean hopeful = options.sync() && taken.isPresent();
        FlowTally tally = traffic.check(beforeNs, hopeful ? PATIENCE_SYNC_MS : PATIENCE_MS, progress::live);
        progress.line(tally.survived() + " of " + tally.opened() + " flows have answered");
        Waiting.until(hopeful ? RESUME_MS : SETTLED_NS / 1_000_000, 10, () -> probes.allSince(takenNs + SETTLED_NS));
        Map<String, Long> dark = new LinkedHashMap<>();
        for (ReceiptLog stream : probes.streams()) {
            dark.put(stream.stream(), stream.longestGapNs(failureNs, takenNs + SETTLED_NS));
        }
        return new DemoReport(
                options,
                tally,
                dark,
                taken,
                failureNs,
                ticker.stallNs(failureNs, takenNs + SETTLED_NS),
                traffic.reasons(beforeNs));
    }

    private static void explain(Lab lab, Pair pair, PrintStream to) {
        to.println();
        to.println(
                "The lab is left running. Its client and server are silent now: the flows' ends went with this program.");
        for (LabAgent agent : pair.agents()) {
            String inside = "sudo ip netns exec " + lab.namespace(agent.node());
            to.println("  " + agent.node().nodeName());
            to.println("    enter    " + inside + " bash");
            to.println("    status   sudo ./twinwall status --socket " + agent.socket());
            to.println("    flows    " + inside + " conntrack -L");
            to.println("    packets  " + inside + " tcpdump -ni lan0");
            to.println("    log      " + agent.logFile());
        }
        to.println("  the other namespaces end in -client, -server, -lan and -wan");
        to.println("  tear down  sudo ./twinwall demo --cleanup");
    }
}
