/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabPlan;
import io.twinwall.lab.Shell;
import io.twinwall.lab.Victim;
import io.twinwall.lab.Waiting;
import io.twinwall.linux.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** keepalived and conntrackd on one firewall. */
final class PeerNode implements Victim, AutoCloseable {
    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;
    private static final int SIGTERM = 15;
    private static final long END_MS = 10_000;
    private static final long START_MS = 10_000;
    private static final long LOOK_MS = 5;
    private static final Pattern EXTERNAL =
            Pattern.compile("cache external:\\s*\\n\\s*current active connections:\\s*([0-9]+)");

    private final Lab lab;
    private final FirewallNode node;
    private final PeerTuning tuning;
    private final PeerFiles files;
    private final Path directory;
    private Process keepalived;
    private Process conntrackd;

    PeerNode(Lab lab, FirewallNode node, PeerTuning tuning) {
        this.lab = lab;
        this.node = node;
        this.tuning = tuning;
        this.directory = lab.directory().resolve(node.nodeName());
        this.files = new PeerFiles(node, directory, tuning);
        try {
            Files.createDirectories(directory);
            Files.writeString(files.keepalivedConf(), files.keepalived());
            Files.writeString(files.conntrackdConf(), files.conntrackd());
            Files.writeString(files.notifyScript(), files.notifyText());
            Files.setPosixFilePermissions(files.notifyScript(), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, directory + ": " + e.getMessage(), e);
        }
        Shell.run(PeerFiles.RULES, in("nft", "-f", "-"));
    }

    /** Starts both, conntrackd first, and waits until it takes commands. */
    void start() {
        try {
            Files.deleteIfExists(files.controlSocket());
            Files.deleteIfExists(directory.resolve("conntrackd.lock"));
            conntrackd = process("conntrackd", "-C", files.conntrackdConf().toString());
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "conntrackd cannot be started: " + e.getMessage(), e);
        }
        if (!Waiting.until(START_MS, LOOK_MS, this::answers)) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT, "conntrackd of " + node.nodeName() + " does not answer; see " + log());
        }
        try {
            keepalived = process(
                    "keepalived",
                    "--vrrp",
                    "--dont-fork",
                    "--log-console",
                    "--use-file=" + files.keepalivedConf(),
                    "--pid=" + directory.resolve("keepalived.pid"),
                    "--vrrp_pid=" + directory.resolve("vrrp.pid"));
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "keepalived cannot be started: " + e.getMessage(), e);
        }
    }

    private Process process(String... command) throws IOException {
        return new ProcessBuilder(in(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    private List<String> in(String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", lab.namespace(node)));
        all.addAll(List.of(command));
        return all;
    }

    private Path log() {
        return directory.resolve("peer.log");
    }

    private boolean answers() {
        return Files.exists(files.controlSocket()) && ask("-s").status() == 0;
    }

    /** A command to the running conntrackd. */
    Shell.Result ask(String... words) {
        List<String> command =
                new ArrayList<>(in("conntrackd", "-C", files.conntrackdConf().toString()));
        command.addAll(List.of(words));
        return Shell.attempt("", command);
    }

    /** Flows that it would put into its kernel, or has there already. */
    long known() {
        if (tuning.kernel()) {
            return KernelCount.of(lab.namespace(node));
        }
        Matcher external = EXTERNAL.matcher(ask("-s").output());
        return external.find() ? Long.parseLong(external.group(1)) : 0;
    }

    boolean hasAddresses() {
        return Shell.run("ip", "-n", lab.namespace(node), "-o", "address", "show", "dev", LabPlan.Link.LAN.device())
                .contains(" " + LabPlan.LAN_VIP_V4 + "/");
    }

    /** Whether the notify script has ended what the newest change of role asked for. */
    boolean settled() {
        List<String> lines = roles();
        return !lines.isEmpty() && lines.getLast().endsWith(" end");
    }

    int timesMaster() {
        return (int)
                roles().stream().filter(line -> line.endsWith(" master begin")).count();
    }

    /** Nanoseconds of the wall clock of the newest line that ends with {@code what}. */
    OptionalLong last(String what) {
        return roles().stream()
                .filter(line -> line.endsWith(" " + what))
                .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                .max();
    }

    private List<String> roles() {
        try {
            return Files.exists(files.roles()) ? Files.readAllLines(files.roles()) : List.of();
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, files.roles() + ": " + e.getMessage(), e);
        }
    }

    /** keepalived's process, its child that speaks VRRP, and conntrackd's. */
    List<Long> pids() {
        return Stream.of(keepalived, conntrackd)
                .filter(process -> process != null && process.isAlive())
                .flatMap(process -> Stream.concat(
                        // The child first: it would end in order when its parent is gone.
                        process.toHandle().descendants(), Stream.of(process.toHandle())))
                .map(ProcessHandle::pid)
                .toList();
    }

    @Override
    public Lab lab() {
        return lab;
    }

    @Override
    public FirewallNode node() {
        return node;
    }

    @Override
    public void kill() {
        pids().forEach(pid -> Posix.kill(pid.intValue(), SIGKILL));
    }

    @Override
    public void hang() {
        pids().forEach(pid -> Posix.kill(pid.intValue(), SIGSTOP));
    }

    /** As its operators do: keepalived is stopped, says so to its peer, and gives up its addresses. */
    @Override
    public String switchover(boolean force) {
        Posix.kill((int) keepalived.pid(), SIGTERM);
        return "keepalived told to stop";
    }

    /** Ends both in order. */
    void stop() {
        pids().forEach(pid -> Posix.kill(pid.intValue(), SIGTERM));
        if (!Waiting.until(END_MS, LOOK_MS, () -> pids().isEmpty())) {
            kill();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
