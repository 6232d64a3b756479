/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** What a measurement is worth nothing without: which program, on which machine, when. */
public record Surroundings(String commit, String kernel, int cpus, Instant time) {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Those of this program; the launcher tells it the commit. */
    public static Surroundings here() {
        return new Surroundings(
                System.getProperty("twinwall.commit", "unknown"),
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                Instant.now());
    }

    public String words() {
        return "Commit " + commit + ", Linux " + kernel + ", " + cpus + (cpus == 1 ? " CPU, " : " CPUs, ")
                + MINUTE.format(time);
    }
}
