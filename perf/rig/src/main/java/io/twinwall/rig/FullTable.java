/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Dark time after a loss of power, with ever more flows mirrored. */
record FullTable() implements Scenario {
    private static final int PER_SECOND = 20_000;
    private static final long KNOWN_MS = 60_000;
    private static final int PEER_RUNS = 3;

    @Override
    public String word() {
        return "table";
    }

    @Override
    public String title() {
        return "Takeover after a loss of power, by the number of flows mirrored";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.PEER_DEFAULT);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        for (int flows : setting.flows()) {
            List<Blackout> runs = new ArrayList<>();
            List<Double> installed = new ArrayList<>();
            for (int run = 1; run <= Math.min(PEER_RUNS, setting.runs()); run++) {
                setting.progress().live(word() + ", " + contender.title() + ", " + flows + " flows, run " + run);
                try (Stage stage = new Stage(contender, setting);
                        FlowRain rain = new FlowRain(stage.lab())) {
                    rain.udp(0, flows, PER_SECOND);
                    stage.requireKnown(flows, KNOWN_MS);
                    runs.add(Blackout.of(stage, Failure.POWER));
                    stage.stack().flowsAfterAddressesMs(stage.standby()).ifPresent(installed::add);
                }
            }
            DarkTime.tell(word(), contender, flows, runs, results);
            results.accept(Result.of(word(), contender, "flows.after.addresses", "ms", installed)
                    .at(flows));
        }
    }
}
