/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schema of this version and that of the version before ({@code src/test/sbe}) read each other: every message of
 * the version before, every field of it, by the generated codecs; what is asked of them is found by reflection, so that
 * a field appended tomorrow is tested, too.
 */
class WireVersionsTest {
    private static final String PREVIOUS = "io.twinwall.wire.previous.";
    private static final String CURRENT = "io.twinwall.wire.";
    private static final String OFFSET = "EncodingOffset";
    private static final int VARIABLE_BYTES = 2;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4096]);

    static List<String> messages() throws IOException {
        String schema = Files.readString(Path.of("src/test/sbe/previous-wire.xml"));
        Matcher matcher = Pattern.compile("<sbe:message name=\"(\\w+)\"").matcher(schema);
        List<String> names = new ArrayList<>();
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        assertTrue(names.size() > 10, names::toString);
        // Never sent: it lists the parts, whose codecs are asked for by those who read flows.
        names.remove("FlowParts");
        return names;
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldReadWhatTheVersionBeforeWrites(String message) {
        shouldRead(message, PREVIOUS, CURRENT);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldBeReadByTheVersionBefore(String message) {
        shouldRead(message, CURRENT, PREVIOUS);
    }

    private void shouldRead(String message, String from, String to) {
        SeededRandom random = Seeds.random("wire versions");
        Seeds.with(random, () -> {
            Map<String, String> written = new TreeMap<>();
            int length = write(message, from, random, written);
            Object header = make(to + "MessageHeaderDecoder");
            call(header, "wrap", new Class<?>[] {DirectBuffer.class, int.class}, buffer, 0);
            Object decoder = make(to + message + "Decoder");
            call(
                    decoder,
                    "wrap",
                    new Class<?>[] {DirectBuffer.class, int.class, int.class, int.class},
                    buffer,
                    8,
                    call(header, "blockLength"),
                    call(header, "version"));
            Map<String, String> read = new TreeMap<>();
            read(decoder, type(PREVIOUS + message + "Decoder"), "", read);
            assertTrue(!read.isEmpty(), "nothing was read");
            read.forEach((name, value) -> assertEquals(written.get(name), value, message + " " + name));
            if (from.equals(PREVIOUS)) {
                assertEquals(written.keySet(), read.keySet(), "every field of the version before");
                assertAppendedAreAbsent(decoder, message);
                assertHandedOver(message, length);
            }
        });
    }

    /** The reader of payloads takes the message, too, and what follows it. */
    private void assertHandedOver(String message, int length) {
        if (message.equals("Heartbeat")) {
            return;
        }
        List<String> heard = new ArrayList<>();
        PayloadHandler handler = (PayloadHandler) Proxy.newProxyInstance(
                PayloadHandler.class.getClassLoader(), new Class<?>[] {PayloadHandler.class}, (self, method, given) -> {
                    heard.add(method.getName());
                    return null;
                });
        Counters counters = new Counters();
        for (int i = 0; i < length; i++) {
            buffer.putByte(length + i, buffer.getByte(i));
        }
        // Then one that nobody knows yet, which ends the payload.
        for (int i = 0; i < length; i++) {
            buffer.putByte(2 * length + i, buffer.getByte(i));
        }
        buffer.putShort(2 * length + 2, (short) 9_999);
        assertTrue(new PayloadReader(counters).read(buffer, 0, 2 * length, handler), message);
        assertEquals(List.of("on" + message, "on" + message), heard);
        assertTrue(
                !new PayloadReader(new Counters()).read(buffer, 0, 2 * length - 1, handler), "the control: cut short");
        Counters unknown = new Counters();
        heard.clear();
        assertTrue(!new PayloadReader(unknown).read(buffer, 0, 3 * length, handler));
        assertEquals(List.of("on" + message, "on" + message), heard);
        assertEquals(1, unknown.value("wire_messages_unknown_total"));
        assertEquals(0, unknown.value("wire_payloads_malformed_total"));
    }

    private int write(String message, String from, SeededRandom random, Map<String, String> written) {
        Object encoder = make(from + message + "Encoder");
        Object header = make(from + "MessageHeaderEncoder");
        call(
                encoder,
                "wrapAndApplyHeader",
                new Class<?>[] {MutableDirectBuffer.class, int.class, header.getClass()},
                buffer,
                0,
                header);
        fill(encoder, "", random, written);
        return 8 + (int) call(encoder, "encodedLength");
    }

    private static void fill(Object encoder, String prefix, SeededRandom random, Map<String, String> written) {
        for (String field : fields(encoder.getClass())) {
            fillField(encoder, field, prefix, random, written);
        }
        for (Method method : encoder.getClass().getMethods()) {
            if (method.getName().endsWith("Count") && method.getParameterCount() == 1) {
                String group = method.getName().substring(0, method.getName().length() - "Count".length());
                Object inner = call(encoder, method.getName(), new Class<?>[] {int.class}, 2);
                for (int i = 0; i < 2; i++) {
                    call(inner, "next");
                    fill(inner, prefix + group + i + ".", random, written);
                }
            }
        }
        for (String variable : variables(encoder.getClass())) {
            byte[] bytes = new byte[VARIABLE_BYTES];
            put(encoder, variable, bytes);
            written.put(prefix + variable, HexFormat.of().formatHex(bytes));
        }
    }

    private static void fillField(
            Object encoder, String field, String prefix, SeededRandom random, Map<String, String> written) {
        // Flows have no parts here: what is behind them must fit the parts' bits.
        int number = field.equals("parts") ? 0 : 1 + random.nextInt(100);
        for (Method method : encoder.getClass().getMethods()) {
            boolean one = method.getParameterCount() == 1;
            Class<?> type = one ? method.getParameterTypes()[0] : null;
            if (method.getName().equals(field) && one && type.isPrimitive()) {
                call(encoder, field, new Class<?>[] {type}, convert(number, type));
                written.put(prefix + field, String.valueOf(number));
            } else if (method.getName().equals(field) && one && type.isEnum()) {
                Object constant = type.getEnumConstants()[1];
                call(encoder, field, new Class<?>[] {type}, constant);
                written.put(prefix + field, constant.toString());
            } else if (method.getName().equals("put" + capital(field)) && method.getParameterCount() == 3) {
                byte[] bytes = new byte[(int) call(encoder, field + "Length")];
                random.nextBytes(bytes);
                put(encoder, field, bytes);
                written.put(prefix + field, HexFormat.of().formatHex(bytes));
                return;
            } else if (method.getName().equals(field) && method.getParameterCount() == 0) {
                Object bits = call(encoder, field);
                for (Method choice : bits.getClass().getMethods()) {
                    if (choice.getParameterCount() == 1
                            && choice.getParameterTypes()[0] == boolean.class
                            && !Modifier.isStatic(choice.getModifiers())) {
                        boolean value = random.nextInt(2) == 1;
                        call(bits, choice.getName(), new Class<?>[] {boolean.class}, value);
                        written.put(prefix + field + "." + choice.getName(), String.valueOf(value));
                    }
                }
            }
        }
    }

    /** The fields that {@code known} has, by a decoder that may have more. */
    private static void read(Object decoder, Class<?> known, String prefix, Map<String, String> read) {
        for (String field : fields(known)) {
            Method get = find(decoder.getClass(), "get" + capital(field), byte[].class, int.class, int.class);
            if (get != null) {
                byte[] bytes = new byte[(int) call(decoder, field + "Length")];
                call(decoder, get.getName(), get.getParameterTypes(), bytes, 0, bytes.length);
                read.put(prefix + field, HexFormat.of().formatHex(bytes));
                continue;
            }
            Object value = call(decoder, field);
            if (value instanceof Number || value.getClass().isEnum()) {
                read.put(prefix + field, value.toString());
            } else {
                for (Method choice : find(known, field).getReturnType().getMethods()) {
                    if (choice.getParameterCount() == 0
                            && choice.getReturnType() == boolean.class
                            && !choice.getName().equals("isEmpty")) {
                        read.put(
                                prefix + field + "." + choice.getName(),
                                call(value, choice.getName()).toString());
                    }
                }
            }
        }
        for (Class<?> inner : known.getDeclaredClasses()) {
            String group = lower(inner.getSimpleName().replace("Decoder", ""));
            Object groups = call(decoder, group);
            int count = (int) call(groups, "count");
            for (int i = 0; i < count; i++) {
                call(groups, "next");
                read(groups, inner, prefix + group + i + ".", read);
            }
        }
        for (String variable : variables(known)) {
            byte[] bytes = new byte[(int) call(decoder, variable + "Length")];
            call(
                    decoder,
                    "get" + capital(variable),
                    new Class<?>[] {byte[].class, int.class, int.class},
                    bytes,
                    0,
                    bytes.length);
            read.put(prefix + variable, HexFormat.of().formatHex(bytes));
        }
    }

    private static void assertAppendedAreAbsent(Object decoder, String message) {
        List<String> appended = new ArrayList<>(fields(decoder.getClass()));
        appended.removeAll(fields(type(PREVIOUS + message + "Decoder")));
        for (String field : appended) {
            Method absent = find(decoder.getClass(), field + "NullValue");
            if (absent != null) {
                assertEquals(call(decoder, field + "NullValue"), call(decoder, field), message + " " + field);
            }
        }
    }

    private static List<String> fields(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())
                        && method.getName().endsWith(OFFSET))
                .map(method -> method.getName().substring(0, method.getName().length() - OFFSET.length()))
                .sorted()
                .toList();
    }

    private static List<String> variables(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .map(Method::getName)
                .filter(name -> name.endsWith("HeaderLength"))
                .map(name -> name.substring(0, name.length() - "HeaderLength".length()))
                .filter(name -> !name.equals("sbe"))
                .toList();
    }

    private static Object convert(int number, Class<?> type) {
        if (type == byte.class) {
            return (byte) number;
        }
        if (type == short.class) {
            return (short) number;
        }
        return type == long.class ? (Object) (long) number : (Object) number;
    }

    private static void put(Object encoder, String field, byte[] bytes) {
        Class<?>[] types = {byte[].class, int.class, int.class};
        call(encoder, "put" + capital(field), types, bytes, 0, bytes.length);
    }

    private static String capital(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private static String lower(String word) {
        return Character.toLowerCase(word.charAt(0)) + word.substring(1);
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static Object make(String name) {
        try {
            return type(name).getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static Method find(Class<?> type, String name, Class<?>... parameters) {
        try {
            return type.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    private static Object call(Object on, String name) {
        return call(on, name, new Class<?>[0]);
    }

    private static Object call(Object on, String name, Class<?>[] types, Object... given) {
        try {
            return on.getClass().getMethod(name, types).invoke(on, given);
        } catch (InvocationTargetException e) {
            throw new AssertionError(name, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
