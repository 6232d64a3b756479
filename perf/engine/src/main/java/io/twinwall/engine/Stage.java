/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The stages of a flow's way, in its order; each has a benchmark class of its name. */
enum Stage {
    PARSE("flow", "an event read into an image"),
    TABLE("flow", "an image taken into the source's table"),
    ENCODE("flow", "a changed flow put into a frame, with its share of the sealing"),
    SEAL("frame", "a payload sealed"),
    OPEN("frame", "a frame opened"),
    APPLY("flow", "a delta taken into the mirror's table"),
    INJECT("flow", "a flow of the mirror made a request to the kernel"),
    DIGEST("flow", "a flow's content hashed, its bucket's digest moved"),
    COMPARE("bucket", "a bucket's digest compared with the source's");

    private static final String BENCHMARK = "Benchmark";

    private final String unit;
    private final String what;

    Stage(String unit, String what) {
        this.unit = unit;
        this.what = what;
    }

    /** What one operation is done for. */
    String unit() {
        return unit;
    }

    /** For people. */
    String what() {
        return what;
    }

    /** Its name on the command line and in results. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A regular expression that finds its benchmarks by their full names. */
    String benchmarks() {
        return "[.]" + name().charAt(0) + word().substring(1) + BENCHMARK + "[.]";
    }

    /** Those of {@code words}, which commas part. */
    static Set<Stage> parse(String words) {
        Set<Stage> stages = EnumSet.noneOf(Stage.class);
        for (String word : words.split(",", -1)) {
            stages.add(Arrays.stream(values())
                    .filter(stage -> stage.word().equals(word))
                    .findAny()
                    .orElseThrow(() ->
                            new IllegalArgumentException("expected one of " + words() + ", found \"" + word + "\"")));
        }
        return stages;
    }

    static String words() {
        return Arrays.stream(values()).map(Stage::word).collect(Collectors.joining(", "));
    }
}
