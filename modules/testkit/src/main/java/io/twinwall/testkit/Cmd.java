/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import io.twinwall.linux.NetNs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program to its end, within a deadline, and fails the test with everything it said when it did not succeed. For
 * tests and the lab only: the product runs no programs.
 */
public final class Cmd {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    /** What a program answered. */
    public record Result(int exitCode, String stdout, String stderr) {}

    private Cmd() {}

    /** Runs a program; returns its standard output. */
    public static String run(String... command) {
        return checked(command, tryRun("", command));
    }

    /** As {@link #run}, with {@code input} on its standard input. */
    public static String runWithInput(String input, String... command) {
        return checked(command, tryRun(input, command));
    }

    /** As {@link #run}, inside the network namespace {@code netNs} (a name or a path). */
    public static String in(String netNs, String... command) {
        return checked(command, tryIn(netNs, "", command));
    }

    /** As {@link #in}, with {@code input} on its standard input, such as a ruleset for {@code nft -f -}. */
    public static String inWithInput(String netNs, String input, String... command) {
        return checked(command, tryIn(netNs, input, command));
    }

    /** Runs a program that may fail. */
    public static Result tryRun(String input, String... command) {
        return finish(start(command), input, command);
    }

    /** Runs a program that may fail, inside the network namespace {@code netNs}. */
    public static Result tryIn(String netNs, String input, String... command) {
        return finish(startIn(netNs, command), input, command);
    }

    /** Starts a program inside {@code netNs} and leaves it to the caller; it inherits nothing but the namespace. */
    public static Process startIn(String netNs, String... command) {
        try {
            // A child belongs to the namespace of the thread that made it: no need for `ip netns exec`.
            return NetNs.call(netNs, () -> start(command));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(text(command) + " in " + netNs + ": " + e, e);
        }
    }

    private static Process start(String... command) {
        try {
            return new ProcessBuilder(List.of(command)).start();
        } catch (IOException e) {
            throw new AssertionError("cannot start " + text(command) + ": " + e.getMessage(), e);
        }
    }

    private static Result finish(Process process, String input, String... command) {
        CompletableFuture<String> stdout = drain(process.getInputStream());
        CompletableFuture<String> stderr = drain(process.getErrorStream());
        try {
            feed(process, input);
            if (!process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(text(command) + " did not end within " + DEADLINE.toSeconds() + " s");
            }
            return new Result(process.exitValue(), stdout.join(), stderr.join());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + text(command), e);
        }
    }

    private static void feed(Process process, String input) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The program ended without reading it all; its exit code and stderr say why.
        }
    }

    private static CompletableFuture<String> drain(InputStream stream) {
        CompletableFuture<String> all = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                all.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                all.completeExceptionally(new UncheckedIOException(e));
            }
        });
        return all;
    }

    private static String checked(String[] command, Result result) {
        if (result.exitCode() != 0) {
            List<String> lines = new ArrayList<>(List.of(text(command) + ": exit code " + result.exitCode()));
            lines.add("stdout: " + result.stdout().strip());
            lines.add("stderr: " + result.stderr().strip());
            throw new AssertionError(String.join("\n", lines));
        }
        return result.stdout();
    }

    private static String text(String... command) {
        return String.join(" ", command);
    }
}
