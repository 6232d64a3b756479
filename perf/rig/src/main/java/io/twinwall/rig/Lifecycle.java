/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * What one flow costs: processor time on both firewalls and bytes on the link between them, for a UDP flow that is never
 * answered (one event) and a TCP handshake (three). What the stack does anyway while nothing happens is measured before, and
 * taken off. What of it the kernel took is told, too: nobody who asks it for the same gets below that.
 *
 * <p>The other's standby keeps the flows in a cache of its program here. With {@code DisableExternalCache} it puts them into
 * its kernel at once, but in three runs it then held 29,000 to 48,000 of 400,000, so there was nothing to compare.
 */
record Lifecycle() implements Scenario {
    private static final int FLOWS = 100_000;
    private static final int PER_SECOND = 10_000;
    private static final long KNOWN_MS = 30_000;
    private static final int IDLE_MS = 8_000;
    private static final int WARM_UPS = 2;
    private static final int RUNS_MAX = 5;

    @Override
    public String word() {
        return "cost";
    }

    @Override
    public String title() {
        return "Cost of a flow";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.PEER_DEFAULT);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        List<Cost> udp = new ArrayList<>();
        List<Cost> tcp = new ArrayList<>();
        int flows = setting.scaled(FLOWS);
        try (Stage stage = new Stage(contender, setting);
                FlowRain rain = new FlowRain(stage.lab())) {
            setting.progress().live(word() + ", " + contender.title() + ": to warm up");
            // As long as a program that compiles itself needs; it costs the other one nothing.
            for (int round = 0; round < WARM_UPS; round++) {
                rain.udp(round * flows, flows, PER_SECOND);
                rain.tcp(round * flows, flows, PER_SECOND);
            }
            stage.requireKnown(2L * WARM_UPS * flows, KNOWN_MS);
            for (int run = WARM_UPS; run < WARM_UPS + Math.min(setting.runs(), RUNS_MAX); run++) {
                setting.progress().live(word() + ", " + contender.title() + ", run " + (run - WARM_UPS + 1));
                int first = run * flows;
                int idleMs = setting.scaled(IDLE_MS);
                udp.add(cost(stage, idleMs, flows, () -> rain.udp(first, flows, PER_SECOND), 2L * flows * run + flows));
                tcp.add(cost(stage, idleMs, flows, () -> rain.tcp(first, flows, PER_SECOND), 2L * flows * (run + 1)));
            }
        }
        tell("udp", contender, udp, results);
        tell("tcp", contender, tcp, results);
    }

    private void tell(String kind, Contender contender, List<Cost> costs, Consumer<Result> results) {
        tell(
                kind + ".cpu.active",
                "µs",
                contender,
                costs.stream().map(Cost::activeUs).toList(),
                results);
        tell(
                kind + ".cpu.passive",
                "µs",
                contender,
                costs.stream().map(Cost::passiveUs).toList(),
                results);
        tell(
                kind + ".kernel.active",
                "µs",
                contender,
                costs.stream().map(Cost::activeKernelUs).toList(),
                results);
        tell(
                kind + ".kernel.passive",
                "µs",
                contender,
                costs.stream().map(Cost::passiveKernelUs).toList(),
                results);
        tell(kind + ".wire", "B", contender, costs.stream().map(Cost::wireBytes).toList(), results);
    }

    private void tell(String what, String unit, Contender contender, List<Double> values, Consumer<Result> results) {
        results.accept(Result.of(word(), contender, what, unit, values));
    }

    private static Cost cost(Stage stage, int idleMs, int flows, Runnable rain, long known) {
        Moment idleFrom = Moment.of(stage);
        Stage.lasts(idleMs);
        Moment idleTo = Moment.of(stage);
        rain.run();
        stage.requireKnown(known, KNOWN_MS);
        Stage.settle();
        return Cost.between(idleTo, Moment.of(stage), flows, idleFrom);
    }

    /** Counters of both firewalls at a moment. */
    private record Moment(Usage active, Usage passive, long wireBytes) {
        static Moment of(Stage stage) {
            return new Moment(
                    Usage.of(stage.stack().pids(stage.active().node())),
                    Usage.of(stage.stack().pids(stage.standby())),
                    SyncWire.bytes(stage.lab()));
        }

        long ns() {
            return active.atNs();
        }
    }

    /** Of one flow. */
    private record Cost(
            double activeUs, double activeKernelUs, double passiveUs, double passiveKernelUs, double wireBytes) {
        static Cost between(Moment from, Moment to, int flows, Moment idleFrom) {
            double share = (double) (to.ns() - from.ns()) / (from.ns() - idleFrom.ns());
            ToDoubleFunction<ToLongFunction<Moment>> each = of -> (of.applyAsLong(to)
                            - of.applyAsLong(from)
                            - share * (of.applyAsLong(from) - of.applyAsLong(idleFrom)))
                    / flows;
            return new Cost(
                    each.applyAsDouble(at -> at.active().cpuNs()) / 1e3,
                    each.applyAsDouble(at -> at.active().kernelNs()) / 1e3,
                    each.applyAsDouble(at -> at.passive().cpuNs()) / 1e3,
                    each.applyAsDouble(at -> at.passive().kernelNs()) / 1e3,
                    each.applyAsDouble(Moment::wireBytes));
        }
    }
}
