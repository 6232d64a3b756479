/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The records of one node, numbered from 1 through all its lives: the newest in a {@link Spool}, the others in a {@link
 * RecordQueue}, which is opened only when it is wanted. One process writes to a directory, one thread of it uses this;
 * any exception ends its use: close it, and open another.
 */
public final class Journal implements AutoCloseable {
    private static final Logger LOG = System.getLogger("twinwall.journal");
    private static final long UNKNOWN = -1;
    private static final String LOCK = "lock";
    private static final String RECORDS = "records";
    private static final String SPOOL = "spool";

    /** Damaged spools take no more than one of so many parts of what the journal may. */
    private static final int ASIDE_SHARE = 4;

    private final JournalConfig config;
    private final Pages pages;
    private final DirectoryLock lock;
    private final RollFiles files;
    private final RecordScan scan;
    private Spool spool;
    private RecordQueue queue;
    private String lost = "";

    /** Summed up when it is asked for and they may have changed since. */
    private long filesBytes = UNKNOWN;

    private Journal(JournalConfig config, Pages pages, DirectoryLock lock) {
        this.config = config;
        this.pages = pages;
        this.lock = lock;
        QueueShape shape = shape(config);
        files = new RollFiles(records(config.directory()), shape.format(), shape.cycleMs());
        scan = new RecordScan(visitor -> Spool.read(spool(config.directory()), visitor), this::files);
    }

    /** Where a journal in {@code directory} has its queue. */
    static Path records(Path directory) {
        return directory.resolve(RECORDS);
    }

    static Path spool(Path directory) {
        return directory.resolve(SPOOL);
    }

    private static QueueShape shape(JournalConfig config) {
        return QueueShape.records(config.bytesMax());
    }

    /**
     * Opens or makes the journal; what a killed process left unfinished is cleared away, and a damaged spool set aside.
     *
     * @throws IOException when the directory cannot be used, or another process does
     */
    public static Journal open(JournalConfig config, Pages pages) throws IOException {
        PrivateFiles.directory(config.directory());
        PrivateFiles.tighten(records(config.directory()));
        PrivateFiles.tighten(DeltaJournal.deltas(config.directory()));
        Journal journal =
                new Journal(config, pages, DirectoryLock.take(config.directory().resolve(LOCK)));
        boolean done = false;
        try {
            journal.openSpool();
            done = true;
            return journal;
        } finally {
            if (!done) {
                journal.close();
            }
        }
    }

    private void openSpool() throws IOException {
        Path file = spool(config.directory());
        String damage = "";
        if (Files.exists(file)) {
            try {
                spool = Spool.open(file, config.spoolBytes());
                return;
            } catch (Spool.Damaged e) {
                damage = e.getMessage();
            }
        }
        long moved = RecordScan.lastNumber(files());
        // Until there is another the damaged one stays: on a full disk it would else be forgotten untold.
        Optional<Path> aside = Spool.create(file, moved);
        if (aside.isPresent()) {
            lost = damage + "; it is kept as " + aside.get().getFileName()
                    + ", and the newest records, all behind number " + moved + ", are lost";
            LOG.log(Level.WARNING, "{0}: {1}", config.directory(), lost);
        }
        spool = Spool.open(file, config.spoolBytes());
    }

    /** What was lost when this was opened, in words; mostly empty. */
    public String lost() {
        return lost;
    }

    /**
     * Appends {@code record}; when this returns, the end of this process cannot take it back.
     *
     * @param atMs by the clock of the host
     * @return its number
     * @throws IOException when the disk has no room for it
     */
    public long append(long atMs, JournalRecord record) throws IOException {
        byte[] json = RecordText.of(record).getBytes(StandardCharsets.UTF_8);
        if (json.length > RecordQueue.DOCUMENT_BYTES_MAX - JournalEntry.HEADER_BYTES) {
            json = ("{\"tooLong\":" + json.length + "}").getBytes(StandardCharsets.UTF_8);
        }
        long number = spool.lastNumber() + 1;
        byte[] document = JournalEntry.encode(number, atMs, record.kind(), json);
        if (!spool.hasRoomFor(document.length)) {
            move();
        }
        spool.append(number, document);
        return number;
    }

    /** Out of the spool into the queue. */
    private void move() throws IOException {
        filesBytes = UNKNOWN;
        long there = RecordScan.lastNumber(files());
        for (byte[] document : spool.documents()) {
            JournalEntry entry = JournalEntry.decode(document);
            if (entry.number() > there) {
                queue().append(document, entry.atMs());
            }
        }
        spool.clear();
    }

    private RecordQueue queue() throws IOException {
        if (queue == null) {
            filesBytes = UNKNOWN;
            queue = RecordQueue.open(
                    records(config.directory()),
                    shape(config),
                    config.filesBytesMax() - Spool.asideBytes(spool(config.directory())),
                    pages);
        }
        return queue;
    }

    /** What is moved, without opening a queue in which nothing is. */
    private List<RecordSource> files() throws IOException {
        return files.cycles().isEmpty() ? List.of() : queue().newestFirst();
    }

    /** The number of the last record; 0: there was none yet. */
    public long lastNumber() {
        return spool.lastNumber();
    }

    /** Throws away what is too old by {@code nowMs}. */
    public void retain(long nowMs) throws IOException {
        long oldestMs = nowMs - config.ageMsMax();
        spool.forget(oldestMs);
        Path file = spool(config.directory());
        Spool.forgetAside(file, oldestMs, config.bytesMax() / ASIDE_SHARE);
        filesBytes = UNKNOWN;
        // The one that is written to is not old, whatever its name.
        int kept = files.cycles().isEmpty() ? 0 : files.cycles().lastKey();
        if (files.makeRoom(kept, 0, config.filesBytesMax() - Spool.asideBytes(file), oldestMs) && queue != null) {
            queue.refresh();
        }
    }

    /** Bytes on the disk. */
    public long bytes() throws IOException {
        if (filesBytes == UNKNOWN) {
            filesBytes = files.bytes() + Spool.asideBytes(spool(config.directory()));
        }
        return filesBytes + spool.bytes();
    }

    public JournalPage page(JournalQuery query) throws IOException {
        return scan.page(query);
    }

    /** The record of that number with what is around it, if it is still there. */
    public Optional<JournalStory> story(long number) throws IOException {
        return scan.story(number);
    }

    @Override
    public void close() throws IOException {
        try {
            if (queue != null) {
                queue.close();
            }
            if (spool != null) {
                spool.close();
            }
        } finally {
            lock.close();
        }
    }
}
