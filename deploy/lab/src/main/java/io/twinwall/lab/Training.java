/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the package's AOT caches (JEP 483, 514, 515): what the JVM learns of classes and hot methods while an agent lives
 * the life it is for, so that the next one starts with it. An agent in a lab is a cold standby beside flows, takes over,
 * serves the other's return and steps down again; then a client asks it for its status. Each writes its cache as it ends.
 *
 * <p>The caches fit this JDK, these jars in this order and these flags; with any other the JVM goes on without.
 */
public final class Training {
    /** The agent's cache, in the package's directory. */
    public static final String AGENT_CACHE = "agent.aot";

    /** That of all other verbs. */
    public static final String CLIENT_CACHE = "client.aot";

    private static final String MAIN = "io.twinwall.daemon.Main";
    private static final int FLOWS = 20_000;
    private static final int KERNEL_FLOWS = 200;
    private static final long SEED = 1;
    private static final long READY_MS = 60_000;
    private static final long TAKEOVER_MS = 10_000;
    private static final long LOOK_MS = 20;

    /** The cache is assembled before the process ends. */
    private static final long END_MS = 90_000;

    private final Path home;
    private final Progress progress;

    private Training(Path home, Progress progress) {
        this.home = home;
        this.progress = progress;
    }

    /** {@code Training DIRECTORY}: the package, with {@code jvm.options} and {@code lib}. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.err).code());
    }

    private static ExitCode run(String[] arguments, PrintStream err) {
        if (arguments.length != 1) {
            err.println("training: expected the directory of the package, found " + arguments.length + " words");
            return ExitCode.USAGE;
        }
        try {
            Privilege.require();
            new Training(Path.of(arguments[0]).toAbsolutePath(), new Progress(err, false)).make();
            return ExitCode.OK;
        } catch (Fatal e) {
            err.println("training: " + e.getMessage());
            return e.exitCode();
        } catch (IOException e) {
            err.println("training: " + e);
            return ExitCode.ENVIRONMENT;
        }
    }

    /**
     * The program of the package in {@code home} without a verb, with the cache when there is one.
     *
     * @param cache {@link #AGENT_CACHE} or {@link #CLIENT_CACHE}
     * @throws IOException when there is no package
     */
    public static List<String> program(Path home, String cache) throws IOException {
        Path file = home.resolve(cache);
        return Files.isRegularFile(file) ? command(home, "-XX:AOTCache=" + file) : command(home);
    }

    /**
     * The jars of the package in {@code home}. Their order is part of what a cache fits. The parser's comes first: the JVM
     * loads two of its classes from the jar at each start, and opens every jar before it. As the launcher has it.
     */
    public static String classPath(Path home) throws IOException {
        Comparator<String> parserFirst = Comparator.comparing(jar -> !jar.contains("/picocli-"));
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            return jars.map(Path::toString)
                    .sorted(parserFirst.thenComparing(Comparator.naturalOrder()))
                    .collect(Collectors.joining(":"));
        }
    }

    private static List<String> command(Path home, String... flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + home.resolve("jvm.options"));
        command.addAll(List.of(flags));
        command.add("-cp");
        command.add(classPath(home));
        command.add(MAIN);
        return List.copyOf(command);
    }

    private void make() throws IOException {
        Path agentNew = home.resolve(AGENT_CACHE + ".new");
        Path clientNew = home.resolve(CLIENT_CACHE + ".new");
        try {
            List<String> plain = command(home);
            List<String> learning = command(home, "-XX:AOTCacheOutput=" + agentNew);
            LabSysctls.roomFor(FLOWS);
            // The profile that a configuration has when it names none.
            try (Lab lab = Lab.create();
                    Pair pair = new Pair(
                            lab,
                            node -> node == FirewallNode.FW_B ? learning : plain,
                            AgentOptions.defaults().withProfile("fast"));
                    Traffic traffic = new Traffic(lab, FLOWS, SEED)) {
                LabAgent pupil = pair.agents().stream()
                        .filter(agent -> agent.node() == FirewallNode.FW_B)
                        .findFirst()
                        .orElseThrow();
                live(pair, pupil, traffic);
                ask(pupil, clientNew);
                progress.line("the agent writes down what it learnt");
                pupil.stop(END_MS);
            }
            keep(agentNew, AGENT_CACHE);
            keep(clientNew, CLIENT_CACHE);
        } finally {
            Files.deleteIfExists(agentNew);
            Files.deleteIfExists(clientNew);
        }
    }

    private void live(Pair pair, LabAgent pupil, Traffic traffic) {
        LabAgent other = pair.other(pupil);
        if (pair.awaitPair(READY_MS, progress::live) == pupil) {
            switchOver(pair, pupil);
        }
        progress.line(pupil.node().nodeName() + " follows " + FLOWS + " flows");
        traffic.open(FLOWS, KERNEL_FLOWS, progress::live);
        pair.awaitPair(READY_MS, progress::live);
        progress.line("it takes over");
        long killedNs = System.nanoTime();
        other.kill();
        if (pair.awaitTakeover(pupil, killedNs, TAKEOVER_MS).isEmpty()) {
            throw new Fatal(ExitCode.REFUSED, "it did not\n" + pair.logs());
        }
        progress.line("it brings the other up to date, and hands over");
        pair.start(other);
        pair.awaitPair(READY_MS, progress::live);
        switchOver(pair, pupil);
    }

    private void switchOver(Pair pair, LabAgent from) {
        String answer = from.switchover(false);
        if (!Waiting.until(
                READY_MS,
                LOOK_MS,
                () -> pair.other(from).status().filter(AgentStatus::master).isPresent())) {
            throw new Fatal(ExitCode.REFUSED, "it did not hand over: " + answer + "\n" + pair.logs());
        }
        pair.awaitPair(READY_MS, progress::live);
    }

    private void ask(LabAgent agent, Path cache) throws IOException {
        progress.line("a client asks for the status");
        List<String> command = new ArrayList<>(command(home, "-XX:AOTCacheOutput=" + cache));
        // In the form that the parser reads, so that the other verbs, too, find it in the cache.
        command.addAll(List.of("status", "--socket=" + agent.socket()));
        Process client = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!client.waitFor(END_MS, TimeUnit.MILLISECONDS)) {
                client.destroyForcibly();
                throw new Fatal(ExitCode.REFUSED, "the client did not end within " + END_MS + " ms");
            }
        } catch (InterruptedException e) {
            client.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new Fatal(ExitCode.REFUSED, "interrupted", e);
        }
    }

    private void keep(Path made, String name) throws IOException {
        if (!Files.isRegularFile(made)) {
            throw new Fatal(ExitCode.REFUSED, "the JVM wrote no " + name);
        }
        Files.move(made, home.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        progress.line(home.resolve(name) + ", " + (Files.size(home.resolve(name)) >> 20) + " MB");
    }
}
