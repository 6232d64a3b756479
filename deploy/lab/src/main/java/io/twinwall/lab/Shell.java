/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs the system's own tools ({@code ip}, {@code nft}), each with a deadline. Never called from a thread that entered a
 * namespace: helper threads started here would stay in it.
 */
public final class Shell {
    private static final long DEADLINE_SECONDS = 30;

    private Shell() {}

    /**
     * What a command said and how it ended.
     *
     * @param output its standard output; of one that failed also what it complained of, which would else stand in the midst of it
     */
    public record Result(int status, String output) {}

    /** Runs {@code command}; its output, or {@link Fatal} with all it said when it fails. */
    public static String run(String... command) {
        return run("", List.of(command));
    }

    /** As {@link #run(String...)}, with {@code input} (at most a pipe's 64 KiB) on its standard input. */
    public static String run(String input, List<String> command) {
        Result result = attempt(input, command);
        if (result.status() != 0) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    String.join(" ", command) + " ended with status " + result.status() + ": "
                            + result.output().strip()
                            + (input.isEmpty() ? "" : "\n  its input was:\n" + input.indent(4)));
        }
        return result.output();
    }

    /** Runs {@code command} and answers what happened; only a missing program is {@link Fatal}. */
    public static Result attempt(String input, List<String> command) {
        try {
            Process process = new ProcessBuilder(command).start();
            CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()));
            CompletableFuture<String> errors = CompletableFuture.supplyAsync(() -> readAll(process.getErrorStream()));
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // The command ended without reading; its status and output say why.
            }
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Result(-1, "no end within " + DEADLINE_SECONDS + " s");
            }
            String said = output.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            int status = process.exitValue();
            return new Result(status, status == 0 ? said : said + errors.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    "cannot run " + command.getFirst() + " (" + e.getMessage()
                            + "); install iproute2, nftables and conntrack",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Fatal(ExitCode.ENVIRONMENT, "interrupted during " + String.join(" ", command), e);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "no output from " + String.join(" ", command), e);
        }
    }

    private static String readAll(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
