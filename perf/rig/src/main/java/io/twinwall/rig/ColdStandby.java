/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Shell;
import io.twinwall.lab.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A standby that comes up with nothing beside an active that holds many flows: how long until it could take over with all of
 * them, from the moment its programs can be asked anything, and from their start.
 */
record ColdStandby() implements Scenario {
    private static final int FLOWS = 250_000;
    private static final int PER_SECOND = 20_000;
    private static final long KNOWN_MS = 60_000;
    private static final long LOOK_MS = 10;

    @Override
    public String word() {
        return "cold";
    }

    @Override
    public String title() {
        return "A cold standby, until it has all flows";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.PEER_DEFAULT, Contender.PEER_KERNEL);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        List<Double> fromStart = new ArrayList<>();
        List<Double> fromUp = new ArrayList<>();
        List<Double> inKernel = new ArrayList<>();
        int flows = setting.scaled(FLOWS);
        for (int run = 1; run <= Math.min(setting.runs(), 5); run++) {
            setting.progress().live(word() + ", " + contender.title() + ", run " + run);
            try (Stage stage = new Stage(contender, setting);
                    FlowRain rain = new FlowRain(stage.lab())) {
                rain.udp(0, flows, PER_SECOND);
                stage.requireKnown(flows, KNOWN_MS);
                FirewallNode standby = stage.standby();
                stage.stack().stop(standby);
                Shell.run("ip", "netns", "exec", stage.lab().namespace(standby), "conntrack", "-F");
                long startNs = System.nanoTime();
                stage.stack().start(standby);
                long upNs = System.nanoTime();
                stage.stack().pull(standby);
                long all = stage.made(flows);
                boolean known =
                        Waiting.until(KNOWN_MS, LOOK_MS, () -> stage.stack().known(standby) >= all);
                long knownNs = System.nanoTime();
                stage.stack().install(standby);
                boolean there = Waiting.until(
                        KNOWN_MS, LOOK_MS, () -> KernelCount.of(stage.lab().namespace(standby)) >= all);
                inKernel.add(ms(known && there, System.nanoTime() - upNs));
                fromStart.add(ms(known, knownNs - startNs));
                fromUp.add(ms(known, knownNs - upNs));
            }
        }
        results.accept(Result.of(word(), contender, "known.since.start", "ms", fromStart));
        results.accept(Result.of(word(), contender, "known.since.up", "ms", fromUp));
        results.accept(Result.of(word(), contender, "in.kernel.since.up", "ms", inKernel));
    }

    private static double ms(boolean ended, long ns) {
        return ended ? ns / 1e6 : Double.POSITIVE_INFINITY;
    }
}
