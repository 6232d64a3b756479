/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executor;

/**
 * The highest term this node has claimed, in a file, so that a restart does not claim an old one again. Written beside and
 * renamed, by a thread that nothing waits for.
 */
final class TermFile {
    /** Told when a term is stored, or why not ({@code problem} not empty). On the writing thread. */
    interface Listener {
        void onStored(long token, String problem);
    }

    private final Path file;
    private final Executor writer;
    private final Listener listener;

    TermFile(Path directory, Executor writer, Listener listener) {
        file = directory.resolve("term");
        this.writer = writer;
        this.listener = listener;
    }

    /** The stored term, or 0 when there is none. */
    long load() {
        try {
            return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
        } catch (IOException | NumberFormatException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    file + " does not hold a term (" + e.getMessage() + "). Remove it to start anew.");
        }
    }

    /** Stores {@code term} soon; the listener hears of it under {@code token}. */
    void store(long term, long token) {
        writer.execute(() -> listener.onStored(token, write(term)));
    }

    private String write(long term) {
        Path beside = file.resolveSibling("term.new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap((term + "\n").getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
        } catch (IOException e) {
            return beside + ": " + e.getMessage();
        }
        try {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            return file + ": " + e.getMessage();
        }
        return "";
    }
}
