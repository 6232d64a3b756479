/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import java.util.List;

/**
 * How equal the four tables are, as this node knows it: the active's kernel and its flow table, that and the mirror, the
 * mirror and the passive's kernel.
 *
 * @param flows flows that are replicated
 * @param refused flows that the passive's kernel would not take
 * @param complete a comparison of all stages was asked for, and each began after that
 * @param repairs the last ones, newest first
 */
public record SyncProof(long flows, long refused, boolean complete, List<Stage> stages, List<Repair> repairs) {
    static final String KERNEL_TABLE = "kernel-table";
    static final String TABLE_MIRROR = "table-mirror";
    static final String MIRROR_KERNEL = "mirror-kernel";

    /** What is older says nothing of now. Audits are rare where tables are large: 100 times what one takes. */
    private static final long STALE_MS = 900_000;

    /** Digests are compared each 5 s, whatever the size. */
    private static final long STALE_DIGESTS_MS = 60_000;

    /**
     * How the last comparison of two neighbours came out.
     *
     * @param side which node compares: {@code source} or {@code mirror}
     * @param known it was compared at least once in this role; else the numbers say nothing
     * @param differing flows; of table-mirror, buckets
     * @param equalForMs since the last difference; 0 while it differs
     * @param repaired flows, since the program began
     */
    public record Stage(
            String name,
            String side,
            boolean known,
            long compared,
            long differing,
            long ageMs,
            long equalForMs,
            long repaired) {}

    /** What was repaired; {@code flows} of one reason that follow one another closely are one repair. */
    public record Repair(long agoMs, String stage, long flows, String why) {}

    /** All stages were compared, not too long ago, and none differed; and the passive's kernel took every flow. */
    public boolean equal() {
        return refused == 0
                && !stages.isEmpty()
                && stages.stream()
                        .allMatch(stage ->
                                stage.known() && stage.differing() == 0 && stage.ageMs() < staleMs(stage.name()));
    }

    static long staleMs(String stage) {
        return stage.equals(TABLE_MIRROR) ? STALE_DIGESTS_MS : STALE_MS;
    }

    /** Since when all are equal; 0 while they are not. */
    public long equalForMs() {
        return equal() ? stages.stream().mapToLong(Stage::equalForMs).min().orElse(0) : 0;
    }
}
