/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import io.twinwall.base.BugError;
import io.twinwall.base.Check;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.core.io.Closeable;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.TableStoreWriteLock;
import net.openhft.chronicle.threads.Pauser;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Documents in a Chronicle queue: appended at the end, read file by file, thrown away file by file. What {@link
 * #append} has returned from is in the page cache of the kernel, and so survives the end of the process however it
 * ends, though not that of the kernel.
 *
 * <p>One thread at a time. Any exception leaves it in doubt: close it, and open another.
 */
final class RecordQueue implements AutoCloseable {
    private static final Logger LOG = System.getLogger("twinwall.journal");

    /** What one document may have. */
    static final int DOCUMENT_BYTES_MAX = 48 << 10;

    /** What is mapped at once, and once more behind it; the smallest that takes the longest document. */
    private static final int CHUNK_BYTES = 64 << 10;

    private static final int METADATA_BYTES = 2 * CHUNK_BYTES;

    /** Of the queue's own notes, what an append changes: its lock. */
    private static final int NOTES_BYTES = 4 << 10;

    /** What may be written beside a document. */
    private static final int INDEX_BYTES = 2 << 10;

    private static final long WAIT_MS = 500;

    private final RollFiles files;
    private final QueueShape shape;
    private final long bytesMax;
    private final Pages pages;
    private final RollCycle rollCycle;
    private final RollClock clock;
    private final SingleChronicleQueue queue;
    private MappedBytes notes;
    private CurrentFile current;
    private ExcerptAppender appender;

    private RecordQueue(Path directory, QueueShape shape, long bytesMax, Pages pages, boolean readOnly)
            throws IOException {
        this.shape = shape;
        this.bytesMax = bytesMax;
        this.pages = pages;
        files = new RollFiles(directory, shape.format(), shape.cycleMs());
        clock = new RollClock(shape.cycleMs());
        if (!readOnly) {
            PrivateFiles.directory(directory);
            files.repair();
            files.reserveMetadata(METADATA_BYTES);
        }
        ChronicleSetup.ensure();
        rollCycle = rollCycle(shape);
        queue = ChronicleQueue.singleBuilder(directory)
                .rollCycle(rollCycle)
                .indexCount(shape.indexCount())
                .indexSpacing(shape.indexSpacing())
                .blockSize(CHUNK_BYTES)
                .timeProvider(clock)
                .timeoutMS(WAIT_MS)
                .readOnly(readOnly)
                .build();
    }

    private static RollCycle rollCycle(QueueShape shape) {
        for (RollCycle each : RollCycles.all()) {
            if (each.format().equals(shape.format())) {
                Check.that(each.lengthInMillis() == shape.cycleMs(), "a roll cycle of another length");
                return each;
            }
        }
        throw new BugError("no roll cycle " + shape.format());
    }

    /** Opens, or makes, the queue in {@code directory}, which nobody else may write to. */
    static RecordQueue open(Path directory, QueueShape shape, long bytesMax, Pages pages) throws IOException {
        RecordQueue opened = new RecordQueue(directory, shape, bytesMax, pages, false);
        boolean done = false;
        try {
            opened.takeOver();
            done = true;
            return opened;
        } finally {
            if (!done) {
                opened.close();
            }
        }
    }

    /** Opens the queue in {@code directory} to read it, also while another process writes to it. */
    static RecordQueue reader(Path directory, QueueShape shape) throws IOException {
        return new RecordQueue(directory, shape, Long.MAX_VALUE, Pages.UNTOUCHED, true);
    }

    /** What a process that was killed left: a lock that nobody holds, and a document that it had only begun. */
    private void takeOver() throws IOException {
        try (TableStoreWriteLock lock = new TableStoreWriteLock(queue.metaStore(), Pauser::balanced, WAIT_MS)) {
            if (lock.locked()) {
                lock.forceUnlock();
            }
        }
        notes = queue.metaStore().bytes();
        queue.refreshDirectoryListing();
        NavigableMap<Integer, Path> cycles = files.cycles();
        if (!cycles.isEmpty()) {
            clock.atLeast(cycles.lastKey());
            follow();
            if (current != null) {
                RollFiles.clearBehind(current.path(), current.end());
            }
        }
    }

    /**
     * Appends {@code document}; when this returns it is kept.
     *
     * @throws IOException when the disk has no room for it
     */
    void append(byte[] document, long nowMs) throws IOException {
        Check.that(document.length <= DOCUMENT_BYTES_MAX, "a document that long", document.length);
        clock.advance(nowMs);
        follow();
        if (current != null && current.end() > shape.fileBytesMax()) {
            clock.next();
            follow();
        }
        makeRoom(document.length);
        if (appender == null) {
            appender = queue.createAppender();
        }
        DocumentContext context = appender.writingDocument();
        boolean whole = false;
        try {
            context.wire().bytes().write(document, 0, document.length);
            whole = true;
        } finally {
            if (!whole) {
                context.rollbackOnClose();
            }
            context.close();
        }
    }

    /** {@link #current} is the file of the clock's cycle, or null. */
    private void follow() {
        if (current != null && current.cycle() == clock.cycle()) {
            return;
        }
        leave();
        current = CurrentFile.of(queue, clock.cycle());
    }

    private void leave() {
        if (current != null) {
            current.close();
            current = null;
        }
    }

    /** On the disk, and under the bound: what the next document may need. */
    private void makeRoom(int documentBytes) throws IOException {
        if (current == null) {
            long wanted = roomFor(0);
            free(wanted);
            files.reserveNew(clock.cycle(), wanted);
            return;
        }
        long wanted = roomFor(current.end());
        long more = wanted - Files.size(current.path());
        if (more > 0) {
            free(more);
            files.reserve(current.path(), wanted);
        }
        boolean writable = pages.writable(notes.addressForWrite(0), NOTES_BYTES)
                && current.writable(pages, documentBytes + INDEX_BYTES);
        if (!writable) {
            throw new IOException("no room on the disk of " + queue.file());
        }
    }

    /**
     * How long a file must be for one more document behind {@code end}: of any chunk that may be mapped then, all of
     * it.
     */
    private static long roomFor(long end) {
        return ((end + 2L * CHUNK_BYTES) / CHUNK_BYTES + 2) * CHUNK_BYTES;
    }

    private void free(long bytesMore) throws IOException {
        if (files.makeRoom(clock.cycle(), bytesMore, bytesMax, Long.MIN_VALUE)) {
            queue.refreshDirectoryListing();
        }
    }

    /** Throws away what nobody wrote to since {@code oldestMs}. */
    void retain(long oldestMs) throws IOException {
        if (files.makeRoom(clock.cycle(), 0, bytesMax, oldestMs)) {
            queue.refreshDirectoryListing();
        }
    }

    /** Files were deleted. */
    void refresh() {
        queue.refreshDirectoryListing();
    }

    long bytes() throws IOException {
        return files.bytes();
    }

    /** Gives {@code visitor} the documents of {@code cycle}, in order. */
    void read(int cycle, RecordSource.Visitor visitor) throws IOException {
        try {
            RollFiles.warm(files.file(cycle), shape.fileBytesMax() + 4L * CHUNK_BYTES);
        } catch (NoSuchFileException e) {
            // Thrown away since it was listed.
            return;
        }
        try (ExcerptTailer tailer = queue.createTailer()) {
            boolean more = tailer.moveToIndex(rollCycle.toIndex(cycle, 0));
            while (more) {
                try (DocumentContext context = tailer.readingDocument()) {
                    more = context.isPresent()
                            && rollCycle.toCycle(context.index()) == cycle
                            && visitor.document(content(context.wire().bytes()));
                }
            }
        }
    }

    private static byte[] content(Bytes<?> bytes) {
        byte[] document = new byte[(int) Math.min(bytes.readRemaining(), DOCUMENT_BYTES_MAX)];
        bytes.read(document);
        return document;
    }

    /** The files, the newest first. */
    List<RecordSource> newestFirst() throws IOException {
        List<RecordSource> sources = new ArrayList<>();
        for (int cycle : files.cycles().descendingKeySet()) {
            sources.add(visitor -> read(cycle, visitor));
        }
        return sources;
    }

    /** What fails here has failed before. */
    @Override
    public void close() {
        try {
            leave();
            if (notes != null) {
                notes.releaseLast();
            }
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "a mapping was not given back", e);
        } finally {
            Closeable.closeQuietly(appender, queue);
        }
    }
}
