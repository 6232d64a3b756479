/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;

/**
 * One record and those around it, as {@code GET /v1/history/N} tells of them: what a person wants to know who asks why.
 *
 * @param record the one that was asked for
 * @param around those shortly before and after it, itself too
 */
public record CliStory(CliHistory.Item record, List<CliHistory.Item> around) {
    /** Records of other times do not belong into a timeline of milliseconds. */
    private static final double BEFORE_MS = 5_000;

    private static final double AFTER_MS = 15_000;

    /** What happened {@code ms} after the record. */
    private record Moment(double ms, String text) {}

    /** The record, a timeline around it, and, of a change of role, what was known then. */
    String text(ZonedDateTime now) {
        StringBuilder text = new StringBuilder();
        text.append(CliHistory.say(
                "record %d, %s, %s%n%s%n",
                record.number(), record.kind(), CliTime.text(record.atMs(), now), record.text()));
        if (record.kind().equals("configuration")) {
            text.append('\n').append(toml());
            return text.toString();
        }
        text.append(String.format("%n%12s%n", "ms"));
        for (Moment moment : moments()) {
            text.append(CliHistory.say("%12.1f  %s%n", moment.ms(), moment.text()));
        }
        JsonNode evidence = record.record().path("evidence");
        if (evidence.isObject()) {
            new CliEvidence(text).append(evidence);
        }
        return text.toString();
    }

    /** The configuration; a long one is packed, and of one that is too long even so there is the beginning only. */
    private String toml() {
        String packed = record.word("tomlGzip");
        if (!packed.isEmpty()) {
            byte[] bytes = Base64.getDecoder().decode(packed);
            try (GZIPInputStream text = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                return new String(text.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new Fatal(ExitCode.BAD_INPUT, "record " + record.number() + " is damaged: " + e.getMessage(), e);
            }
        }
        boolean whole = record.record().path("whole").asBoolean(true);
        return record.word("toml") + (whole ? "" : "\n# The rest was too long for a record.\n");
    }

    private List<Moment> moments() {
        List<Moment> moments = new ArrayList<>();
        for (CliHistory.Item item : around) {
            double ms = item.atMs() - record.atMs();
            if (ms >= -BEFORE_MS && ms <= AFTER_MS) {
                moments.add(new Moment(ms, "#" + item.number() + " " + item.text()));
                phases(moments, item, ms);
            }
        }
        evidence(moments, record.record().path("evidence"));
        // Those of the same moment in the order they were written.
        moments.sort(Comparator.comparingDouble(Moment::ms));
        return moments;
    }

    /** A takeover is told of when it is over: its steps were before. */
    private static void phases(List<Moment> moments, CliHistory.Item item, double ms) {
        double at = ms - item.ms("sinceDecidedMs");
        for (JsonNode phase : item.record().path("phases")) {
            double took = phase.path("tookMs").asDouble(0);
            at += took;
            String end = phase.path("ok").asBoolean(true)
                    ? ""
                    : " FAILED: " + phase.path("detail").asString("");
            moments.add(new Moment(
                    at,
                    CliHistory.say(
                            "takeover: %s after %.1f ms%s", phase.path("name").asString(""), took, end)));
        }
    }

    private static void evidence(List<Moment> moments, JsonNode evidence) {
        for (JsonNode path : evidence.path("paths")) {
            for (JsonNode ago : path.path("arrivalsAgoMs")) {
                add(moments, ago, "heartbeat heard by " + path.path("name").asString(""));
            }
        }
        for (JsonNode stall : evidence.path("lateness").path("stalls")) {
            double late = stall.path("lateMs").asDouble(0);
            add(moments, stall.path("agoMs"), CliHistory.say("this node was late by %.1f ms", late));
        }
        for (JsonNode peer : evidence.path("peers")) {
            add(
                    moments,
                    peer.path("goneAgoMs"),
                    "the host of " + peer.path("name").asString("") + " says that its agent is gone");
        }
        JsonNode probes = evidence.path("probes");
        add(moments, probes.path("vipsAskedAgoMs"), "asked who has the virtual addresses");
        add(moments, probes.path("vipsAnsweredAgoMs"), "somebody has the virtual addresses");
        add(moments, probes.path("reachAskedAgoMs"), "asked the test addresses");
        add(moments, probes.path("reachAnsweredAgoMs"), "a test address answered");
    }

    private static void add(List<Moment> moments, JsonNode agoMs, String text) {
        if (agoMs.isNumber() && agoMs.asDouble(0) <= BEFORE_MS) {
            moments.add(new Moment(-agoMs.asDouble(0), text));
        }
    }
}
