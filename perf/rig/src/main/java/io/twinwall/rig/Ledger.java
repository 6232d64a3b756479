/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.lab.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The file of raw results: a line of JSON for each, written as soon as it is there, never changed afterwards. */
final class Ledger {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double CENTS = 100;

    private final Path file;
    private final Surroundings where;

    Ledger(Path file, Surroundings where) {
        this.file = file;
        this.where = where;
    }

    void add(Result result) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", where.time().toString());
        line.put("commit", where.commit());
        line.put("kernel", where.kernel());
        line.put("cpus", where.cpus());
        line.put("scenario", result.scenario());
        line.put("contender", result.contender().word());
        line.put("what", result.what());
        if (result.at() != 0) {
            line.put("at", result.at());
        }
        line.put("unit", result.unit());
        line.put("values", result.values().stream().map(Ledger::number).toList());
        if (!result.points().isEmpty()) {
            line.put("points", result.points().stream().map(Ledger::point).toList());
        }
        try {
            Files.writeString(
                    file, JSON.writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, file + ": " + e.getMessage(), e);
        }
    }

    private static List<Object> point(double[] point) {
        return List.of(number(Math.rint(point[0] * CENTS) / CENTS), number(Math.rint(point[1] * CENTS) / CENTS));
    }

    /** JSON has no infinity. */
    private static Object number(double value) {
        return Double.isFinite(value) ? value : "never";
    }
}
