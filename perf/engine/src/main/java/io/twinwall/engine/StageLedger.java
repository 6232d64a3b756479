/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The file to which each score is added, as one line of JSON with all that it is worth nothing without. What is in it is
 * never rewritten.
 */
final class StageLedger {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path file;
    private final Surroundings where;
    private final Floors floors;
    private final StagePace pace;

    StageLedger(Path file, Surroundings where, Floors floors, StagePace pace) {
        this.file = file;
        this.where = where;
        this.floors = floors;
        this.pace = pace;
    }

    void add(StageScore score) {
        try {
            Files.writeString(file, line(score) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "cannot write the ledger " + file + ": " + e.getMessage(), e);
        }
    }

    private String line(StageScore score) {
        ObjectNode node = JSON.createObjectNode();
        node.put("stage", score.name());
        node.put("per", score.stage().unit());
        node.put("ns", score.ns());
        node.put("errorNs", Double.isNaN(score.errorNs()) ? null : Double.valueOf(score.errorNs()));
        node.put("bytes", score.bytes());
        floors.ns(score.name()).ifPresentOrElse(floor -> node.put("floorNs", floor), () -> node.putNull("floorNs"));
        node.put("floor", floors.remark());
        node.put("forks", pace.forks());
        node.put("iterations", pace.iterations());
        node.put("iterationMs", pace.iteration().toMillis());
        ArrayNode iterations = node.putArray("iterationsNs");
        score.iterationsNs().forEach(iterations::add);
        node.put("commit", where.commit());
        node.put("kernel", where.kernel());
        node.put("cpus", where.cpus());
        node.put("java", where.java());
        node.put("time", where.time().toString());
        return JSON.writeValueAsString(node);
    }
}
