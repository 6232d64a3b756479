/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import tools.jackson.databind.JsonNode;

/**
 * What a node knew when its role changed, for people: a line for each thing, and none for what was well and says
 * nothing.
 */
final class CliEvidence {
    private final StringBuilder text;

    CliEvidence(StringBuilder text) {
        this.text = text;
    }

    void append(JsonNode evidence) {
        text.append(String.format("%n"));
        for (JsonNode path : evidence.path("paths")) {
            path(path);
        }
        for (JsonNode peer : evidence.path("peers")) {
            peer(peer);
        }
        JsonNode copy = evidence.path("copy");
        row(
                "copy",
                "%s%s, %,d deltas and %.1f ms behind, %,d refused",
                word(copy, "readiness"),
                copy.path("equal").asBoolean(false) ? ", equal" : "",
                copy.path("lagDeltas").asLong(0),
                copy.path("lagMs").asDouble(0),
                copy.path("refused").asLong(0));
        JsonNode gate = evidence.path("gate");
        String armed = gate.path("armed").asBoolean(false) ? ", armed" : "";
        row("gate", "%s", gate.path("open").asBoolean(false) ? "open" + armed : "closed");
        JsonNode health = evidence.path("health");
        String fault = word(health, "fault").isEmpty() ? "" : ", FAULT: " + word(health, "fault");
        String down = word(health, "down").isEmpty() ? "" : ", down: " + word(health, "down");
        row("health", "priority %d%s%s", health.path("priority").asLong(0), fault, down);
        row("reach", "%s", word(health, "reach"));
        for (JsonNode tracker : evidence.path("trackers")) {
            tracker(tracker);
        }
        lateness(evidence.path("lateness"));
        row("last straw", "%s", word(evidence, "event"));
    }

    private void path(JsonNode path) {
        JsonNode last = path.path("arrivalsAgoMs").path(0);
        row(
                "path",
                "%s: %,d heartbeats heard, %,d missed%s%s",
                word(path, "name"),
                path.path("heard").asLong(0),
                path.path("missed").asLong(0),
                last.isNumber() ? CliHistory.say(", the last %.1f ms before", last.asDouble(0)) : "",
                path.path("up").asBoolean(true) ? "" : ", DOWN");
    }

    private void peer(JsonNode peer) {
        if (!peer.path("heardAgoMs").isNumber()) {
            row("peer", "%s: never heard", word(peer, "name"));
            return;
        }
        boolean gate = peer.path("gateOpen").asBoolean(false);
        row(
                "peer",
                "%s: %s, last heard %.1f ms before as %s, term %d, %s, priority %d, %s, gate %s%s",
                word(peer, "name"),
                peer.path("alive").asBoolean(false) ? "alive" : "LOST",
                peer.path("heardAgoMs").asDouble(0),
                word(peer, "role"),
                peer.path("term").asLong(0),
                word(peer, "readiness"),
                peer.path("priority").asLong(0),
                peer.path("hearsThis").asBoolean(false) ? "heard this node" : "DID NOT HEAR THIS NODE",
                gate ? "open" : "closed",
                gate && peer.path("alone").asBoolean(false) ? ", lease NOT ARMED" : "");
    }

    private void tracker(JsonNode tracker) {
        String detail = word(tracker, "detail").isEmpty() ? "" : ", " + word(tracker, "detail");
        row(
                "track",
                "%s: %s for %s%s",
                word(tracker, "name"),
                word(tracker, "state"),
                CliStatusText.duration((long) tracker.path("sinceMs").asDouble(0)),
                detail);
    }

    private void lateness(JsonNode lateness) {
        double hold = lateness.path("holdMs").asDouble(0);
        row(
                "lateness",
                "%.1f ms since the start%s",
                lateness.path("totalMs").asDouble(0),
                hold > 0 ? CliHistory.say(", holding back for %.1f ms more", hold) : "");
    }

    private static String word(JsonNode node, String name) {
        return node.path(name).asString("");
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
    private void row(String label, String format, Object... values) {
        text.append(String.format("%-12s ", label))
                .append(CliHistory.say(format, values))
                .append(String.format("%n"));
    }
}
