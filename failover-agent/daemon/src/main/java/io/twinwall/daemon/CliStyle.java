/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.regex.Pattern;

/**
 * Colours of a terminal (ECMA-48, SGR), or none. They repeat what the words say and never say it alone: a screen without
 * them loses nothing.
 */
record CliStyle(boolean colours) {
    static final CliStyle PLAIN = new CliStyle(false);
    static final CliStyle COLOURED = new CliStyle(true);

    private static final Pattern SEQUENCE = Pattern.compile("\033\\[[0-9;]*m");

    /** As it should be. */
    String good(String text) {
        return paint("32", text);
    }

    /** To be looked at. */
    String warn(String text) {
        return paint("33", text);
    }

    /** To be mended. */
    String bad(String text) {
        return paint("1;31", text);
    }

    String bold(String text) {
        return paint("1", text);
    }

    /** {@code text} as it should be, or to be looked at. */
    String goodIf(boolean good, String text) {
        return good ? good(text) : warn(text);
    }

    private String paint(String codes, String text) {
        return colours && !text.isEmpty() ? "\033[" + codes + "m" + text + "\033[0m" : text;
    }

    /** {@code text} with blanks behind it, as wide as {@code width} columns when it is shown. */
    static String pad(String text, int width) {
        int shown = SEQUENCE.matcher(text).replaceAll("").length();
        return text + " ".repeat(Math.max(0, width - shown));
    }
}
