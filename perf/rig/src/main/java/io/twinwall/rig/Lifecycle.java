/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What one flow costs: processor time on both firewalls and bytes on the link between them, for a UDP flow that is never
 * answered (one event) and a TCP handshake (three). What the stack does anyway while nothing happens is measured before, and
 * taken off.
 */
record Lifecycle() implements Scenario {
    private static final int FLOWS = 100_000;
    private static final int PER_SECOND = 10_000;
    private static final long KNOWN_MS = 30_000;
    private static final int IDLE_MS = 5_000;

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
        return List.of(Contender.TWINWALL_FAST, Contender.PEER_DEFAULT, Contender.PEER_KERNEL);
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
            rain.udp(0, flows, PER_SECOND);
            rain.tcp(0, flows, PER_SECOND);
            stage.requireKnown(2L * flows, KNOWN_MS);
            for (int run = 1; run <= Math.min(setting.runs(), 5); run++) {
                setting.progress().live(word() + ", " + contender.title() + ", run " + run);
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
    private record Cost(double activeUs, double passiveUs, double wireBytes) {
        static Cost between(Moment from, Moment to, int flows, Moment idleFrom) {
            double share = (double) (to.ns() - from.ns()) / (from.ns() - idleFrom.ns());
            return new Cost(
                    (to.active().cpuNsSince(from.active())
                                    - share * from.active().cpuNsSince(idleFrom.active()))
                            / 1e3
                            / flows,
                    (to.passive().cpuNsSince(from.passive())
                                    - share * from.passive().cpuNsSince(idleFrom.passive()))
                            / 1e3
                            / flows,
                    (to.wireBytes() - from.wireBytes() - share * (from.wireBytes() - idleFrom.wireBytes())) / flows);
        }
    }
}
