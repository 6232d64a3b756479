/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;

/**
 * A record as JSON. Text, because records are rare and small, and because people and other tools are to read them, also
 * years later and without this program. Names are only ever added.
 */
final class RecordText {
    /** What one text may take. A configuration is the longest: beyond this it is packed, and cut only if that does not help. */
    private static final int TOML_CHARS_MAX = 12 * 1024;

    private static final int PACKED_CHARS_MAX = 40 * 1024;

    private static final int TEXT_CHARS_MAX = 1024;
    private static final int DETAIL_CHARS_MAX = 160;

    /** As many as may be configured; of many each may say less. */
    private static final int TRACKERS_MAX = 128;

    private static final int MANY_TRACKERS = 32;

    private final JsonText json = new JsonText();

    private RecordText() {}

    static String of(JournalRecord record) {
        RecordText text = new RecordText();
        text.json.object();
        text.fields(record);
        return text.json.endObject().toString();
    }

    private void fields(JournalRecord record) {
        switch (record) {
            case JournalRecord.Started r ->
                json.put("node", r.node()).put("version", r.version()).put("pid", r.pid());
            case JournalRecord.Stopped r -> json.put("orderly", r.orderly()).put("reason", cut(r.reason()));
            case JournalRecord.Transition r -> {
                json.put("from", r.from()).put("to", r.to()).put("term", r.term());
                json.put("reason", cut(r.reason()));
                evidence(r.evidence());
            }
            case JournalRecord.Takeover r -> takeover(r);
            case JournalRecord.LossWindow r ->
                json.ms("lengthMs", r.lengthNs()).put("flowsRepaired", r.flowsRepaired());
            case JournalRecord.Alarm r -> json.put("code", r.code()).put("text", cut(r.text()));
            case JournalRecord.Configuration r -> {
                json.put("digest", r.digest()).array("parts");
                r.parts().forEach(json::put);
                json.endArray().put("problem", cut(r.problem()));
                toml(r.toml());
            }
            case JournalRecord.Order r -> json.put("accepted", r.accepted()).put("reason", cut(r.reason()));
            case JournalRecord.Gap r ->
                json.ms("lengthMs", r.lengthNs()).put("dropped", r.dropped()).put("reason", cut(r.reason()));
        }
    }

    private void toml(String toml) {
        String packed = toml.length() <= TOML_CHARS_MAX ? "" : packed(toml);
        if (packed.isEmpty() || packed.length() > PACKED_CHARS_MAX) {
            json.put("toml", cut(toml, TOML_CHARS_MAX));
        } else {
            json.put("tomlGzip", packed);
        }
        json.put("whole", packed.length() <= PACKED_CHARS_MAX);
    }

    /** By gzip, and as base64: {@code base64 -d | gunzip} has it again. */
    private static String packed(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    private void takeover(JournalRecord.Takeover r) {
        json.put("reason", cut(r.reason())).put("planned", r.planned()).put("ready", r.ready());
        json.put("term", r.term()).ms("detectMs", r.detectNs()).ms("totalMs", r.totalNs());
        json.ms("sinceDecidedMs", r.sinceDecidedNs()).array("phases");
        for (JournalRecord.Takeover.Phase phase : r.phases()) {
            json.object().put("name", phase.name()).ms("tookMs", phase.tookNs()).put("ok", phase.ok());
            json.put("detail", cut(phase.detail())).endObject();
        }
        json.endArray().put("mirrored", r.mirrored()).put("installed", r.installed());
        json.put("refused", r.refused());
    }

    private void evidence(Evidence e) {
        json.object("evidence").put("event", cut(e.event())).array("paths");
        e.paths().forEach(this::path);
        json.endArray().array("peers");
        e.peers().forEach(this::peer);
        json.endArray();
        lateness(e.lateness());
        json.object("probes").ms("vipsAskedAgoMs", e.probes().vipsAskedAgoNs());
        json.ms("vipsAnsweredAgoMs", e.probes().vipsAnsweredAgoNs());
        json.ms("reachAskedAgoMs", e.probes().reachAskedAgoNs());
        json.ms("reachAnsweredAgoMs", e.probes().reachAnsweredAgoNs()).endObject();
        json.object("health").put("priority", e.health().priority());
        json.put("penalty", e.health().penalty()).put("fault", cut(e.health().fault()));
        json.put("down", cut(e.health().down())).put("reach", e.health().reach());
        json.endObject().array("trackers");
        int detailMax = e.trackers().size() > MANY_TRACKERS ? DETAIL_CHARS_MAX / 4 : DETAIL_CHARS_MAX;
        e.trackers().stream().limit(TRACKERS_MAX).forEach(tracker -> tracker(tracker, detailMax));
        json.endArray();
        json.object("copy").put("readiness", e.copy().readiness());
        json.put("equal", e.copy().equal()).put("lagDeltas", e.copy().lagDeltas());
        json.ms("lagMs", e.copy().lagNs()).put("refused", e.copy().refused()).endObject();
        json.object("gate").put("open", e.gate().open()).put("armed", e.gate().armed());
        json.endObject().endObject();
    }

    private void tracker(Evidence.Tracker tracker, int detailMax) {
        json.object().put("name", tracker.name()).put("state", tracker.state());
        json.ms("sinceMs", tracker.sinceNs()).put("detail", cut(tracker.detail(), detailMax));
        json.endObject();
    }

    private void path(Evidence.Path path) {
        json.object().put("name", path.name()).put("up", path.up());
        json.put("heard", path.heard()).put("missed", path.missed()).array("arrivalsAgoMs");
        path.arrivalsAgoNs().forEach(json::ms);
        json.endArray().endObject();
    }

    private void peer(Evidence.Peer peer) {
        json.object().put("name", peer.name()).put("alive", peer.alive());
        json.put("role", peer.role()).put("term", peer.term());
        json.put("readiness", peer.readiness()).put("priority", peer.priority());
        json.put("hearsThis", peer.hearsThis()).put("gateOpen", peer.gateOpen());
        json.put("alone", peer.alone()).ms("heardAgoMs", peer.heardAgoNs());
        json.ms("masterHeardAgoMs", peer.masterHeardAgoNs()).ms("goneAgoMs", peer.goneAgoNs());
        json.endObject();
    }

    private void lateness(Evidence.Lateness lateness) {
        json.object("lateness").ms("totalMs", lateness.totalNs()).put("holds", lateness.holds());
        json.ms("holdMs", lateness.holdNs()).array("stalls");
        for (Evidence.Stall stall : lateness.stalls()) {
            json.object()
                    .ms("agoMs", stall.agoNs())
                    .ms("lateMs", stall.lateNs())
                    .endObject();
        }
        json.endArray().endObject();
    }

    private static String cut(String text) {
        return cut(text, TEXT_CHARS_MAX);
    }

    private static String cut(String text, int charsMax) {
        return text.length() <= charsMax ? text : text.substring(0, charsMax);
    }
}
