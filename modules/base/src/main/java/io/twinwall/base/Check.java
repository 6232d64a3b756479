/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

/**
 * Always-on checks. Java's {@code assert} is off by default, so a check that guards a flow or a role is never an
 * {@code assert}. A failed check is a bug: it throws {@link BugError}, which no code but the program's outermost
 * frame may catch, and the process ends with {@link ExitCode#BUG}.
 */
public final class Check {
    private Check() {}

    /** Throws {@link BugError} with {@code message} unless {@code condition} holds. */
    public static void that(boolean condition, String message) {
        if (!condition) {
            throw new BugError(message);
        }
    }

    /** As {@link #that(boolean, String)}, with a number that the message ends in; builds no string while it holds. */
    public static void that(boolean condition, String message, long value) {
        if (!condition) {
            throw new BugError(message + ": " + value);
        }
    }

    /** Returns {@code value}; throws {@link BugError} when it lies outside {@code [min, max]}. */
    public static long inRange(long value, long min, long max, String name) {
        if (value < min || value > max) {
            throw new BugError(name + " = " + value + " is outside " + min + ".." + max);
        }
        return value;
    }
}
