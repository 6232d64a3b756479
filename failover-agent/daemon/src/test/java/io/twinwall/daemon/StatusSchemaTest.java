/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.twinwall.admin.Json;
import io.twinwall.protocol.AlarmCode;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What {@code twinwall status --json} promises: names get added, and none is taken away or becomes something else. The
 * promise is {@code status-schema.txt}, one line a name; {@code -Dtwinwall.golden=write} adds what is new, and a line that
 * would have to change is a script that breaks. {@code status.json} is an example of all of it.
 */
class StatusSchemaTest {
    private static final Path FILE = Path.of("src/test/resources/status-schema.txt");

    @Test
    void shouldKeepEveryNameAndItsType() throws IOException {
        List<String> now = new ArrayList<>();
        describe("", CliStatus.class, now);
        if (System.getProperty("twinwall.golden", "").equals("write")) {
            Files.write(FILE, now);
        }
        List<String> promised = Files.readAllLines(FILE);
        List<String> broken = new ArrayList<>(promised);
        broken.removeAll(now);
        assertEquals(List.of(), broken, "taken away, or of another type");
        List<String> added = new ArrayList<>(now);
        added.removeAll(promised);
        assertEquals(List.of(), added, "new: promise them with -Dtwinwall.golden=write");
    }

    @Test
    void shouldHaveAnExampleOfEveryName() {
        JsonNode example = Json.read(CliSamples.STATUS, JsonNode.class);
        List<String> now = new ArrayList<>();
        describe("", CliStatus.class, now);
        for (String line : now) {
            String name = line.substring(0, line.indexOf(':'));
            assertTrue(!found(example, name).isEmpty(), "not in status.json: " + name);
        }
    }

    @Test
    void shouldWriteAndReadTheExampleUnchanged() {
        CliStatus status = Json.read(CliSamples.STATUS, CliStatus.class);
        assertEquals(Json.read(CliSamples.STATUS, JsonNode.class), Json.read(Json.text(status), JsonNode.class));
        assertEquals(CliSamples.STATUS.replaceAll("\\s*\n\\s*", ""), Json.text(status));
    }

    @Test
    void shouldKnowWhatToDoAboutEveryAlarm() {
        for (AlarmCode code : AlarmCode.values()) {
            assertTrue(AlarmHelp.remedy(code.name()).endsWith("."), code.name());
        }
        assertTrue(AlarmHelp.remedy("SYNC_PATH_LOST").endsWith("."));
        assertTrue(AlarmHelp.remedy("JOURNAL_OFF").endsWith("."));
        assertEquals("", AlarmHelp.remedy("OF_A_LATER_VERSION"));
    }

    private static void describe(String prefix, Class<?> type, List<String> lines) {
        for (RecordComponent component : type.getRecordComponents()) {
            JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
            String name = prefix + (renamed == null ? component.getName() : renamed.value());
            describe(name, component.getGenericType(), lines);
        }
    }

    private static void describe(String name, Type type, List<String> lines) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            describe(name + "[]", list.getActualTypeArguments()[0], lines);
        } else if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
            lines.add(name + ".*: number");
        } else if (type instanceof Class<?> record && record.isRecord()) {
            describe(name + ".", record, lines);
        } else {
            lines.add(name + ": " + word(type));
        }
    }

    private static String word(Type type) {
        if (type == String.class) {
            return "string";
        }
        return type == boolean.class || type == Boolean.class ? "boolean" : "number";
    }

    /** All that {@code path}, as {@code describe} writes it, leads to. */
    private static List<JsonNode> found(JsonNode root, String path) {
        List<JsonNode> nodes = List.of(root);
        for (String step : path.split("\\.", -1)) {
            List<JsonNode> next = new ArrayList<>();
            for (JsonNode node : nodes) {
                step(node, step, next);
            }
            nodes = next;
        }
        return nodes;
    }

    private static void step(JsonNode node, String step, List<JsonNode> next) {
        if (step.equals("*")) {
            node.properties().forEach(entry -> next.add(entry.getValue()));
            return;
        }
        JsonNode child = node.path(step.replace("[]", ""));
        if (step.endsWith("[]")) {
            child.forEach(next::add);
        } else if (!child.isMissingNode()) {
            next.add(child);
        }
    }
}
