/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * Records of the journal, as {@code GET /v1/history} tells of them. A record stays a tree: another version may have
 * written it, and what it does not say reads as nothing.
 *
 * @param more there are older ones
 */
public record CliHistory(List<Item> records, boolean more) {
    /** One of them; {@code record} is what it says of itself, which depends on its kind. */
    public record Item(long number, long atMs, String kind, JsonNode record) {
        String word(String name) {
            return record.path(name).asString("");
        }

        long count(String name) {
            return record.path(name).asLong(0);
        }

        double ms(String name) {
            return record.path(name).asDouble(0);
        }

        boolean is(String name) {
            return record.path(name).asBoolean(false);
        }

        /** In one line. */
        String text() {
            return switch (kind) {
                case "started" -> word("node") + " started, process " + count("pid");
                case "stopped" -> is("orderly") ? "stopped in order" : "ended: " + word("reason");
                case "transition" ->
                    word("from") + " -> " + word("to") + ", term " + count("term") + ": " + word("reason");
                case "takeover" ->
                    say(
                            "took over in %.1f ms, term %d%s; %,d flows mirrored, %,d installed, %,d refused",
                            ms("totalMs"),
                            count("term"),
                            is("planned") ? ", planned" : "",
                            count("mirrored"),
                            count("installed"),
                            count("refused"));
                case "loss-window" ->
                    say(
                            "kernel events were lost for %.1f ms; %,d flows repaired",
                            ms("lengthMs"), count("flowsRepaired"));
                case "alarm" -> word("code") + ": " + word("text");
                case "configuration" -> "configuration " + word("digest") + parts();
                case "order" ->
                    "the operator's request is " + (is("accepted") ? "met: " : "refused: ") + word("reason");
                case "gap" ->
                    ms("lengthMs") == 0
                            ? word("reason")
                            : say(
                                    "nothing was written for %.1f s, %,d records are lost: %s",
                                    ms("lengthMs") / 1e3, count("dropped"), word("reason"));
                default -> record.toString();
            };
        }

        private String parts() {
            List<String> parts =
                    record.path("parts").valueStream().map(JsonNode::asString).toList();
            String problem = word("problem");
            return (parts.isEmpty() ? ", at the start" : ", changed: " + String.join(", ", parts))
                    + (problem.isEmpty() ? "" : ", but not all of it: " + problem);
        }
    }

    /** One line each, the oldest first. */
    String text(ZonedDateTime now) {
        if (records.isEmpty()) {
            return "no records\n";
        }
        StringBuilder text = new StringBuilder();
        if (more) {
            text.append("there are older ones: --limit, --since, --before\n");
        }
        for (Item item : records) {
            text.append(say(
                    "%6d  %s  %-13s  %s%n", item.number(), CliTime.text(item.atMs(), now), item.kind(), item.text()));
        }
        return text.toString();
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
    static String say(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
