/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the messages of a {@link DeltaJournal} and changes nothing, whether its agent runs or not: in another process.
 */
public final class DeltaReader implements AutoCloseable {
    private static final QueueShape SHAPE = QueueShape.deltas(Long.MAX_VALUE);

    /** Hears of each message; false ends it. A null buffer: what was here is damaged. */
    @FunctionalInterface
    public interface Visitor {
        boolean message(DirectBuffer buffer, int offset, int length);
    }

    private final RecordQueue queue;

    private DeltaReader(RecordQueue queue) {
        this.queue = queue;
    }

    /** Opens the deltas of the journal in {@code directory}; {@link NoSuchFileException}: there are none. */
    public static DeltaReader open(Path directory) throws IOException {
        Path deltas = DeltaJournal.deltas(directory);
        if (!Files.exists(deltas.resolve(RollFiles.METADATA))) {
            throw new NoSuchFileException(
                    directory + ": no deltas there; [journal] deltas = true keeps them from then on");
        }
        return new DeltaReader(RecordQueue.reader(deltas, SHAPE));
    }

    /** How many files there are. */
    public int files() throws IOException {
        return queue.newestFirst().size();
    }

    /** Gives {@code visitor} all messages of the newest {@code files} files, in order. */
    public void read(int files, Visitor visitor) throws IOException {
        List<RecordSource> sources = queue.newestFirst();
        boolean[] more = {true};
        for (int i = Math.min(files, sources.size()) - 1; i >= 0 && more[0]; i--) {
            sources.get(i).read(document -> {
                more[0] = messages(document, visitor);
                return more[0];
            });
        }
    }

    private static boolean messages(byte[] document, Visitor visitor) {
        ByteBuffer messages = DeltaDocument.messages(document);
        if (messages == null) {
            return visitor.message(null, 0, 0);
        }
        UnsafeBuffer buffer = new UnsafeBuffer(document);
        while (messages.hasRemaining()) {
            int length = messages.getInt();
            if (!visitor.message(buffer, messages.position(), length)) {
                return false;
            }
            messages.position(messages.position() + length);
        }
        return true;
    }

    @Override
    public void close() {
        queue.close();
    }
}
