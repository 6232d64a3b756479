/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.NetNs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One laboratory: six namespaces (client, server, two switches, two firewalls), their links, addresses, rules and
 * kernel settings, drawn in {@link LabPlan}. Everything lives in its own namespaces and its own directory, so labs may
 * stand side by side; {@link #close()} removes all of it, a shutdown hook does when the program is ended, and {@link
 * Leftovers} when it was killed.
 */
public final class Lab implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name;
    private final Path directory;
    private final Thread shutdownHook = new Thread(this::remove, "lab-shutdown");
    private boolean removed;

    private Lab(String name) {
        this.name = name;
        this.directory = Leftovers.directoryOf(name);
    }

    /**
     * Builds a lab; what dead programs left behind is removed first.
     *
     * @throws Fatal when a capability, a tool or a kernel feature is missing
     */
    public static Lab create() {
        Privilege.require();
        Leftovers.removeDead(false);
        Lab lab = new Lab(Leftovers.PREFIX + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet());
        Runtime.getRuntime().addShutdownHook(lab.shutdownHook);
        try {
            Leftovers.claim(lab.name);
            lab.build();
            return lab;
        } catch (RuntimeException | IOException e) {
            lab.close();
            throw e instanceof RuntimeException runtime
                    ? runtime
                    : new Fatal(ExitCode.ENVIRONMENT, "the lab cannot be built: " + e.getMessage(), e);
        }
    }

    /** Name of the lab, unique on the machine; all its namespaces begin with it. */
    public String name() {
        return name;
    }

    /** The lab's own directory: configuration, keys, sockets and logs of the agents. */
    public Path directory() {
        return directory;
    }

    /** Name of the namespace of a firewall. */
    public String namespace(FirewallNode node) {
        return namespace(node.nodeName());
    }

    String namespace(Side side) {
        return namespace(side == Side.CLIENT ? "client" : "server");
    }

    /** Name of the namespace of one part: client, server, lan, wan, fw-a or fw-b. */
    public String namespace(String part) {
        return name + "-" + part;
    }

    /** The same as a path, for threads that enter it. */
    static String path(String namespace) {
        return "/run/netns/" + namespace;
    }

    String path(Side side) {
        return path(namespace(side));
    }

    /** The directory of Aeron's files for a node; in memory, as on an installed host. */
    Path runtimeDirectory(FirewallNode node) {
        return Leftovers.SHARED_MEMORY.resolve(name + "-" + node.nodeName());
    }

    /** Leaves the lab standing when this program ends; {@code twinwall demo --cleanup} removes it. */
    public void keep() {
        Leftovers.markKept(name);
        forgetHook();
        removed = true;
    }

    @Override
    public void close() {
        forgetHook();
        remove();
    }

    private synchronized void remove() {
        if (!removed) {
            removed = true;
            Leftovers.remove(name);
        }
    }

    private void forgetHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // The program is ending: the hook is running already, and does the same.
        }
    }

    private void build() throws IOException {
        StringBuilder namespaces = new StringBuilder();
        for (String part : LabLinks.PARTS) {
            namespaces.append("netns add ").append(namespace(part)).append('\n');
        }
        Shell.run(namespaces.toString(), List.of("ip", "-batch", "-"));
        for (String part : LabLinks.PARTS) {
            set(namespace(part), LabSysctls.beforeLinks(part));
        }
        for (String part : LabLinks.BUILD_ORDER) {
            Shell.run(LabLinks.make(part, this), List.of("ip", "-n", namespace(part), "-batch", "-"));
        }
        for (String part : LabLinks.BUILD_ORDER) {
            Shell.run(LabLinks.join(part), List.of("ip", "-n", namespace(part), "-batch", "-"));
        }
        for (FirewallNode node : FirewallNode.values()) {
            Shell.run(Ruleset.text(), List.of("ip", "netns", "exec", namespace(node), "nft", "-f", "-"));
            set(namespace(node), LabSysctls.CONNTRACK);
        }
    }

    private static void set(String namespace, Map<String, String> sysctls) {
        try {
            NetNs.call(path(namespace), () -> {
                for (Map.Entry<String, String> entry : sysctls.entrySet()) {
                    LabSysctls.write(entry.getKey(), entry.getValue());
                }
                return null;
            });
        } catch (Fatal e) {
            throw e;
        } catch (Exception e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "kernel settings of " + namespace + ": " + e, e);
        }
    }

    /** Whether the namespace of {@code part} is there. */
    boolean exists(String part) {
        return Files.exists(Path.of(path(namespace(part))));
    }
}
