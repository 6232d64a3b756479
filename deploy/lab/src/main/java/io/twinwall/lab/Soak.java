/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A lab with a pair, flows that must live, flows that come and go, and captures, upon which faults fall one after the
 * other until the time is over. One thread uses it.
 */
final class Soak implements AutoCloseable {
    private static final long READY_MS = 60_000;
    /** Within this a pair must be whole after each fault, and equal within as long again. */
    private static final long WHOLE_MS = 30_000;

    private static final long EQUAL_MS = 30_000;
    private static final long FLOWS_MS = 8_000;
    private static final long BEFORE_NS = 20_000_000;
    private static final long SETTLED_MS = 300;
    private static final int LOAD_MS = 2_000;

    private final SoakOptions options;
    private final Progress progress;
    private final Surroundings where = Surroundings.here();
    private final Lab lab;
    private final Pair pair;
    private final GateWatch gates;
    private final StallTicker ticker;
    private final Churn churn;
    private final Equality equality;
    private final List<SoakResult> results = new ArrayList<>();
    private final List<Footprint> footprints = new ArrayList<>();
    private final long startNs;
    private Traffic traffic;
    private int openings;
    private boolean ended;

    Soak(SoakOptions options, List<String> program, Progress progress) {
        this.options = options;
        this.progress = progress;
        progress.live("building the lab");
        LabSysctls.roomFor(options.flows() + options.churn() * 200);
        this.lab = Lab.create();
        try {
            this.pair = new Pair(lab, program, options.agents());
            pair.awaitPair(READY_MS, progress::live);
            this.traffic = openTraffic();
            this.churn = new Churn(lab, options.churn(), options.seed());
            this.gates = new GateWatch(lab);
            this.ticker = new StallTicker();
            this.equality = new Equality(pair);
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
        startNs = System.nanoTime();
    }

    private Traffic openTraffic() {
        Traffic opening = new Traffic(lab, 0, options.seed() + openings++);
        opening.open(0, options.flows(), progress::live);
        return opening;
    }

    /** Goes on until the time is over, or the pair is beyond help; {@code sofar} hears the ledger after each fault. */
    SoakReport run(Consumer<SoakReport> sofar) {
        long lengthNs = Math.round(options.minutes() * 60e9);
        play(new SoakPlan(options.seed(), options.faults(), false), false, startNs + lengthNs / 2, sofar);
        play(new SoakPlan(options.seed(), options.faults(), true), true, startNs + lengthNs, sofar);
        return report();
    }

    private void play(SoakPlan plan, boolean settled, long untilNs, Consumer<SoakReport> sofar) {
        while (!ended && System.nanoTime() - untilNs < 0) {
            SoakPlan.Step step = plan.next();
            SoakResult result = suffer(step, settled);
            results.add(result);
            List<String> misses = result.misses(options.profile());
            progress.line(step + ": " + (misses.isEmpty() ? "healed" : String.join("; ", misses)));
            ended = !result.whole();
            if (settled && !ended) {
                pair.agents().forEach(agent -> footprints.add(Footprint.of(agent)));
            }
            sofar.accept(report());
        }
    }

    private SoakResult suffer(SoakPlan.Step step, boolean settled) {
        LabAgent active = pair.awaitPair(READY_MS, text -> {});
        try (Scene scene = new Scene(pair, active, LOAD_MS)) {
            scene.lasts(step.pauseMs());
            SoakScripts.play(step, scene, churn);
            scene.awaitPair(WHOLE_MS);
            double wholeMs = scene.whole() ? sinceMs(scene.healedNs()) : Double.POSITIVE_INFINITY;
            List<String> unequal = scene.whole() ? equality.await(EQUAL_MS) : List.of("never compared");
            double equalMs = unequal.isEmpty() ? sinceMs(scene.healedNs()) : Double.POSITIVE_INFINITY;
            unequal.forEach(scene::problem);
            if (!equality.slow().isEmpty()) {
                progress.line("slow to become equal: " + equality.slow());
            }
            scene.lasts(SETTLED_MS);
            long endNs = System.nanoTime();
            gates.settle();
            double stallMs = ticker.stallNs(scene.struckNs(), endNs) / 1e6;
            FlowTally tally = traffic.check(scene.struckNs() - BEFORE_NS, FLOWS_MS, text -> {});
            SoakResult result = new SoakResult(
                    step,
                    settled,
                    (scene.struckNs() - startNs) / 1_000_000,
                    wholeMs,
                    equalMs,
                    twoOpenMs(scene, endNs),
                    stallMs,
                    scene.takeovers(),
                    tally.opened(),
                    tally.survived(),
                    tally.lost(),
                    scene.changes(),
                    scene.problems());
            if (tally.survived() < tally.opened()) {
                reopen();
            }
            return result;
        }
    }

    /** So that what one fault lost is not counted for the next, too. */
    private void reopen() {
        traffic.close();
        try {
            traffic = openTraffic();
        } catch (Fatal e) {
            if (e.exitCode() != ExitCode.REFUSED) {
                throw e;
            }
            progress.line(e.getMessage());
            ended = true;
        }
    }

    private static double sinceMs(long thenNs) {
        return (System.nanoTime() - thenNs) / 1e6;
    }

    private double twoOpenMs(Scene scene, long endNs) {
        List<Span> two = Span.both(open(scene, FirewallNode.FW_A), open(scene, FirewallNode.FW_B));
        return Span.totalNs(Span.within(two, scene.struckNs(), endNs)) / 1e6;
    }

    private List<Span> open(Scene scene, FirewallNode node) {
        List<Span> open = new ArrayList<>(Span.without(gates.through(node), scene.ungated(node)));
        open.addAll(gates.answering(node));
        return Span.union(open);
    }

    private SoakReport report() {
        return new SoakReport(
                where,
                options,
                sinceMs(startNs) / 1e3,
                List.copyOf(results),
                churn.opened(),
                churn.answered(),
                Growth.of(footprints),
                gates.missed());
    }

    @Override
    public void close() {
        ticker.close();
        gates.close();
        churn.close();
        traffic.close();
        pair.close();
        lab.close();
    }
}
