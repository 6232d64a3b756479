/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.testkit.Cmd;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The same work in C, compiled and run here and now: what the stages are held against. Without a compiler or OpenSSL's
 * headers there are none, and {@link #remark} says what to install.
 *
 * @param nsByName by the name of the score
 * @param sums by which a test sees that both do the same, by what they are taken over
 * @param remark what they were made with, or why there are none
 */
record Floors(Map<String, Double> nsByName, Map<String, String> sums, String remark) {
    private static final String PROGRAM = "floor";
    private static final List<String> SOURCES =
            List.of("floor.c", "measure.h", "flows.h", "netlink.h", "table.h", "wire.h");

    /** Takes ten seconds, or less than one when {@code quick}. */
    static Floors measure(boolean quick) {
        try {
            Path directory = Files.createTempDirectory("twinwall-floor");
            try {
                return measure(directory, quick);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    OptionalDouble ns(String name) {
        Double ns = nsByName.get(name);
        return ns == null ? OptionalDouble.empty() : OptionalDouble.of(ns);
    }

    private static Floors measure(Path directory, boolean quick) throws IOException {
        if (Cmd.tryRun("", "sh", "-c", "command -v cc").exitCode() != 0) {
            return none("there is no C compiler (install gcc)");
        }
        for (String source : SOURCES) {
            try (InputStream from = Floors.class.getResourceAsStream(source)) {
                Files.copy(from, directory.resolve(source));
            }
        }
        String program = directory.resolve(PROGRAM).toString();
        Cmd.Result compiled = Cmd.tryRun("", "cc", "-O2", "-o", program, program + ".c", "-lcrypto");
        if (compiled.exitCode() != 0) {
            return none(
                    compiled.stderr().contains("crypto") || compiled.stderr().contains("openssl")
                            ? "OpenSSL's headers are missing (install libssl-dev)"
                            : "cc failed: " + compiled.stderr().strip());
        }
        return of(quick ? Cmd.run(program, "quick") : Cmd.run(program));
    }

    private static Floors none(String why) {
        return new Floors(Map.of(), Map.of(), "none: " + why);
    }

    /** Lines are {@code name ns}, {@code # what sum}, and one {@code # with ...}. */
    private static Floors of(String said) {
        Map<String, Double> ns = new HashMap<>();
        Map<String, String> sums = new HashMap<>();
        String with = "";
        for (String line : said.lines().toList()) {
            if (line.startsWith("# with ")) {
                with = line.substring(2);
            } else if (line.startsWith("# ")) {
                String[] words = line.split(" ", 3);
                sums.put(words[1], words[2]);
            } else {
                int space = line.indexOf(' ');
                ns.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
        return new Floors(Map.copyOf(ns), Map.copyOf(sums), "the same work in C, cc -O2, " + with);
    }

    private static void delete(Path directory) throws IOException {
        for (String source : SOURCES) {
            Files.deleteIfExists(directory.resolve(source));
        }
        Files.deleteIfExists(directory.resolve(PROGRAM));
        Files.delete(directory);
    }
}
