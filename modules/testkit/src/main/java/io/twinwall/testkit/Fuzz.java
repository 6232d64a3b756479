/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import com.sun.management.ThreadMXBean;
import io.twinwall.base.SeededRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Throws mutated bytes at a decoder. The inputs in {@code src/test/resources/fuzz/NAME} are tried as they are, then
 * mutated; one that makes something happen that had not happened before joins them for the rest of the run. What happened
 * is told by a number that the target answers: counters touched, refusals, lengths, whatever tells one way through its code
 * from another.
 *
 * <p>What no input may do: throw, unless the target itself says that it may; take longer than {@value #SLOW_MS} ms; allocate
 * more than the target's bound; never come back. The input of a failure is made as short as it goes, printed, and written to {@code
 * target/fuzz}; mended, it belongs into the corpus.
 */
public final class Fuzz {
    private static final String TIMES = "twinwall.fuzz.times";

    private static final Path CORPUS = Path.of("src", "test", "resources", "fuzz");
    private static final Path FINDINGS = Path.of("target", "fuzz");
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SLOW_MS = 5_000;
    private static final long STUCK_MS = 20_000;
    private static final int CORPUS_MAX = 4_096;
    private static final long ALLOCATION_MAX = 4 << 20;

    private final String name;
    private final List<byte[]> corpus = new ArrayList<>();
    private final Set<Long> seen = new HashSet<>();
    private long allocationMax = ALLOCATION_MAX;
    private int bytesMax = 4_096;
    private String[] words = {};
    private volatile byte[] current = {};
    private volatile long currentSinceNs;

    /** Takes any bytes. */
    @FunctionalInterface
    public interface Target {
        /** Answers what happened, as a number; throws when something did that must not. */
        long run(byte[] input) throws Exception;
    }

    private Fuzz(String name) {
        this.name = name;
    }

    /** With the corpus in {@code fuzz/name} of the module's test resources; a target without a file there is a mistake. */
    public static Fuzz of(String name) {
        Fuzz fuzz = new Fuzz(name);
        fuzz.corpus.addAll(files(CORPUS.resolve(name)));
        return fuzz;
    }

    /** With inputs that the test makes itself. */
    public static Fuzz of(String name, List<byte[]> inputs) {
        Fuzz fuzz = new Fuzz(name);
        fuzz.corpus.addAll(inputs);
        Path directory = CORPUS.resolve(name);
        if (Files.isDirectory(directory)) {
            fuzz.corpus.addAll(files(directory));
        }
        return fuzz;
    }

    /** {@code -Dtwinwall.fuzz.times=N}: how often its share each target is to have, 1 by default. */
    public static int times() {
        int times = Integer.getInteger(TIMES, 1);
        if (times < 1) {
            throw new AssertionError(TIMES + ": expected 1 or more, found " + times);
        }
        return times;
    }

    /** Longest input that is made. */
    public Fuzz bytesMax(int bytes) {
        bytesMax = bytes;
        return this;
    }

    /** Bytes that one input may make the target allocate. */
    public Fuzz allocationMax(long bytes) {
        allocationMax = bytes;
        return this;
    }

    /** Words that mutations put in besides bytes, for text. */
    public Fuzz words(String... some) {
        words = some.clone();
        return this;
    }

    /** Tries the corpus and then {@code share} mutations, {@link #times} over: about half a second's by default. */
    public void run(int share, Target target) {
        if (FuzzEntry.takes(target, corpus)) {
            return;
        }
        if (corpus.isEmpty()) {
            throw new AssertionError(
                    "no input for " + name + " in " + CORPUS.resolve(name).toAbsolutePath());
        }
        long cases = (long) share * times();
        SeededRandom random = Seeds.random("fuzz " + name);
        CompletableFuture<Void> end = new CompletableFuture<>();
        currentSinceNs = System.nanoTime();
        Thread worker = Thread.ofPlatform().daemon().name("fuzz-" + name).start(() -> {
            try {
                work(cases, random, target);
                end.complete(null);
            } catch (Throwable thrown) {
                end.completeExceptionally(thrown);
            }
        });
        await(worker, end);
    }

    private void await(Thread worker, CompletableFuture<Void> end) {
        while (true) {
            try {
                end.get(1, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException e) {
                if (System.nanoTime() - currentSinceNs > STUCK_MS * 1_000_000) {
                    AssertionError stuck = new AssertionError(about(current, "does not come back"));
                    stuck.setStackTrace(worker.getStackTrace());
                    throw stuck;
                }
            } catch (ExecutionException e) {
                throw e.getCause() instanceof AssertionError failed ? failed : new AssertionError(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    private void work(long cases, SeededRandom random, Target target) {
        List<byte[]> given = List.copyOf(corpus);
        for (byte[] input : given) {
            seen.add(check(input, target));
        }
        Mutator mutator = new Mutator(random, corpus, bytesMax, words);
        long startNs = System.nanoTime();
        for (long i = 0; i < cases; i++) {
            byte[] input = mutator.next();
            if (seen.add(check(input, target)) && corpus.size() < CORPUS_MAX) {
                corpus.add(input);
            }
        }
        double seconds = (System.nanoTime() - startNs) / 1e9;
        System.out.printf(
                "fuzz %s: %,d cases in %.1f s (%,.0f a second), %d inputs given, %d ways found%n",
                name, cases, seconds, cases / seconds, given.size(), seen.size());
    }

    private long check(byte[] input, Target target) {
        current = input;
        currentSinceNs = System.nanoTime();
        Throwable thrown = misbehaviour(input, target);
        if (thrown == null) {
            return lastSignature;
        }
        byte[] least = shorter(input, target, thrown.getClass());
        Throwable again = misbehaviour(least, target);
        throw new AssertionError(about(least, "makes it fail"), again == null ? thrown : again);
    }

    private long lastSignature;

    private Throwable misbehaviour(byte[] input, Target target) {
        long beforeBytes = THREADS.getCurrentThreadAllocatedBytes();
        long beforeNs = System.nanoTime();
        try {
            lastSignature = target.run(input.clone());
        } catch (Throwable thrown) {
            return thrown;
        }
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - beforeBytes;
        long ms = (System.nanoTime() - beforeNs) / 1_000_000;
        if (bytes > allocationMax) {
            return new AssertionError(bytes + " bytes were allocated");
        }
        return ms > SLOW_MS ? new AssertionError("it took " + ms + " ms") : null;
    }

    /** Leaves bytes out while it still fails alike. */
    private byte[] shorter(byte[] input, Target target, Class<?> how) {
        byte[] least = input;
        for (int step = Math.max(1, least.length / 2); step > 0; step /= 2) {
            for (int at = 0; at + step <= least.length; ) {
                byte[] without = without(least, at, step);
                Throwable thrown = misbehaviour(without, target);
                if (thrown != null && thrown.getClass() == how) {
                    least = without;
                } else {
                    at += step;
                }
            }
        }
        return least;
    }

    private static byte[] without(byte[] bytes, int at, int count) {
        byte[] left = Arrays.copyOf(bytes, bytes.length - count);
        System.arraycopy(bytes, at + count, left, at, bytes.length - at - count);
        return left;
    }

    private String about(byte[] input, String what) {
        String hash = String.format("%016x", SeededRandom.mix(Arrays.hashCode(input)));
        Path file = FINDINGS.resolve(name).resolve(hash);
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return name + ": " + what + " (" + file.toAbsolutePath() + "; mended, it belongs into " + CORPUS.resolve(name)
                + "): " + HexFormat.of().formatHex(input);
    }

    private static List<byte[]> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<byte[]> contents = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                contents.add(Files.readAllBytes(file));
            }
            return contents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
