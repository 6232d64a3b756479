/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The files of one queue, one for each cycle (a day, an hour), without what is in them.
 *
 * <p>A file that Chronicle makes by itself is a hole: the disk gives it room as its pages are written to, through a
 * mapping, where the lack of room is a signal that may end the program. So all of a file that will be mapped is filled
 * with zeros beforehand, by system calls that answer.
 */
final class RollFiles {
    static final String SUFFIX = ".cq4";
    static final String METADATA = "metadata.cq4t";
    private static final String PRECREATED = ".precreated";
    private static final String DISCARDED = ".discard";

    /** Of the first word of a file: it is written, and of data about data. */
    private static final int NOT_COMPLETE = 0x80000000;

    private static final int META_DATA = 0x40000000;
    private static final int WORD_BYTES = 4;
    private static final int STEP_BYTES = 64 << 10;

    private final Path directory;
    private final int cycleMs;
    private final DateTimeFormatter names;

    /** {@code format}: of the names of files, each for {@code cycleMs}. */
    RollFiles(Path directory, String format, int cycleMs) {
        this.directory = directory;
        this.cycleMs = cycleMs;
        names = new DateTimeFormatterBuilder()
                .appendPattern(format)
                .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
                .parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0)
                .toFormatter()
                .withZone(ZoneOffset.UTC);
    }

    /** The file of {@code cycle}, whether it is there or not. */
    Path file(int cycle) {
        return directory.resolve(name(cycle) + SUFFIX);
    }

    private String name(int cycle) {
        return names.format(Instant.ofEpochMilli((long) cycle * cycleMs));
    }

    /** The cycles that have files, the oldest first; none without the directory. */
    NavigableMap<Integer, Path> cycles() throws IOException {
        NavigableMap<Integer, Path> cycles = new TreeMap<>();
        if (!Files.isDirectory(directory)) {
            return cycles;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                Integer cycle = cycle(file.getFileName().toString());
                if (cycle != null) {
                    cycles.put(cycle, file);
                }
            }
        }
        return cycles;
    }

    /** Null for a name that is none of ours. */
    private Integer cycle(String fileName) {
        try {
            String name = fileName.substring(0, fileName.length() - SUFFIX.length());
            long ms = LocalDateTime.parse(name, names).toInstant(ZoneOffset.UTC).toEpochMilli();
            return Math.toIntExact(ms / cycleMs);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** Bytes that all files take. */
    long bytes() throws IOException {
        long sum = 0;
        if (!Files.isDirectory(directory)) {
            return sum;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                sum += Files.isRegularFile(file) ? size(file) : 0;
            }
        }
        return sum;
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /**
     * Before the queue is opened: what a killed process left unfinished goes. A file whose first word is not written
     * has nothing in it that anybody was told is there.
     */
    void repair() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                boolean ours = name.endsWith(SUFFIX) || name.equals(METADATA);
                if (name.endsWith(PRECREATED) || name.endsWith(DISCARDED) || (ours && !begun(file))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean begun(Path file) throws IOException {
        ByteBuffer word = ByteBuffer.allocate(WORD_BYTES).order(ByteOrder.nativeOrder());
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.read(word, 0) < WORD_BYTES) {
                return false;
            }
        }
        int header = word.getInt(0);
        return (header & NOT_COMPLETE) == 0 && (header & META_DATA) != 0;
    }

    /** Makes room for the queue's own notes. */
    void reserveMetadata(long bytes) throws IOException {
        Path file = directory.resolve(METADATA);
        if (!Files.exists(file)) {
            fill(file, bytes);
        }
    }

    /** Makes {@code bytes} of room for {@code cycle}, which has no file yet; Chronicle takes it over by its name. */
    void reserveNew(int cycle, long bytes) throws IOException {
        fill(directory.resolve(name(cycle) + PRECREATED), bytes);
    }

    /** Makes {@code file}, and that it has {@code bytes} at least, none of which is a hole. */
    void reserve(Path file, long bytes) throws IOException {
        fill(file, bytes);
    }

    private static void fill(Path file, long bytes) throws IOException {
        try (FileChannel channel = PrivateFiles.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long before = channel.size();
            boolean filled = before >= bytes;
            try {
                fill(channel, before, bytes);
                filled = true;
            } finally {
                if (!filled) {
                    channel.truncate(before);
                }
            }
        }
    }

    private static void fill(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(Math.clamp(to - from, 0, STEP_BYTES));
        long at = from;
        while (at < to) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
            at += channel.write(zeros, at);
        }
    }

    /** Writes zeros over {@code file} from {@code from} to its end: what a killed process began there, and holes. */
    static void clearBehind(Path file, long from) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            fill(channel, from, channel.size());
        }
    }

    /** Reads {@code file} once, so that a mapping of it does not wait for the disk; up to {@code bytesMax}. */
    static void warm(Path file, long bytesMax) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(STEP_BYTES);
        try (FileChannel channel = FileChannel.open(file)) {
            long at = 0;
            int read = 0;
            while (read >= 0 && at < bytesMax) {
                at += read;
                buffer.clear();
                read = channel.read(buffer, at);
            }
        }
    }

    /**
     * Deletes the oldest files but {@code kept} until {@code bytesMore} fit under {@code bytesMax}, and all that nobody
     * wrote to since {@code oldestMs}. True when any was deleted.
     */
    boolean makeRoom(int kept, long bytesMore, long bytesMax, long oldestMs) throws IOException {
        long sum = bytes() + bytesMore;
        boolean deleted = false;
        for (var each : cycles().entrySet()) {
            Path file = each.getValue();
            boolean tooOld = Files.getLastModifiedTime(file).toMillis() < oldestMs;
            if (each.getKey() != kept && (sum > bytesMax || tooOld)) {
                sum -= size(file);
                Files.deleteIfExists(file);
                deleted = true;
            }
        }
        return deleted;
    }
}
