/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import io.twinwall.base.Check;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where a record is kept first: one small file, written by one system call a record, which answers when the disk is
 * full, and of which the kernel has all when the process is killed. When it is full its records are moved into the
 * queue. An agent to which nothing happens has so no need of the queue's classes and mappings, which are more than all
 * that it writes in a year.
 *
 * <pre>
 *    0  u64  "TWSPOOL1"
 *    8  u64  number of the last record that is not in here any more
 *   16       documents: u32 length, {@link JournalEntry}
 * </pre>
 */
final class Spool implements AutoCloseable {
    /** A longer one is not ours. */
    private static final int BYTES_MAX = 4 << 20;

    private static final long MAGIC = 0x545753504f4f4c31L;
    private static final int BASE_OFFSET = 8;
    private static final int HEAD_BYTES = 16;

    /** Damaged ones that are kept. */
    private static final int ASIDE_MAX = 4;

    /** Its first bytes are not what they must be: nothing in it can be told from anything else. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(long bytes) {
            super("the journal's spool is damaged: of its " + bytes + " bytes the first are not what they must be");
        }
    }

    private final Path file;
    private final int bytesMax;
    private FileChannel channel;
    private long end;
    private long base;
    private long lastNumber;

    private Spool(Path file, int bytesMax, FileChannel channel) {
        this.file = file;
        this.bytesMax = bytesMax;
        this.channel = channel;
    }

    /** Opens the spool, which must be there; what a killed process did not finish at its end is cut off. */
    static Spool open(Path file, int bytesMax) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Spool spool = new Spool(file, bytesMax, channel);
        boolean done = false;
        try {
            Content content = Content.of(channel);
            spool.base = content.base;
            spool.end = content.end;
            spool.lastNumber = content.lastNumber;
            channel.truncate(content.end);
            done = true;
            return spool;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /**
     * Makes an empty one whose next record has the number behind {@code base}. One that is there, and damaged, gets
     * another name, which is answered; of those that have such names the oldest may go. At each moment there is one.
     */
    static Optional<Path> create(Path file, long base) throws IOException {
        Path fresh = write(file, base, List.of());
        Optional<Path> aside = Optional.empty();
        if (Files.exists(file)) {
            Path name = asideName(file);
            Files.deleteIfExists(name);
            Files.createLink(name, file);
            aside = Optional.of(name);
        }
        publish(fresh, file);
        return aside;
    }

    private static Path asideName(Path file) throws IOException {
        Path oldest = null;
        for (Path each : asideNames(file)) {
            if (!Files.exists(each)) {
                return each;
            }
            if (oldest == null || Files.getLastModifiedTime(each).compareTo(Files.getLastModifiedTime(oldest)) < 0) {
                oldest = each;
            }
        }
        return oldest;
    }

    private static List<Path> asideNames(Path file) {
        return IntStream.rangeClosed(1, ASIDE_MAX)
                .mapToObj(number -> file.resolveSibling(file.getFileName() + ".damaged." + number))
                .toList();
    }

    /** Bytes of the damaged ones that are kept. */
    static long asideBytes(Path file) throws IOException {
        long bytes = 0;
        for (Path each : asideNames(file)) {
            bytes += Files.exists(each) ? Files.size(each) : 0;
        }
        return bytes;
    }

    /** Throws away damaged ones that are older than {@code oldestMs}, and as many that the others have {@code bytesMax}. */
    static void forgetAside(Path file, long oldestMs, long bytesMax) throws IOException {
        List<Path> there = new ArrayList<>();
        for (Path each : asideNames(file)) {
            if (Files.exists(each)) {
                there.add(each);
            }
        }
        there.sort(Comparator.comparingLong((Path each) -> each.toFile().lastModified()));
        for (Path each : there) {
            if (each.toFile().lastModified() < oldestMs || asideBytes(file) > bytesMax) {
                Files.delete(each);
            }
        }
    }

    /** Gives {@code visitor} the records of {@code file}, also while its agent writes to it. */
    static void read(Path file, RecordSource.Visitor visitor) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            for (byte[] document : Content.of(channel).documents) {
                if (!visitor.document(document)) {
                    return;
                }
            }
        }
    }

    /** Else {@link #documents} are to be moved first. One finds room always. */
    boolean hasRoomFor(int documentBytes) {
        return end == HEAD_BYTES || end + Integer.BYTES + documentBytes <= bytesMax;
    }

    /** When this returns, the document is in the kernel's hands. */
    void append(long number, byte[] document) throws IOException {
        Check.that(number > lastNumber && hasRoomFor(document.length), "a record out of turn", number);
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + document.length);
        bytes.putInt(document.length).put(document).flip();
        boolean done = false;
        try {
            writeAll(channel, bytes, end);
            done = true;
        } finally {
            if (!done) {
                channel.truncate(end);
            }
        }
        end += Integer.BYTES + document.length;
        lastNumber = number;
    }

    long lastNumber() {
        return lastNumber;
    }

    /** How long the file is. */
    long bytes() {
        return end;
    }

    List<byte[]> documents() throws IOException {
        return Content.of(channel).documents;
    }

    /** All that is in here is kept elsewhere. What is killed in between has it twice, which its number tells. */
    void clear() throws IOException {
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES).putLong(lastNumber).flip();
        writeAll(channel, number, BASE_OFFSET);
        base = lastNumber;
        channel.truncate(HEAD_BYTES);
        end = HEAD_BYTES;
    }

    /** Forgets what was written before {@code oldestMs}. */
    void forget(long oldestMs) throws IOException {
        List<byte[]> kept = new ArrayList<>();
        long forgotten = base;
        for (byte[] document : documents()) {
            JournalEntry entry = JournalEntry.decode(document);
            if (entry.atMs() < oldestMs && kept.isEmpty()) {
                forgotten = entry.number();
            } else {
                kept.add(document);
            }
        }
        if (forgotten > base) {
            publish(write(file, forgotten, kept), file);
            channel.close();
            Spool next = open(file, bytesMax);
            channel = next.channel;
            end = next.end;
            base = next.base;
        }
    }

    /** Beside {@code file}, on the disk; returns where. */
    private static Path write(Path file, long base, List<byte[]> documents) throws IOException {
        int length = HEAD_BYTES;
        for (byte[] document : documents) {
            length += Integer.BYTES + document.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length).putLong(MAGIC).putLong(base);
        for (byte[] document : documents) {
            bytes.putInt(document.length).put(document);
        }
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = PrivateFiles.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeAll(channel, bytes.flip(), 0);
            // Else the name may outlive a power failure and the content not.
            channel.force(true);
        }
        return beside;
    }

    private static void publish(Path beside, Path file) throws IOException {
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** All that is whole in a file. */
    private static final class Content {
        private final List<byte[]> documents = new ArrayList<>();
        private long base;
        private long lastNumber;
        private long end = HEAD_BYTES;

        static Content of(FileChannel channel) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), BYTES_MAX));
            int read = 0;
            while (bytes.hasRemaining() && read >= 0) {
                read = channel.read(bytes, bytes.position());
            }
            bytes.flip();
            Content content = new Content();
            if (bytes.remaining() < HEAD_BYTES || bytes.getLong() != MAGIC) {
                throw new Damaged(channel.size());
            }
            content.base = bytes.getLong();
            content.lastNumber = content.base;
            content.take(bytes);
            return content;
        }

        private void take(ByteBuffer bytes) {
            while (bytes.remaining() > Integer.BYTES) {
                int length = bytes.getInt();
                if (length < JournalEntry.HEADER_BYTES || length > bytes.remaining()) {
                    return;
                }
                byte[] document = new byte[length];
                bytes.get(document);
                JournalEntry entry = JournalEntry.decode(document);
                if (entry != null) {
                    end = bytes.position();
                }
                if (entry != null && entry.number() > lastNumber) {
                    lastNumber = entry.number();
                    documents.add(document);
                }
            }
        }
    }
}
