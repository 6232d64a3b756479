/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.util.Locale;

/**
 * JSON, name by name. By hand, because an idle agent shall not load a library for the few records it writes; whoever
 * reads them may use any.
 */
final class JsonText {
    private static final double NS_PER_MS = 1e6;

    private final StringBuilder text = new StringBuilder(512);

    /** Begins an object: at the top, or as the next element of an array. */
    JsonText object() {
        comma().append('{');
        return this;
    }

    JsonText object(String name) {
        name(name).append('{');
        return this;
    }

    JsonText endObject() {
        text.append('}');
        return this;
    }

    JsonText array(String name) {
        name(name).append('[');
        return this;
    }

    JsonText endArray() {
        text.append(']');
        return this;
    }

    JsonText put(String name, String value) {
        string(name(name), value);
        return this;
    }

    JsonText put(String name, long value) {
        name(name).append(value);
        return this;
    }

    JsonText put(String name, boolean value) {
        name(name).append(value);
        return this;
    }

    /** Nanoseconds as milliseconds with three decimals; what never was, as null. */
    JsonText ms(String name, long ns) {
        millis(name(name), ns);
        return this;
    }

    /** The next element of an array, as {@link #ms}. */
    JsonText ms(long ns) {
        millis(comma(), ns);
        return this;
    }

    /** The next element of an array. */
    JsonText put(String value) {
        string(comma(), value);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private StringBuilder name(String name) {
        string(comma(), name);
        return text.append(':');
    }

    private StringBuilder comma() {
        int length = text.length();
        if (length > 0 && text.charAt(length - 1) != '{' && text.charAt(length - 1) != '[') {
            text.append(',');
        }
        return text;
    }

    private static void millis(StringBuilder out, long ns) {
        if (ns == Evidence.NEVER) {
            out.append("null");
        } else {
            out.append(String.format(Locale.ROOT, "%.3f", ns / NS_PER_MS));
        }
    }

    private static void string(StringBuilder out, String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
