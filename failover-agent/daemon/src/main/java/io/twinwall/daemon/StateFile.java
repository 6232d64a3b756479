/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * What a node must remember through restart and reboot: the highest term it has claimed, so that it does not claim an old
 * one again, and that it is in maintenance. One small text file with a check sum, written beside, synchronised and renamed,
 * by a thread that nothing waits for; on that thread alone after {@link #load}.
 *
 * <pre>
 *   twinwall-state 1
 *   term 42
 *   maintenance off
 *   crc32 89abcdef        of everything above
 * </pre>
 */
final class StateFile {
    private static final Logger LOG = System.getLogger("twinwall.state");
    private static final Pattern SHAPE =
            Pattern.compile("(twinwall-state 1\nterm ([0-9]{1,18})\nmaintenance (on|off)\n)crc32 ([0-9a-f]{8})\n");

    /** A longer file is not one of ours. */
    private static final int BYTES_MAX = 4_096;

    /** What is stored. */
    record Stored(long term, boolean maintenance) {}

    /** What was asked to be stored. */
    enum What {
        TERM,
        MAINTENANCE
    }

    /** Told when something is stored, or why not ({@code problem} not empty). On the writing thread. */
    interface Listener {
        void onStored(What what, long token, String problem);
    }

    private final Path file;
    private final Executor writer;
    private final Listener listener;
    private Stored stored = new Stored(0, false);

    StateFile(Path directory, Executor writer, Listener listener) {
        file = directory.resolve("state");
        this.writer = writer;
        this.listener = listener;
    }

    /**
     * What was stored last; term 0 and no maintenance when there is nothing. A damaged file is kept under another name and
     * told of; the peer's heartbeats then tell the term. Called once, before anything is stored.
     *
     * @throws Fatal when the directory cannot be used
     */
    Stored load() {
        try {
            Files.createDirectories(file.getParent());
            if (Files.exists(file)) {
                stored = parse();
            }
            return stored;
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    "[state] directory " + file.getParent() + ": " + e + ". Repair it or choose another.",
                    e);
        }
    }

    /** Stores {@code term} soon; the listener hears of it under {@code token}. A term never falls. */
    void storeTerm(long term, long token) {
        writer.execute(() -> {
            stored = new Stored(Math.max(term, stored.term()), stored.maintenance());
            listener.onStored(What.TERM, token, write());
        });
    }

    /** As {@link #storeTerm}. */
    void storeMaintenance(boolean on, long token) {
        writer.execute(() -> {
            stored = new Stored(stored.term(), on);
            listener.onStored(What.MAINTENANCE, token, write());
        });
    }

    private Stored parse() throws IOException {
        String problem;
        if (Files.size(file) > BYTES_MAX) {
            problem = "longer than " + BYTES_MAX + " bytes";
        } else {
            Matcher shape = SHAPE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            if (shape.matches() && crc32(shape.group(1)).equals(shape.group(4))) {
                return new Stored(Long.parseLong(shape.group(2)), shape.group(3).equals("on"));
            }
            problem = shape.matches() ? "its check sum does not fit" : "not in the form this program writes";
        }
        Path aside = aside();
        Files.move(file, aside);
        LOG.log(
                Level.ERROR,
                "{0} is damaged ({1}); kept as {2}. The term comes from the peer; if this node was in maintenance,"
                        + " say so again: twinwall maintenance on",
                file,
                problem,
                aside);
        return new Stored(0, false);
    }

    /** A name not taken yet: an earlier damaged file may be wanted too. */
    private Path aside() {
        int number = 1;
        while (Files.exists(file.resolveSibling("state.damaged." + number))) {
            number++;
        }
        return file.resolveSibling("state.damaged." + number);
    }

    private String write() {
        String text = "twinwall-state 1\nterm " + stored.term() + "\nmaintenance "
                + (stored.maintenance() ? "on" : "off") + "\n";
        Path beside = file.resolveSibling("state.new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes =
                    ByteBuffer.wrap((text + "crc32 " + crc32(text) + "\n").getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            return beside + ": " + e.getMessage();
        }
        try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            // The name is the directory's: without this a power failure may bring the old file back.
            directory.force(true);
        } catch (IOException e) {
            return file + ": " + e.getMessage();
        }
        return "";
    }

    private static String crc32(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return String.format("%08x", crc.getValue());
    }
}
