/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The packaged program, run as its users run it: a process of its own, with the flags, libraries and caches of the package.
 * The caches are made here when the first process is to start.
 */
final class Program {
    private static final Path HOME = Path.of("target", "twinwall").toAbsolutePath();
    private static final int TRAINING_SECONDS = 240;

    private static final int ASK_SECONDS = 30;
    private static final String MAIN = "io.twinwall.daemon.Main";

    /** How a run ended. */
    record Ended(int exitCode, String out, String err) {}

    private static Ended training;

    private Program() {}

    /** Where the package is: its flags and its libraries. */
    static Path home() {
        return HOME;
    }

    /** How the making of the caches ended. Where it failed there are none, and all go on without. */
    static synchronized Ended training() {
        if (training == null) {
            assertTrue(Files.isDirectory(HOME.resolve("lib")), "the package is not assembled at " + HOME);
            training = train();
            System.out.println(training.err());
        }
        return training;
    }

    private static Ended train() {
        try {
            // Of an earlier build they would not fit.
            Files.deleteIfExists(HOME.resolve(Training.AGENT_CACHE));
            Files.deleteIfExists(HOME.resolve(Training.CLIENT_CACHE));
            return run(uncached(Training.class.getName()), TRAINING_SECONDS, HOME.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (AssertionError e) {
            return new Ended(-1, "", e.getMessage());
        }
    }

    /** The agent's command, or of those that start agents with their own flags, without a verb. */
    static List<String> command() {
        return cached(Training.AGENT_CACHE);
    }

    /** The command of an operator's verbs, without the verb. */
    static List<String> client() {
        return cached(Training.CLIENT_CACHE);
    }

    /** The same without a cache. */
    static List<String> uncached() {
        return uncached(MAIN);
    }

    /** The version before, with the libraries of this one. */
    static List<String> previousCommand() {
        Path jar = Path.of("src", "test", "previous", "twinwall-previous.jar").toAbsolutePath();
        assertTrue(Files.isRegularFile(jar), "no " + jar);
        List<String> command = new ArrayList<>(uncached());
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, jar + ":" + command.get(classPath));
        return List.copyOf(command);
    }

    private static List<String> cached(String cache) {
        training();
        try {
            return Training.program(HOME, cache);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> uncached(String main) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + HOME.resolve("jvm.options"),
                "-cp",
                classPath(),
                main);
    }

    /** Runs it to its end, within {@code seconds}. */
    static Ended run(int seconds, String... arguments) {
        return run(client(), seconds, arguments);
    }

    /** What an operator's {@code words} to {@code agent} come to. */
    static Ended ask(LabAgent agent, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--socket", agent.socket().toString()));
        return run(ASK_SECONDS, arguments.toArray(String[]::new));
    }

    /** The same with another program of the package, which starts agents. */
    static Ended runMain(String main, int seconds, String... arguments) {
        List<String> command = new ArrayList<>(command());
        command.set(command.size() - 1, main);
        return run(command, seconds, arguments);
    }

    /** The same with a command of its own. */
    static Ended run(List<String> program, int seconds, String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile("twinwall", ".out");
            Path err = Files.createTempFile("twinwall", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
                if (!ended) {
                    process.destroy();
                    process.waitFor(10, TimeUnit.SECONDS);
                }
                Ended result = new Ended(
                        ended ? process.exitValue() : -1,
                        Files.readString(out, StandardCharsets.UTF_8),
                        Files.readString(err, StandardCharsets.UTF_8));
                assertTrue(ended, "did not end within " + seconds + " s: " + result);
                return result;
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static String classPath() {
        try {
            return Training.classPath(HOME);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
