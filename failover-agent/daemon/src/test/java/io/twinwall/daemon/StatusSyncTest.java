/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many flows are where, as each of the two nodes knows it. */
class StatusSyncTest {
    private final Config config =
            ConfigFile.check("f.toml", ConfigSamples.SHORT).config().orElseThrow();
    private final Map<String, Long> values = new HashMap<>(Map.of(
            "sync_flows", 1_000L,
            "sync_peer_flows", 990L,
            "sync_peer_refused", 3L,
            "sync_refused", 4L,
            "sync_inject_installed", 986L));

    StatusSyncTest() {
        stage("kernel_table", 1_003, 0);
        stage("table_mirror", 1_001, 2);
        stage("mirror_kernel", 988, 0);
    }

    @Test
    void shouldKnowOnTheActiveWhatThePassiveTold() {
        values.put("sync_mode", 1L);
        counts(true, 1_003, 1_000, 990, 988, 3);
        stage("mirror_kernel", 988, -1);
        stage("kernel_table", 0, -1);
        counts(true, -1, 1_000, 990, -1, 3);
        counts(false, -1, 1_000, -1, -1, -1);
    }

    @Test
    void shouldKnowOnThePassiveItsOwnAndWhatTheActiveTold() {
        values.put("sync_mode", 2L);
        counts(true, 1_003, 1_001, 1_000, 986, 4);
        stage("table_mirror", 1_001, -1);
        counts(true, 1_003, -1, 1_000, 986, 4);
    }

    @Test
    void shouldKnowNothingWithoutReplication() {
        values.put("sync_mode", 0L);
        counts(true, -1, -1, -1, -1, -1);
    }

    private void stage(String name, long compared, long differing) {
        values.put("sync_proof_" + name + "_compared", compared);
        values.put("sync_proof_" + name + "_differing", differing);
    }

    private void counts(boolean alive, long... expected) {
        CliStatus.FlowCounts counts = StatusSync.counts(config, values, alive);
        assertEquals(
                new CliStatus.FlowCounts(
                        expected[0],
                        expected[1],
                        expected[2],
                        expected[3],
                        expected[4],
                        counts.hostEntries(),
                        counts.hostEntriesMax()),
                counts);
    }
}
