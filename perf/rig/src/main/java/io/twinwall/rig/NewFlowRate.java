/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** New UDP flows at ever higher rates, until the standby does not know all of them soon after. */
record NewFlowRate() implements Scenario {
    private static final int[] PER_SECOND = {20_000, 40_000, 60_000, 80_000, 100_000, 125_000, 150_000};
    /** Of the highest rate, a second's worth; all rungs together have addresses. */
    private static final double SECONDS = 1.5;

    /** The generator, or the firewall it sends through, has no more to give. */
    private static final double ENOUGH = 0.7;

    /** As many as a program needs that compiles itself. */
    private static final int WARM_UP = 240_000;

    private static final int WARM_UP_PER_SECOND = 20_000;
    private static final long KNOWN_MS = 5_000;
    private static final long WARM_UP_MS = 30_000;

    @Override
    public String word() {
        return "rate";
    }

    @Override
    public String title() {
        return "New UDP flows a second that the standby knows, all of them, within five seconds";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.PEER_DEFAULT, Contender.PEER_KERNEL);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        List<double[]> curve = new ArrayList<>();
        List<Double> lossless = new ArrayList<>();
        for (int run = 1; run <= Math.min(setting.runs(), 3); run++) {
            curve.clear();
            lossless.add(ladder(contender, setting, curve));
        }
        results.accept(
                Result.of(word(), contender, "lossless", "flows/s", lossless).with(curve));
    }

    /** The highest rate at which nothing was lost; adds points of rate made and percent lost. */
    private double ladder(Contender contender, Setting setting, List<double[]> curve) {
        double best = 0;
        try (Stage stage = new Stage(contender, setting);
                FlowRain rain = new FlowRain(stage.lab())) {
            int next = setting.scaled(WARM_UP);
            rain.udp(0, next, WARM_UP_PER_SECOND);
            stage.requireKnown(next, WARM_UP_MS);
            for (int perSecond : PER_SECOND) {
                int flows = Math.min((int) (setting.scaled(perSecond) * SECONDS), FlowRain.FLOWS_MAX - next);
                setting.progress().live(word() + ", " + contender.title() + ", " + perSecond + " a second");
                long before = stage.made(next);
                long tookNs = rain.udp(next, flows, perSecond);
                next += flows;
                long now = stage.made(next);
                double made = (now - before) * 1e9 / tookNs;
                boolean all = stage.awaitKnown(next, KNOWN_MS);
                long missing = all ? 0 : Math.max(0, now - stage.stack().known(stage.standby()));
                curve.add(new double[] {made, 100.0 * missing / flows});
                if (!all) {
                    break;
                }
                best = Math.max(best, made);
                if (made < ENOUGH * perSecond) {
                    break;
                }
            }
        }
        return best;
    }
}
