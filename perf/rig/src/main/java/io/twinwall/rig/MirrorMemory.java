/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Resident memory that flows take on both firewalls, beside the kernel's own. */
record MirrorMemory() implements Scenario {
    private static final int FLOWS = 250_000;
    private static final int WARM_UP = 20_000;
    private static final int PER_SECOND = 20_000;
    private static final long KNOWN_MS = 60_000;

    @Override
    public String word() {
        return "memory";
    }

    @Override
    public String title() {
        return "Resident memory of a mirrored flow";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.PEER_DEFAULT);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        List<Double> active = new ArrayList<>();
        List<Double> passive = new ArrayList<>();
        int warmUp = setting.scaled(WARM_UP);
        int flows = setting.scaled(FLOWS);
        for (int run = 1; run <= Math.min(setting.runs(), 3); run++) {
            setting.progress().live(word() + ", " + contender.title() + ", run " + run);
            try (Stage stage = new Stage(contender, setting);
                    FlowRain rain = new FlowRain(stage.lab())) {
                // What any flow at all needs, code for one, is no flow's.
                rain.udp(0, warmUp, PER_SECOND);
                stage.requireKnown(warmUp, KNOWN_MS);
                Stage.settle();
                long activeBefore = resident(stage, true);
                long passiveBefore = resident(stage, false);
                rain.udp(warmUp, flows, PER_SECOND);
                stage.requireKnown(warmUp + flows, KNOWN_MS);
                Stage.settle();
                active.add((double) (resident(stage, true) - activeBefore) / flows);
                passive.add((double) (resident(stage, false) - passiveBefore) / flows);
            }
        }
        results.accept(Result.of(word(), contender, "active", "B", active));
        results.accept(Result.of(word(), contender, "passive", "B", passive));
    }

    private static long resident(Stage stage, boolean active) {
        return Usage.of(stage.stack().pids(active ? stage.active().node() : stage.standby()))
                .residentBytes();
    }
}
