/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

/** Takes the values of one scrape. Names are without the program's prefix, in {@code snake_case}, and in base units. */
public interface MetricSink {
    /**
     * One value of a family that may rise and fall.
     *
     * @param help one sentence; the first of a family counts
     * @param labels names and values in turn, the same names for all of a family
     */
    void gauge(String name, String help, double value, String... labels);

    /** One value of a family that only grows; {@code name} ends in {@code _total}. */
    void counter(String name, String help, double value, String... labels);

    /** A family of one value, 1, which is there for its labels; {@code name} ends in {@code _info}. */
    void info(String name, String help, String... labels);

    /** 1 or 0, as {@link #gauge}. */
    default void flag(String name, String help, boolean value, String... labels) {
        gauge(name, help, value ? 1 : 0, labels);
    }
}
