/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecordTextTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void shouldWriteEachKindAsJsonThatOthersRead() {
        Set<JournalRecord.Kind> kinds = EnumSet.noneOf(JournalRecord.Kind.class);
        for (JournalRecord record : Samples.ALL) {
            JsonNode read = JSON.readTree(RecordText.of(record));
            assertTrue(read.isObject() && !read.isEmpty(), record.toString());
            kinds.add(record.kind());
        }
        assertEquals(EnumSet.allOf(JournalRecord.Kind.class), kinds);
        JsonNode alarm = JSON.readTree(RecordText.of(Samples.ALL.get(5)));
        assertEquals(
                ((JournalRecord.Alarm) Samples.ALL.get(5)).text(),
                alarm.path("text").asString());
    }

    @Test
    void shouldKeepTheEvidenceOfAChangeInMilliseconds() {
        JsonNode evidence = JSON.readTree(RecordText.of(Samples.TRANSITION)).path("evidence");
        assertEquals(1204, evidence.at("/paths/0/heard").asLong());
        assertEquals(171.3, evidence.at("/paths/0/arrivalsAgoMs/0").asDouble());
        assertEquals(4, evidence.at("/paths/0/missed").asLong());
        assertTrue(evidence.at("/peers/0/goneAgoMs").isNull());
        assertEquals(12.4, evidence.at("/lateness/stalls/0/lateMs").asDouble());
        assertEquals("UP", evidence.at("/trackers/0/state").asString());
        assertEquals("Tick", evidence.path("event").asString());
        JsonNode takeover = JSON.readTree(RecordText.of(Samples.TAKEOVER));
        assertEquals("no wan0", takeover.at("/phases/1/detail").asString());
        assertEquals(9.5, takeover.path("sinceDecidedMs").asDouble());
    }

    @Test
    void shouldKeepALongConfigurationWhole() throws IOException {
        String toml = "name = \"uplink\"\nweight = 254\n".repeat(3_000);
        JsonNode record = configuration(toml);
        assertTrue(record.path("whole").asBoolean());
        byte[] packed = Base64.getDecoder().decode(record.path("tomlGzip").asString());
        try (GZIPInputStream bytes = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            assertEquals(toml, new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
        }
        SeededRandom random = Seeds.random("noise");
        StringBuilder noise = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            noise.append((char) ('!' + random.nextInt(90)));
        }
        record = configuration(noise.toString());
        assertFalse(record.path("whole").asBoolean());
        assertTrue(noise.toString().startsWith(record.path("toml").asString()));
    }

    private static JsonNode configuration(String toml) {
        return JSON.readTree(RecordText.of(new JournalRecord.Configuration("0", List.of(), "", toml)));
    }

    @Test
    void shouldCutWhatIsTooLongAndStayWithinADocument() {
        String endless = "\u00e9\n".repeat(100_000);
        List<Evidence.Tracker> trackers =
                Collections.nCopies(128, new Evidence.Tracker("t".repeat(32), "DOWN", 1, endless));
        Evidence e = Samples.EVIDENCE;
        Evidence large = new Evidence(
                endless, e.paths(), e.peers(), e.lateness(), e.probes(), e.health(), trackers, e.copy(), e.gate());
        for (JournalRecord record : List.of(
                new JournalRecord.Configuration("0", List.of(), endless, endless),
                new JournalRecord.Transition("BACKUP", "MASTER", 1, endless, large))) {
            String text = RecordText.of(record);
            assertTrue(JSON.readTree(text).isObject());
            int bytes = text.getBytes(StandardCharsets.UTF_8).length;
            assertTrue(bytes < RecordQueue.DOCUMENT_BYTES_MAX - JournalEntry.HEADER_BYTES, bytes + " bytes");
        }
    }

    @Test
    void shouldKnowADamagedDocument() {
        byte[] json = "{\"code\":\"LATE\"}".getBytes(StandardCharsets.UTF_8);
        byte[] document = JournalEntry.encode(42, 1_795_000_000_123L, JournalRecord.Kind.ALARM, json);
        assertEquals(
                new JournalEntry(42, 1_795_000_000_123L, "alarm", "{\"code\":\"LATE\"}"),
                JournalEntry.decode(document));
        for (int i = 0; i < document.length; i++) {
            byte[] damaged = document.clone();
            damaged[i] ^= 0x10;
            // The kind alone is not under the check sum: a newer version's is to be read as well.
            boolean readable = i == 1 || i == 2 || i == 3;
            assertEquals(readable, JournalEntry.decode(damaged) != null, "byte " + i);
        }
        assertNull(JournalEntry.decode(new byte[0]));
        assertNull(JournalEntry.decode(new byte[JournalEntry.HEADER_BYTES]));
        document[1] = 99;
        assertNotNull(JournalEntry.decode(document));
        assertEquals("kind-99", JournalEntry.decode(document).kind());
        assertArrayEquals(json, JournalEntry.decode(document).json().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldNeverUseACodeTwice() {
        Set<Integer> codes = EnumSet.allOf(JournalRecord.Kind.class).stream()
                .map(JournalRecord.Kind::code)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(JournalRecord.Kind.values().length, codes.size());
        assertTrue(codes.stream().allMatch(code -> code > 0 && code < 256));
    }
}
