/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static io.twinwall.daemon.HeartbeatEar.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.linux.Posix;
import io.twinwall.testkit.Await;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The serial path over a pseudo-terminal, with a clock of the test's own where its speed matters. */
class HeartbeatSerialIT {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    /** Ten bits a byte: a byte a millisecond. */
    private static final int BAUD = 10_000;

    @TempDir
    Path directory;

    private final Counters counters = new Counters();
    private final HeartbeatEar ear = new HeartbeatEar();
    private final AtomicLong nowNs = new AtomicLong(1);
    private final UnsafeBuffer wire = new UnsafeBuffer(ByteBuffer.allocateDirect(64 << 10));
    private final UnsafeBuffer payload = new UnsafeBuffer(ByteBuffer.allocateDirect(SerialFraming.PAYLOAD_MAX));
    private final SerialFraming.Decoder farDecoder = new SerialFraming.Decoder();
    private final List<String> farHeard = new ArrayList<>();
    private SerialPty line;
    private HeartbeatPaths paths;

    @BeforeEach
    void open() {
        line = new SerialPty(directory.resolve("line"));
        paths = new HeartbeatPaths(
                List.of(new HeartbeatPaths.PathSpec.Serial("cable", line.device(), BAUD)), counters, nowNs::get);
        assertEquals("", paths.problem(0));
    }

    @AfterEach
    void close() {
        paths.close();
        line.close();
    }

    /** The far end says {@code word}, in a frame. */
    private int frame(String word, int at) {
        payload.putStringWithoutLengthAscii(0, word);
        UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(SerialFraming.FRAME_MAX));
        int length = SerialFraming.encode(payload, word.length(), frame);
        wire.putBytes(at, frame, 0, length);
        return length;
    }

    private void farWrites(int from, int length) {
        assertEquals(length, Posix.write(line.fd(), wire, from, length));
    }

    private int farReads() {
        int read = Math.max(0, Posix.read(line.fd(), wire, 0, wire.capacity()));
        for (int i = 0; i < read; i++) {
            if (farDecoder.take(wire.getByte(i))) {
                int length = farDecoder.payload(payload);
                farHeard.add(payload.getStringWithoutLengthAscii(0, length));
            }
        }
        return read;
    }

    private void untilFarHeard(String word) {
        Await.until(word + ", heard " + farHeard, DEADLINE, () -> {
            farReads();
            return farHeard.contains(word);
        });
    }

    private void untilHeard(String word) {
        Await.until(word + ", heard " + ear.heard, DEADLINE, () -> {
            nowNs.addAndGet(2_000_000);
            paths.await(0);
            paths.receive(ear);
            return ear.heard.contains(word);
        });
    }

    private void pass(long ms) {
        nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
        paths.await(0);
    }

    @Test
    void shouldCarryBothWays() {
        say(paths, "hello");
        untilFarHeard("hello");
        farWrites(0, frame("back", 0));
        untilHeard("0:back");
        assertEquals(1, counters.value("heartbeats_received_total"));
    }

    @Test
    void shouldReadOnAfterGarbageAndCutFrames() {
        for (int i = 0; i < 1_000; i++) {
            wire.putByte(i, (byte) (i * 7));
        }
        farWrites(0, 1_000);
        farWrites(0, frame("whole", 0));
        int length = frame("cut", 0);
        farWrites(0, length - 4);
        farWrites(0, frame("after", 0));
        untilHeard("0:after");
        assertTrue(ear.heard.contains("0:whole"), ear.heard.toString());
        assertTrue(ear.heard.stream().noneMatch(word -> word.contains("cut")), ear.heard.toString());
        assertTrue(counters.value("heartbeat_path_0_damaged_total") > 0);
    }

    @Test
    void shouldPutAFrameTogetherThatComesInPieces() {
        int length = frame("piecemeal", 0);
        for (int i = 0; i < length; i++) {
            farWrites(i, 1);
            paths.await(0);
            paths.receive(ear);
        }
        untilHeard("0:piecemeal");
    }

    @Test
    void shouldKeepOnlyTheNewestWhileTheLineIsBusy() {
        say(paths, "one");
        say(paths, "two");
        say(paths, "three");
        untilFarHeard("one");
        pass(1);
        assertEquals(0, farReads(), "the line is not free yet");
        pass(20);
        untilFarHeard("three");
        assertEquals(List.of("one", "three"), farHeard);
        assertEquals(1, counters.value("heartbeat_path_0_dropped_total"));
        pass(100);
        assertEquals(0, farReads());
    }

    @Test
    void shouldFinishAHalfWrittenFrameAndNeverBlock() {
        String full = "x".repeat(400);
        // Nobody reads at the far end: at some time the kernel takes no more, in the middle of a frame.
        for (int i = 0; i < 200; i++) {
            say(paths, full);
            pass(1_000);
        }
        assertTrue(counters.value("heartbeat_path_0_dropped_total") > 50, "frames wait one at a time");
        say(paths, "last");
        Await.until("the last", DEADLINE, () -> {
            farReads();
            pass(1_000);
            return farHeard.contains("last");
        });
        assertEquals(0, farDecoder.damaged(), "no frame was cut");
    }

    @Test
    void shouldWakeByItselfWhenTheLineIsFree() {
        try (HeartbeatPaths real = new HeartbeatPaths(
                List.of(new HeartbeatPaths.PathSpec.Serial("cable", line.device(), BAUD)),
                new Counters(),
                System::nanoTime)) {
            say(real, "one");
            say(real, "two");
            real.await(TimeUnit.MILLISECONDS.toNanos(100));
            untilFarHeard("two");
        }
    }

    @Test
    void shouldComeBackWhenTheLineIsPluggedInAgain() {
        line.unplug();
        untilHeard("0 down");
        assertTrue(paths.problem(0).contains("plugged in"), paths.problem(0));
        say(paths, "lost");
        assertEquals(0, counters.value("heartbeat_path_0_state"));
        line.plugIn();
        untilHeard("0 up");
        farWrites(0, frame("again", 0));
        untilHeard("0:again");
        say(paths, "here");
        untilFarHeard("here");
    }
}
