/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Failure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** How long probes of one packet each millisecond find no way through, from the failure on. */
record DarkTime(Failure failure) implements Scenario {
    @Override
    public String word() {
        return failure.word();
    }

    @Override
    public String title() {
        return "Dark time: " + failure.what();
    }

    @Override
    public List<Contender> contenders() {
        return List.of(
                Contender.TWINWALL_FAST, Contender.TWINWALL_EXTREME, Contender.PEER_DEFAULT, Contender.PEER_TUNED);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        List<Blackout> runs = new ArrayList<>();
        for (int run = 1; run <= setting.runs(); run++) {
            setting.progress().live(word() + ", " + contender.title() + ", run " + run + " of " + setting.runs());
            try (Stage stage = new Stage(contender, setting)) {
                Stage.settle();
                runs.add(Blackout.of(stage, failure));
            }
        }
        tell(word(), contender, 0, runs, results);
    }

    /** The results of several blackouts of one kind. */
    static void tell(String word, Contender contender, double at, List<Blackout> runs, Consumer<Result> results) {
        List<Blackout> byDark = runs.stream()
                .sorted(Comparator.comparingDouble(Blackout::udpMs))
                .toList();
        List<double[]> curve = byDark.get((byDark.size() - 1) / 2).curve();
        results.accept(Result.of(word, contender, "dark.udp", "ms", values(runs, Blackout::udpMs))
                .at(at)
                .with(curve));
        results.accept(Result.of(word, contender, "dark.tcp", "ms", values(runs, Blackout::tcpMs))
                .at(at));
        results.accept(Result.of(word, contender, "lost", "probes of 8 streams", values(runs, Blackout::lost))
                .at(at));
        results.accept(Result.of(word, contender, "away", "streams of 16", values(runs, Blackout::away))
                .at(at));
        results.accept(Result.of(word, contender, "stall", "ms", values(runs, Blackout::stallMs))
                .at(at));
    }

    private static List<Double> values(List<Blackout> runs, java.util.function.ToDoubleFunction<Blackout> of) {
        return runs.stream().map(of::applyAsDouble).toList();
    }
}
