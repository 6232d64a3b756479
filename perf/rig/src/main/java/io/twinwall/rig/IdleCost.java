/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.List;
import java.util.function.Consumer;

/** What a pair takes while nothing happens. */
record IdleCost() implements Scenario {
    private static final int REST_MS = 120_000;
    private static final int WATCH_MS = 60_000;

    @Override
    public String word() {
        return "idle";
    }

    @Override
    public String title() {
        return "An idle pair";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.TWINWALL_EXTREME, Contender.PEER_DEFAULT);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        try (Stage stage = new Stage(contender, setting)) {
            setting.progress().live(word() + ", " + contender.title());
            Stage.lasts(setting.scaled(REST_MS));
            Usage active = Usage.of(stage.stack().pids(stage.active().node()));
            Usage passive = Usage.of(stage.stack().pids(stage.standby()));
            Stage.lasts(setting.scaled(WATCH_MS));
            Usage activeEnd = Usage.of(stage.stack().pids(stage.active().node()));
            Usage passiveEnd = Usage.of(stage.stack().pids(stage.standby()));
            tell(contender, "cpu.active", "% of a core", activeEnd.percentSince(active), results);
            tell(contender, "cpu.passive", "% of a core", passiveEnd.percentSince(passive), results);
            tell(contender, "resident.active", "MB", activeEnd.residentBytes() / 1048576.0, results);
            tell(contender, "resident.passive", "MB", passiveEnd.residentBytes() / 1048576.0, results);
        }
    }

    private void tell(Contender contender, String what, String unit, double value, Consumer<Result> results) {
        results.accept(Result.of(word(), contender, what, unit, List.of(value)));
    }
}
