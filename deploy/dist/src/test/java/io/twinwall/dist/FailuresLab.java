/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.StallTicker;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every failure of the table once, by the packaged program: roles, gates and flows must hold on any machine. The dark times
 * are held against the table's bars, and those of a takeover against the demonstrations', with allowance for a machine
 * that is busy with other things, or stands still. Ten runs of each, and the bars themselves: {@code ./twinwall failures}.
 */
@RequireRoot
class FailuresLab {
    private static final int SECONDS_MAX = 480;
    private static final double TAKEOVER_DARK_MS_MAX = 500;
    /** What a takeover makes dark, and no more; the others have a bar of their own, or nobody forwards for a while. */
    private static final Set<String> TAKEOVERS =
            Set.of("kill", "hang", "lan-link", "wan-link", "restart-active", "switchover");

    private static final String FAILURES = "io.twinwall.lab.FailuresCommand";

    /** What missed while the machine itself stood still is made again. Two gates are never forgiven. */
    @Test
    void shouldNeverBeTwoNorNoneWhateverFails() {
        long seed = Seeds.seed("failures");
        List<String> missed = new ArrayList<>();
        List<String> again = new ArrayList<>();
        for (int i = 1; i == 1 || !again.isEmpty(); i++) {
            JsonNode rows;
            long worstNs;
            try (StallTicker ticker = new StallTicker()) {
                rows = failures(seed + i - 1, again);
                worstNs = ticker.worstNs();
            }
            again.clear();
            for (JsonNode row : rows) {
                List<String> misses = misses(row);
                if (!misses.isEmpty() && i < Retry.TRIES && forgiven(row, misses, worstNs)) {
                    System.out.println("made again, since the machine stood still: " + misses + " in " + row);
                    again.add(row.get("name").asString());
                } else {
                    missed.addAll(misses);
                }
            }
        }
        assertEquals(List.of(), missed);
    }

    /** @param worstNs how long the machine stood still while all were made */
    private static boolean forgiven(JsonNode row, List<String> misses, long worstNs) {
        boolean stoodStill = row.get("runs")
                .valueStream()
                .anyMatch(run -> run.get("stallMs").asDouble() * 1e6 >= Retry.FAST_STALL_NS);
        // A pair that was not ready in time did not come to its failure, nor to the measure of a stall.
        boolean notReady = misses.stream().anyMatch(miss -> miss.contains("not run: the pair was not ready"));
        return (stoodStill || (notReady && worstNs >= Retry.CALM_STALL_NS))
                && misses.stream().noneMatch(miss -> miss.contains("two gates open for"));
    }

    /** Makes these failures, or all. */
    private static JsonNode failures(long seed, List<String> only) {
        List<String> arguments = new ArrayList<>(List.of(
                "--json", "--logs", "--runs", "1", "--flows", "300", "--seconds", "5", "--seed", Long.toString(seed)));
        if (!only.isEmpty()) {
            arguments.addAll(List.of("--only", String.join(",", only)));
        }
        Program.Ended ended = Program.runMain(FAILURES, SECONDS_MAX, arguments.toArray(String[]::new));
        assertTrue(ended.exitCode() == 0 || ended.exitCode() == 1, ended::err);
        System.out.println(ended.err());
        return JsonMapper.shared().readTree(ended.out()).get("failures");
    }

    private static List<String> misses(JsonNode row) {
        String name = row.get("name").asString();
        List<String> misses = new ArrayList<>();
        for (JsonNode miss : row.get("misses")) {
            // A lone agent's restart must not be noticed, however busy the machine is.
            if (name.equals("lone") || !miss.asString().startsWith("dark for")) {
                misses.add(name + ": " + miss.asString());
            }
        }
        row.get("runs").forEach(run -> tooDark(row, run).ifPresent(misses::add));
        return misses;
    }

    /** A probe goes through two threads, of its sender and of its receiver, and the machine may hold up both. */
    private static Optional<String> tooDark(JsonNode row, JsonNode run) {
        String name = row.get("name").asString();
        double ownMax = TAKEOVERS.contains(name) ? TAKEOVER_DARK_MS_MAX : Double.POSITIVE_INFINITY;
        double max =
                row.get("darkMsMax").asDouble(ownMax) + 2 * run.get("stallMs").asDouble();
        double dark = run.get("darkWorstMs").asDouble(Double.MAX_VALUE);
        return dark <= max ? Optional.empty() : Optional.of(name + ": dark for " + dark + " ms, more than " + max);
    }
}
