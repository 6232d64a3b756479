/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.stream.DoubleStream;

/** Median and worst of what several runs measured. */
public final class Numbers {
    private Numbers() {}

    /** The middle one, the lower of two; 0 of nothing. */
    public static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[(sorted.length - 1) / 2];
    }

    public static double worst(DoubleStream values) {
        return values.max().orElse(0);
    }
}
