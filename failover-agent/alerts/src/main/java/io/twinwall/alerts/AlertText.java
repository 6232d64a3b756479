/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** A {@link Message} as each receiver reads it. */
final class AlertText {
    private static final int CHARS_MAX = 1_000;
    private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");
    private static final Pattern UNFIT = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}]");

    private AlertText() {}

    /** {@code text} on one line and not too long, without anything that a header, a terminal or a log would obey. */
    static String visible(String text) {
        String begin = text.length() > 2 * CHARS_MAX ? text.substring(0, 2 * CHARS_MAX) : text;
        String line = LINE_BREAK.matcher(begin.strip()).replaceAll(" / ");
        line = UNFIT.matcher(line).replaceAll("?");
        return line.length() > CHARS_MAX ? line.substring(0, CHARS_MAX) + "..." : line;
    }

    /** One line that tells enough to decide whether to get up. */
    static String subject(Message message) {
        Notice notice = message.notice();
        String state = switch (notice.state()) {
            case OPENED, EVENT, SUMMARY -> notice.kind().severity().word().toUpperCase(Locale.ROOT);
            case OPEN -> "STILL " + notice.kind().severity().word().toUpperCase(Locale.ROOT);
            case RECOVERED -> "RECOVERED";
            case TEST -> "TEST";
        };
        return "[twinwall] " + message.origin().node() + " " + state + " "
                + notice.kind().word() + ": " + notice.text();
    }

    /** The whole of it, for a person. */
    static String body(Message message) {
        Notice notice = message.notice();
        StringBuilder body = new StringBuilder(notice.text()).append("\n\n");
        if (notice.state() != Notice.State.RECOVERED) {
            row(body, "what to do", notice.kind().advice());
        }
        row(body, "kind", notice.kind().word());
        row(body, "subject", notice.subject());
        row(body, "severity", notice.kind().severity().word());
        row(body, "state", notice.state().word());
        if (notice.kind().lasts()) {
            row(body, notice.state() == Notice.State.RECOVERED ? "lasted" : "for", duration(notice.lastedNs()));
        }
        if (notice.times() > 1) {
            row(body, "times", String.valueOf(notice.times()));
        }
        Origin origin = message.origin();
        row(body, "node", origin.node() + ", " + origin.role() + ", term " + origin.term() + "; peer " + origin.peer());
        row(body, "time", time(message));
        row(body, "id", message.id());
        return body.toString();
    }

    /** The body of a webhook. Names only get added. */
    static String json(Message message) {
        StringBuilder json = new StringBuilder("{");
        fields(message).forEach((name, value) -> {
            json.append(json.length() == 1 ? "" : ",");
            string(json, name);
            json.append(':');
            if (value instanceof Long number) {
                json.append((long) number);
            } else {
                string(json, (String) value);
            }
        });
        return json.append('}').toString();
    }

    /** What a script finds in its environment. */
    static Map<String, String> environment(Message message) {
        Map<String, String> environment = new LinkedHashMap<>();
        fields(message).forEach((name, value) -> environment.put(variable(name), String.valueOf(value)));
        return environment;
    }

    private static Map<String, Object> fields(Message message) {
        Notice notice = message.notice();
        Origin origin = message.origin();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", message.id());
        fields.put("time", time(message));
        fields.put("node", origin.node());
        fields.put("peer", origin.peer());
        fields.put("role", origin.role());
        fields.put("term", origin.term());
        fields.put("kind", notice.kind().word());
        fields.put("subject", notice.subject());
        fields.put("severity", notice.kind().severity().word());
        fields.put("state", notice.state().word());
        fields.put("text", notice.text());
        fields.put("advice", notice.kind().advice());
        fields.put("times", (long) notice.times());
        fields.put("seconds", notice.lastedNs() / 1_000_000_000L);
        return fields;
    }

    /** Those that hooks have too are named the same. */
    private static String variable(String name) {
        boolean origin = name.equals("node") || name.equals("peer") || name.equals("role") || name.equals("term");
        return (origin ? "TWINWALL_" : "TWINWALL_ALERT_") + name.toUpperCase(Locale.ROOT);
    }

    private static String time(Message message) {
        return Instant.ofEpochMilli(message.timeMs()).toString();
    }

    private static void row(StringBuilder body, String name, String value) {
        if (!value.isEmpty()) {
            body.append(name).append(": ").append(value).append('\n');
        }
    }

    /** Two units at most. */
    static String duration(long ns) {
        long s = ns / 1_000_000_000L;
        if (s < 60) {
            return s + " s";
        }
        if (s < 3_600) {
            return s / 60 + " min " + s % 60 + " s";
        }
        return s < 86_400
                ? s / 3_600 + " h " + s % 3_600 / 60 + " min"
                : s / 86_400 + " d " + s % 86_400 / 3_600 + " h";
    }

    /** RFC 8259, section 7: what must be escaped. */
    private static void string(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
