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

/** The packaged program, run as its users run it: a process of its own, with the flags and libraries of the package. */
final class Program {
    private static final Path HOME = Path.of("target", "twinwall").toAbsolutePath();

    private static final int ASK_SECONDS = 30;
    private static final String MAIN = "io.twinwall.daemon.Main";

    /** How a run ended. */
    record Ended(int exitCode, String out, String err) {}

    private Program() {}

    /** Where the package is: its flags and its libraries. */
    static Path home() {
        return HOME;
    }

    /** The command without a verb. */
    static List<String> command() {
        return command(MAIN);
    }

    /** The version before, with the libraries of this one. */
    static List<String> previousCommand() {
        Path jar = Path.of("src", "test", "previous", "twinwall-previous.jar").toAbsolutePath();
        assertTrue(Files.isRegularFile(jar), "no " + jar);
        List<String> command = new ArrayList<>(command());
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, jar + ":" + command.get(classPath));
        return List.copyOf(command);
    }

    private static List<String> command(String main) {
        assertTrue(Files.isDirectory(HOME.resolve("lib")), "the package is not assembled at " + HOME);
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + HOME.resolve("jvm.options"),
                "-cp",
                classPath(),
                main);
    }

    /** Runs it to its end, within {@code seconds}. */
    static Ended run(int seconds, String... arguments) {
        return runMain(MAIN, seconds, arguments);
    }

    /** What an operator's {@code words} to {@code agent} come to. */
    static Ended ask(LabAgent agent, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--socket", agent.socket().toString()));
        return run(ASK_SECONDS, arguments.toArray(String[]::new));
    }

    /** The same with another program of the package. */
    static Ended runMain(String main, int seconds, String... arguments) {
        return run(command(main), seconds, arguments);
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
