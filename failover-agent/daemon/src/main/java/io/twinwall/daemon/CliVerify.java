/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.twinwall.conntracksync.SyncProof;
import java.util.List;
import java.util.Locale;

/**
 * A node's answer to {@code GET /v1/verify}: how equal the active's kernel, its flow table, the mirror and the passive's
 * kernel are.
 *
 * @param equal all stages were compared and none differed
 * @param equalForMs since when; 0 while they are not equal
 * @param complete all were compared since the question, as {@code --now} asks for
 * @param refused flows that the passive's kernel would not take
 */
public record CliVerify(
        String node,
        String role,
        boolean equal,
        long equalForMs,
        boolean complete,
        long flows,
        long refused,
        List<Stage> stages,
        List<Repair> repairs) {
    /**
     * One comparison. The numbers are null while nothing is known: not compared yet, or the peer does not tell.
     *
     * @param side which node compares: source or mirror
     * @param differing flows; of table-mirror, buckets of flows
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Stage(
            String name, String side, Long compared, Long differing, Long ageMs, Long equalForMs, Long repaired) {
        static Stage of(SyncProof.Stage stage) {
            return stage.known()
                    ? new Stage(
                            stage.name(),
                            stage.side(),
                            stage.compared(),
                            stage.differing(),
                            stage.ageMs(),
                            stage.equalForMs(),
                            stage.repaired())
                    : new Stage(stage.name(), stage.side(), null, null, null, null, null);
        }
    }

    /** One of the last repairs. */
    public record Repair(long agoMs, String stage, long flows, String why) {
        static Repair of(SyncProof.Repair repair) {
            return new Repair(repair.agoMs(), repair.stage(), repair.flows(), repair.why());
        }
    }

    static CliVerify of(String node, String role, SyncProof proof) {
        return new CliVerify(
                node,
                role,
                proof.equal(),
                proof.equalForMs(),
                proof.complete(),
                proof.flows(),
                proof.refused(),
                proof.stages().stream().map(Stage::of).toList(),
                proof.repairs().stream().map(Repair::of).toList());
    }

    /** One line a stage, then the repairs, newest first. */
    String text() {
        StringBuilder text = new StringBuilder();
        text.append(equal ? "equal for " + CliStatusText.duration(equalForMs) : "not known to be equal");
        row(text, ", %,d flows, %,d refused%n%n", flows, refused);
        row(text, "%-15s%12s%12s%12s%16s%12s%n", "stage", "compared", "differing", "ago", "equal for", "repaired");
        for (Stage stage : stages) {
            if (stage.compared() == null) {
                row(text, "%-15s%12s%12s%12s%16s%12s%n", stage.name(), "unknown", "-", "-", "-", "-");
            } else {
                row(
                        text,
                        "%-15s%,12d%,12d%12s%16s%,12d%n",
                        stage.name(),
                        stage.compared(),
                        stage.differing(),
                        CliStatusText.duration(stage.ageMs()),
                        stage.differing() == 0 ? CliStatusText.duration(stage.equalForMs()) : "-",
                        stage.repaired());
            }
        }
        for (int i = 0; i < repairs.size(); i++) {
            Repair repair = repairs.get(i);
            row(
                    text,
                    "%s%s ago, %s: %,d flows %s%n",
                    i == 0 ? String.format("%nrepaired%n  ") : "  ",
                    CliStatusText.duration(repair.agoMs()),
                    repair.stage(),
                    repair.flows(),
                    repair.why());
        }
        return text.toString();
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
    private static void row(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }
}
