/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads a journal and changes nothing, whether its agent runs or not: in another process. */
public final class JournalReader implements AutoCloseable {
    private static final QueueShape SHAPE = QueueShape.records(Long.MAX_VALUE);

    private final Path directory;
    private final RecordScan scan;
    private RecordQueue queue;

    private JournalReader(Path directory) {
        this.directory = directory;
        scan = new RecordScan(this::spool, this::files);
    }

    /** Opens the journal in {@code directory}; {@link NoSuchFileException}: there is none. */
    public static JournalReader open(Path directory) throws IOException {
        if (!Files.exists(Journal.spool(directory)) && !Files.exists(Journal.records(directory))) {
            throw new NoSuchFileException(directory + ": no journal there");
        }
        return new JournalReader(directory);
    }

    private void spool(RecordSource.Visitor visitor) throws IOException {
        if (Files.exists(Journal.spool(directory))) {
            Spool.read(Journal.spool(directory), visitor);
        }
    }

    private List<RecordSource> files() throws IOException {
        Path records = Journal.records(directory);
        if (!Files.exists(records.resolve(RollFiles.METADATA))) {
            return List.of();
        }
        if (queue == null) {
            queue = RecordQueue.reader(records, SHAPE);
        }
        return queue.newestFirst();
    }

    public JournalPage page(JournalQuery query) throws IOException {
        return scan.page(query);
    }

    /** The record of that number with what is around it, if it is still there. */
    public Optional<JournalStory> story(long number) throws IOException {
        return scan.story(number);
    }

    @Override
    public void close() {
        if (queue != null) {
            queue.close();
        }
    }
}
