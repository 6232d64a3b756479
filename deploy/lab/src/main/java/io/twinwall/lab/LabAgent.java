/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.json.JsonMapper;

/**
 * An agent in its firewall's namespace: the real program, a process of its own, started with {@code ip netns exec}
 * (which becomes the program, so the child's id is the agent's), killed and stopped with the real signals.
 */
public final class LabAgent implements Victim, AutoCloseable {
    private static final int SIGHUP = 1;
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final long ANSWER_MS = 1_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Lab lab;
    private final AgentConfig config;
    private final List<String> command;
    private Process process;

    /**
     * @param program the program without verb, e.g. {@code java … io.twinwall.daemon.Main}
     */
    public LabAgent(Lab lab, FirewallNode node, List<String> program, AgentOptions options) {
        this.lab = lab;
        Path directory = lab.directory().resolve(node.nodeName());
        this.config = new AgentConfig(node, options, directory, lab.runtimeDirectory(node));
        this.command = new ArrayList<>(List.of("ip", "netns", "exec", lab.namespace(node)));
        this.command.addAll(program);
        this.command.addAll(List.of("run", "--config", configFile().toString()));
    }

    /**
     * Writes the configuration, at the first start the lab's cluster key ({@code keyHex}: 64 hex digits), and starts the
     * agent. Later the key file is the agent's: it may have been rotated.
     */
    public void start(String keyHex) {
        try {
            Files.createDirectories(config.directory());
            if (!Files.exists(config.keyFile())) {
                Files.createFile(
                        config.keyFile(),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(config.keyFile(), keyHex + "\n");
            }
            Files.writeString(configFile(), config.toml());
            Files.writeString(logFile(), "", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    "the agent of " + node().nodeName() + " cannot be started: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public FirewallNode node() {
        return config.node();
    }

    public Path configFile() {
        return config.directory().resolve("twinwall.toml");
    }

    public Path logFile() {
        return config.directory().resolve("agent.log");
    }

    public Path socket() {
        return config.socket();
    }

    /** The agent's process; it must have been started. */
    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process != null && process.isAlive();
    }

    /** Ends the agent as a crash would. Returns at once. */
    @Override
    public void kill() {
        signal(SIGKILL);
    }

    /** Ends the agent as the system's manager would, and waits until it has; killed when it does not end in time. */
    public void stop(long deadlineMs) {
        signal(SIGTERM);
        if (!Waiting.until(deadlineMs, 1, () -> !alive())) {
            kill();
            throw new Fatal(
                    ExitCode.REFUSED,
                    "the agent of " + node().nodeName() + " ignored SIGTERM for " + deadlineMs + " ms");
        }
    }

    /** Stops the agent in its tracks, as a hang would: nothing of it runs, everything of it stays. */
    @Override
    public void hang() {
        signal(SIGSTOP);
    }

    /** Lets a hung agent go on. */
    public void resume() {
        signal(SIGCONT);
    }

    /** Tells the agent to read its configuration again. */
    public void hangUp() {
        signal(SIGHUP);
    }

    /** What the agent says of itself, or nothing when it does not answer. */
    public Optional<AgentStatus> status() {
        try {
            AdminClient.Answer answer = AdminClient.get(config.socket(), "/v1/status", ANSWER_MS);
            return answer.status() == 200
                    ? Optional.of(new AgentStatus(JSON.readTree(answer.body())))
                    : Optional.empty();
        } catch (IOException | tools.jackson.core.JacksonException e) {
            return Optional.empty();
        }
    }

    /** The value of the metric {@code twinwall_<name>}, or nothing when the agent does not answer or has none such. */
    public OptionalDouble metric(String name) {
        String start = "twinwall_" + name + " ";
        try {
            return AdminClient.get(config.socket(), "/metrics", ANSWER_MS)
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(start))
                    .mapToDouble(line -> Double.parseDouble(line.substring(start.length())))
                    .findFirst();
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }

    /** Asks the agent for a planned switchover; its answer, accepted or not. */
    @Override
    public String switchover(boolean force) {
        return post("/v1/switchover", "{\"force\":" + force + "}", 10 * ANSWER_MS);
    }

    /** Asks the agent to do something; the body of its answer, or why there is none. */
    String post(String target, String json, long deadlineMs) {
        try {
            return AdminClient.post(config.socket(), target, json, deadlineMs).body();
        } catch (IOException e) {
            return "no answer: " + e.getMessage();
        }
    }

    /** The last lines of the agent's log, for messages that say why it did not come up. */
    public String logTail(int lines) {
        try {
            List<String> all = Files.readAllLines(logFile());
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    @Override
    public void close() {
        if (alive()) {
            kill();
        }
    }

    @Override
    public Lab lab() {
        return lab;
    }

    private void signal(int number) {
        if (process != null) {
            Posix.kill((int) process.pid(), number);
        }
    }
}
