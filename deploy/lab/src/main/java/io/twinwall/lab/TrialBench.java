/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A lab with a pair, flows, probes and captures, on which trials are run one after the other: building it costs more than
 * a run. One thread uses it.
 */
final class TrialBench implements AutoCloseable {
    private static final long READY_MS = 60_000;
    private static final long HEALED_MS = 30_000;
    /** A host that lost everything gets all flows again. */
    private static final double HEALED_MS_PER_FLOW = 0.2;

    private static final long PROBES_MS = 5_000;
    private static final long FLOWS_MS = 8_000;
    private static final long SETTLED_MS = 300;
    private static final long BEFORE_NS = 20_000_000;

    private final FailuresOptions options;
    private final Progress progress;
    private final Lab lab;
    private final Pair pair;
    private final Probes probes;
    private final GateWatch gates;
    private final StallTicker ticker;
    private final boolean busy;
    private Traffic traffic;
    private int openings;
    private boolean broken;
    private boolean lostFlows;

    TrialBench(FailuresOptions options, List<String> program, AgentOptions agents, boolean busy, Progress progress) {
        this.options = options;
        this.progress = progress;
        this.busy = busy;
        progress.live("building the lab");
        LabSysctls.roomFor(options.flows());
        this.lab = Lab.create();
        try {
            this.pair = new Pair(lab, program, agents);
            pair.awaitPair(READY_MS, progress::live);
            this.traffic = openTraffic();
            this.probes = new Probes(lab, PROBES_MS);
            this.gates = new GateWatch(lab);
            this.ticker = new StallTicker();
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private Traffic openTraffic() {
        int packets = Traffic.packetFlows(options.flows());
        Traffic opening = new Traffic(lab, packets, options.seed() + openings++);
        if (busy) {
            opening.open(packets, 0, progress::live);
            opening.openBusy(options.flows() - packets);
        } else {
            opening.open(packets, options.flows() - packets, progress::live);
        }
        return opening;
    }

    /** Whether it is no good for another run: the pair did not become whole again. */
    boolean broken() {
        return broken;
    }

    /** Runs {@code trial} once. */
    RunResult run(Trial trial) {
        if (lostFlows) {
            traffic.close();
            traffic = openTraffic();
        }
        LabAgent active = pair.awaitPair(READY_MS, text -> {});
        try (Scene scene = new Scene(pair, active, options.loadMs())) {
            long lostBefore = probes.lost();
            long missedBefore = gates.missed();
            TrialScripts.play(trial, scene);
            scene.awaitPair(HEALED_MS + Math.round(HEALED_MS_PER_FLOW * options.flows()));
            scene.lasts(SETTLED_MS);
            long endNs = System.nanoTime();
            long lost = probes.lost() - lostBefore;
            gates.settle();
            // Before the flows are asked, which may take minutes: the logs of the probes go back no further than two.
            double[] dark = darkMs(scene.struckNs(), endNs - SETTLED_MS * 500_000);
            double stallMs = ticker.stallNs(scene.struckNs(), endNs) / 1e6;
            FlowTally tally = traffic.check(scene.struckNs() - BEFORE_NS, FLOWS_MS, text -> {});
            RunResult result = result(scene, dark, stallMs, tally, endNs, lost, gates.missed() - missedBefore);
            broken = !scene.whole();
            lostFlows = tally.survived() < tally.opened();
            if (!trial.bar().misses(result, options.profile()).isEmpty() && options.logs()) {
                progress.line("the agents said:\n" + scene.logs().indent(10));
            }
            return result;
        }
    }

    /** The longest silence of each UDP stream. */
    private double[] darkMs(long fromNs, long toNs) {
        return probes.streams().stream()
                .filter(stream -> stream.stream().startsWith("udp."))
                .mapToDouble(stream -> darkMs(stream.longestGapNs(fromNs, toNs)))
                .toArray();
    }

    private RunResult result(
            Scene scene, double[] dark, double stallMs, FlowTally tally, long endNs, long lost, long missed) {
        long struckNs = scene.struckNs();
        List<Span> two = Span.both(open(scene, FirewallNode.FW_A), open(scene, FirewallNode.FW_B));
        List<Span> before =
                Span.within(open(scene, scene.active().node()), struckNs, Math.max(struckNs + 1, scene.healedNs()));
        return new RunResult(
                Numbers.median(Arrays.stream(dark)),
                Numbers.worst(Arrays.stream(dark)),
                stallMs,
                Span.totalNs(Span.within(two, struckNs, endNs)) / 1e6,
                before.isEmpty() ? 0 : (before.getLast().toNs() - struckNs) / 1e6,
                tally.opened(),
                tally.survived(),
                tally.lost() + (tally.lost().isEmpty() ? "" : " " + traffic.reasons(struckNs - BEFORE_NS)),
                lost,
                scene.takeovers(),
                scene.changes(),
                missed,
                scene.problems());
    }

    private List<Span> open(Scene scene, FirewallNode node) {
        List<Span> through = Span.without(gates.through(node), scene.ungated(node));
        List<Span> open = new ArrayList<>(through);
        open.addAll(gates.answering(node));
        return Span.union(open);
    }

    private static double darkMs(long ns) {
        return ns == ReceiptLog.NEVER ? Double.POSITIVE_INFINITY : ns / 1e6;
    }

    @Override
    public void close() {
        ticker.close();
        gates.close();
        probes.close();
        traffic.close();
        pair.close();
        lab.close();
    }
}
