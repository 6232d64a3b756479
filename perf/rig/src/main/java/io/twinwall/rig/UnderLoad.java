/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.CpuLoad;
import io.twinwall.lab.Probes;
import io.twinwall.lab.ReceiptLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** All cores busy, nothing broken: roles that move all the same, and the silence that makes. */
record UnderLoad() implements Scenario {
    private static final int LOAD_MS = 30_000;
    private static final long PROBES_MS = 5_000;

    @Override
    public String word() {
        return "load";
    }

    @Override
    public String title() {
        return "All cores busy for half a minute";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.TWINWALL_EXTREME, Contender.PEER_TUNED);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        List<Double> takeovers = new ArrayList<>();
        List<Double> silent = new ArrayList<>();
        for (int run = 1; run <= Math.min(setting.runs(), 5); run++) {
            setting.progress().live(word() + ", " + contender.title() + ", run " + run);
            try (Stage stage = new Stage(contender, setting);
                    Probes probes = new Probes(stage.lab(), PROBES_MS)) {
                Stage.settle();
                int before = stage.stack().takeovers();
                long fromNs = System.nanoTime();
                underLoad(setting.scaled(LOAD_MS));
                long toNs = System.nanoTime();
                Stage.settle();
                takeovers.add((double) (stage.stack().takeovers() - before));
                silent.add(probes.streams().stream()
                        .filter(stream -> stream.stream().startsWith("udp."))
                        .mapToLong(stream -> stream.longestGapNs(fromNs, toNs))
                        .mapToDouble(ns -> ns == ReceiptLog.NEVER ? Double.POSITIVE_INFINITY : ns / 1e6)
                        .max()
                        .orElse(0));
            }
        }
        results.accept(Result.of(word(), contender, "takeovers", "takeovers", takeovers));
        results.accept(Result.of(word(), contender, "dark.udp", "ms", silent));
    }

    private static void underLoad(long ms) {
        CpuLoad load = new CpuLoad();
        try {
            Stage.lasts(ms);
        } finally {
            load.close();
        }
    }
}
