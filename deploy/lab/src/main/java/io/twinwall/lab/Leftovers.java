/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which labs exist on this machine, whose they are, and how one is removed. A lab belongs to the process that made it:
 * its id is in the lab's name, and its time of birth in the lab's directory, since ids are used again. A lab whose
 * owner is gone is a leftover, unless it was kept on purpose.
 */
final class Leftovers {
    static final String PREFIX = "twlab-";
    static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final Path DIRECTORIES = Path.of("/run/twinwall-lab");
    private static final String OWNER = "owner";
    private static final String KEPT = "kept";

    private Leftovers() {}

    static Path directoryOf(String lab) {
        return DIRECTORIES.resolve(lab);
    }

    /** Makes the lab's directory and writes down whose it is. */
    static void claim(String lab) throws IOException {
        Files.createDirectories(directoryOf(lab));
        Files.writeString(directoryOf(lab).resolve(OWNER), birth(ProcessHandle.current()));
    }

    static void markKept(String lab) {
        try {
            Files.writeString(directoryOf(lab).resolve(KEPT), "");
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "the lab cannot be marked as kept: " + e.getMessage(), e);
        }
    }

    /** Removes every lab whose owner is gone, those kept on purpose only when {@code keptToo}; answers their names. */
    static List<String> removeDead(boolean keptToo) {
        List<String> gone = new ArrayList<>();
        for (String lab : all()) {
            boolean kept = Files.exists(directoryOf(lab).resolve(KEPT));
            if (!alive(lab) && (keptToo || !kept)) {
                remove(lab);
                gone.add(lab);
            }
        }
        return gone;
    }

    /** Names of all labs that have a namespace or a directory. */
    static Set<String> all() {
        Set<String> labs = new TreeSet<>();
        for (String name : names(NAMESPACES)) {
            for (String part : LabLinks.PARTS) {
                if (name.endsWith("-" + part)) {
                    labs.add(name.substring(0, name.length() - part.length() - 1));
                }
            }
        }
        labs.addAll(names(DIRECTORIES));
        return labs;
    }

    /** Ends the lab's processes and removes its namespaces and files. What is gone already is no error. */
    static void remove(String lab) {
        StringBuilder script = new StringBuilder();
        for (String part : LabLinks.PARTS) {
            String namespace = lab + "-" + part;
            if (Files.exists(NAMESPACES.resolve(namespace))) {
                killAllIn(namespace);
                script.append("netns del ").append(namespace).append('\n');
            }
        }
        if (!script.isEmpty()) {
            Shell.attempt(script.toString(), List.of("ip", "-force", "-batch", "-"));
        }
        for (FirewallNode node : FirewallNode.values()) {
            deleteTree(SHARED_MEMORY.resolve(lab + "-" + node.nodeName()));
        }
        deleteTree(directoryOf(lab));
    }

    private static void killAllIn(String namespace) {
        String pids =
                Shell.attempt("", List.of("ip", "netns", "pids", namespace)).output();
        for (String pid : pids.lines().map(String::strip).toList()) {
            if (pid.matches("[0-9]+")
                    && Long.parseLong(pid) != ProcessHandle.current().pid()) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    private static boolean alive(String lab) {
        String pid = lab.substring(PREFIX.length(), lab.lastIndexOf('-'));
        Optional<ProcessHandle> owner = ProcessHandle.of(Long.parseLong(pid));
        if (owner.isEmpty() || !owner.get().isAlive()) {
            return false;
        }
        try {
            return Files.readString(directoryOf(lab).resolve(OWNER)).equals(birth(owner.get()));
        } catch (IOException e) {
            // Being made at this moment, or its directory was removed by hand: the process alone decides.
            return true;
        }
    }

    private static String birth(ProcessHandle process) {
        return process.info().startInstant().map(Object::toString).orElse("unknown");
    }

    private static List<String> names(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(entry -> entry.matches(PREFIX + "[0-9]+-[0-9]+(-.*)?"))
                    .toList();
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, directory + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            System.getLogger(Leftovers.class.getName())
                    .log(System.Logger.Level.WARNING, root + " is not wholly removed: " + e.getMessage());
        }
    }
}
