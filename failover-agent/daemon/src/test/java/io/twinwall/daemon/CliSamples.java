/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers of a daemon, for the tests of the command line. */
final class CliSamples {
    /** Every name there is: what {@code GET /v1/status} answers. */
    static final String STATUS = resource("status.json");

    private CliSamples() {}

    static String resource(String name) {
        try (InputStream in = CliSamples.class.getResourceAsStream("/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The node's {@code role}, its peer's, and the term. */
    static String status(String role, String peerRole, int term) {
        return STATUS.replace("\"role\":\"MASTER\"", "\"role\":\"" + role + "\"")
                .replace("\"role\":\"BACKUP\",\"term\":3", "\"role\":\"" + peerRole + "\",\"term\":3")
                .replace("\"term\":3", "\"term\":" + term);
    }

    static CliVerify verify(boolean equal, boolean complete) {
        return new CliVerify(
                "fw-a",
                "MASTER",
                equal,
                equal ? 12_345 : 0,
                complete,
                1000,
                3,
                List.of(
                        new CliVerify.Stage("kernel-table", "source", 1000L, 0L, 800L, 12_345L, 3L),
                        new CliVerify.Stage("table-mirror", "mirror", 1000L, equal ? 0L : 2L, 4_000L, 65_000L, 0L),
                        new CliVerify.Stage("mirror-kernel", "mirror", null, null, null, null, null)),
                List.of(new CliVerify.Repair(
                        5_000, "mirror-kernel", 1200, "deleted in the kernel by another program")));
    }
}
