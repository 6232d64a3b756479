/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.Json;
import io.twinwall.testkit.Fuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the daemon reads of others or of its own past: a line that carries anything, and a file that anybody may have spoilt. */
class DaemonFuzzTest {
    private static final Pattern STEERING = Pattern.compile("[\\p{Cntrl}\\p{Cf}&&[^\\n]]");
    private static final byte[] PAYLOAD = {1, 0, 0, 2, 0, 3};

    /** In memory: a disk would take most of the time. */
    private final Path directory = memory();

    private static Path memory() {
        try {
            return Files.createTempDirectory(Path.of("/dev/shm"), "twinwall-fuzz");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void remove() throws IOException {
        clear();
        Files.delete(directory);
    }

    @Test
    void shouldFindTheNextFrameWhateverTheLineCarried() {
        SerialFraming.Decoder decoder = new SerialFraming.Decoder();
        UnsafeBuffer frame = new UnsafeBuffer(new byte[SerialFraming.FRAME_MAX]);
        UnsafeBuffer payload = new UnsafeBuffer(new byte[SerialFraming.PAYLOAD_MAX]);
        Fuzz.of("daemon-serial", frames()).bytesMax(1_200).run(120_000, line -> {
            long damaged = decoder.damaged();
            int taken = take(decoder, line, payload);
            int length = SerialFraming.encode(new UnsafeBuffer(PAYLOAD), PAYLOAD.length, frame);
            byte[] good = new byte[length];
            frame.getBytes(0, good);
            assertTrue(take(decoder, good, payload) >= 1, "the next frame");
            for (int i = 0; i < PAYLOAD.length; i++) {
                assertEquals(PAYLOAD[i], payload.getByte(i));
            }
            return 16L * taken + Math.min(15, decoder.damaged() - damaged);
        });
    }

    /** The peer is believed, but it may be of a later version, or broken: its report is shown, or refused as a whole. */
    @Test
    void shouldShowOrRefuseWhateverThePeerTellsOfItself() {
        byte[] sample =
                Json.bytes(Json.read(CliSamples.STATUS, CliStatus.class).peer().report());
        Fuzz.of("daemon-report", List.of(sample))
                .bytesMax(6_000)
                .words("null", "[]", "{}", "-1", "9".repeat(30), "\"\"", "true", "1e999", "[[[[", "\\u001b", "\\n")
                .run(8_000, bytes -> {
                    PeerReport report = PeerReport.parse(bytes);
                    if (report == null) {
                        return 0;
                    }
                    CliStatus.Peer peer = new CliStatus.Peer(
                            "fw-b",
                            report.priority() % 2 == 0 ? "ALIVE" : "LOST",
                            "BACKUP",
                            1,
                            "READY",
                            1,
                            true,
                            "BACKUP",
                            1,
                            false,
                            1,
                            false,
                            false,
                            List.of(),
                            true,
                            true,
                            0L,
                            report.shown(report.priority() % 3 == 0, 20_000));
                    CliRows rows = new CliRows();
                    CliStatusTold told = new CliStatusTold(rows, CliStyle.COLOURED, peer);
                    told.health();
                    told.countdown();
                    told.changes(List.of());
                    told.failures();
                    told.age();
                    told.alarms();
                    assertFalse(
                            STEERING.matcher(rows.text().replaceAll("\033\\[[0-9;]*m", ""))
                                    .find(),
                            "steers a terminal");
                    return 1 + rows.text().lines().count();
                });
    }

    private static int take(SerialFraming.Decoder decoder, byte[] line, UnsafeBuffer payload) {
        int frames = 0;
        for (byte next : line) {
            if (decoder.take(next)) {
                int length = decoder.payload(payload);
                assertTrue(length > 0 && length <= SerialFraming.PAYLOAD_MAX);
                frames++;
            }
        }
        return frames;
    }

    private static List<byte[]> frames() {
        List<byte[]> frames = new ArrayList<>();
        for (int length : new int[] {1, 124, 253, 254, 255, SerialFraming.PAYLOAD_MAX}) {
            UnsafeBuffer to = new UnsafeBuffer(new byte[SerialFraming.FRAME_MAX]);
            UnsafeBuffer from = new UnsafeBuffer(new byte[length]);
            from.setMemory(0, length, (byte) (length % 3));
            byte[] frame = new byte[SerialFraming.encode(from, length, to)];
            to.getBytes(0, frame);
            frames.add(frame);
        }
        return frames;
    }

    /** A file is believed when its check sum fits, and else kept aside; the next start finds what was stored since. */
    @Test
    void shouldBelieveOrKeepAsideWhateverTheStateFileHolds() {
        Path file = directory.resolve("state");
        Fuzz.of("daemon-state", List.of(state(7, "off"), state(999_999_999_999_999_999L, "on")))
                .bytesMax(5_000)
                .words("term ", "maintenance ", "on", "off", "\n", "crc32 ", "9".repeat(20))
                .run(3_000, bytes -> {
                    Files.write(file, resealed(bytes));
                    StateFile.Stored stored = open().load();
                    assertTrue(stored.term() >= 0);
                    clear();
                    StateFile next = open();
                    next.load();
                    next.storeTerm(5, 1);
                    assertEquals(5, open().load().term(), "what is stored next");
                    clear();
                    return Math.min(stored.term(), 1_000) + (stored.maintenance() ? 10_000 : 0);
                });
    }

    private StateFile open() {
        return new StateFile(directory, Runnable::run, (what, token, problem) -> {});
    }

    private void clear() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Most get a check sum that fits, so that what is behind it is tried, too. */
    private static byte[] resealed(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf("crc32 ");
        return at < 0 || bytes.length % 4 == 0 ? bytes : sealed(text.substring(0, at));
    }

    private static byte[] state(long term, String maintenance) {
        return sealed("twinwall-state 1\nterm " + term + "\nmaintenance " + maintenance + "\n");
    }

    private static byte[] sealed(String text) {
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return (text + "crc32 " + String.format("%08x", sum.getValue()) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Bytes that are no UTF-8, too: the file is read from the disk as it is. */
    @Test
    void shouldEndInConfigurationOrProblemsWhateverBytesAFileHolds() {
        Path file = directory.resolve("twinwall.toml");
        byte[] sample = ConfigSamples.SHORT.getBytes(StandardCharsets.UTF_8);
        Fuzz.of("daemon-config", List.of(sample))
                .allocationMax(64 << 20)
                .words("[", "]", "[[", "]]", "=", "\"", "\n", "#", "{", "}", "1e400", "true", "\\uD800")
                .run(500, bytes -> {
                    Files.write(file, bytes);
                    ConfigReport report = ConfigFile.check(file);
                    assertEquals(report.config().isEmpty(), !report.problems().isEmpty());
                    Optional<?> config = report.config();
                    return config.isPresent() ? -1 : report.problems().size();
                });
    }
}
