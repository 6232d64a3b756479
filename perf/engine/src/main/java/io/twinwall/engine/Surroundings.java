/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a measurement is worth nothing without: which program and which Java, on which machine, when. */
record Surroundings(String commit, String kernel, int cpus, String java, Instant time) {
    /** Those of this program; whoever starts it tells it the commit. */
    static Surroundings here() {
        return new Surroundings(
                System.getProperty("twinwall.commit", "unknown"),
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.version"),
                Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    String words() {
        return "commit " + commit + ", Linux " + kernel + ", " + cpus + (cpus == 1 ? " CPU" : " CPUs") + ", Java "
                + java + ", " + time;
    }
}
