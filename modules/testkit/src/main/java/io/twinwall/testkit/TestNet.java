/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Network namespaces of one test, named {@code tw-<pid>-<n>} so that tests may run side by side, with veth pairs,
 * addresses and sysctls in them. {@link #close} removes them; those of a process that died without closing go when the next
 * one starts.
 */
public final class TestNet implements AutoCloseable {
    private static final Path NAMED = Path.of("/run/netns");
    private static final Pattern NAME = Pattern.compile("tw-(\\d+)-\\d+");
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final AtomicBoolean SWEPT = new AtomicBoolean();

    private final List<String> namespaces = new ArrayList<>();

    public TestNet() {
        Privileges.require("a test with network namespaces");
        if (SWEPT.compareAndSet(false, true)) {
            removeLeftovers();
        }
    }

    /** Makes a namespace with loopback up; returns its name, which {@link Cmd#in} and {@code NetNs} take. */
    public String namespace() {
        String name = "tw-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet();
        Cmd.run("ip", "netns", "add", name);
        namespaces.add(name);
        Cmd.in(name, "ip", "link", "set", "lo", "up");
        return name;
    }

    /**
     * Makes a veth pair between two namespaces (or within one), both ends up. Duplicate address detection is off on
     * both, so that IPv6 addresses work at once.
     */
    public void veth(String netNs, String device, String peerNetNs, String peerDevice) {
        Cmd.in(netNs, "ip", "link", "add", device, "type", "veth", "peer", "name", peerDevice, "netns", peerNetNs);
        for (String[] end : new String[][] {{netNs, device}, {peerNetNs, peerDevice}}) {
            sysctl(end[0], "net/ipv6/conf/" + end[1] + "/accept_dad", "0");
            up(end[0], end[1]);
        }
    }

    /** Makes a bridge, up, without spanning tree and its forward delay. */
    public void bridge(String netNs, String device) {
        Cmd.in(netNs, "ip", "link", "add", device, "type", "bridge", "stp_state", "0", "forward_delay", "0");
        up(netNs, device);
    }

    /** Makes {@code device} a port of {@code bridge}. */
    public void enslave(String netNs, String device, String bridge) {
        Cmd.in(netNs, "ip", "link", "set", device, "master", bridge);
    }

    /** Adds an address with prefix length, IPv4 or IPv6. */
    public void address(String netNs, String device, String addressAndPrefix) {
        if (addressAndPrefix.indexOf(':') >= 0) {
            Cmd.in(netNs, "ip", "address", "add", addressAndPrefix, "dev", device, "nodad");
        } else {
            Cmd.in(netNs, "ip", "address", "add", addressAndPrefix, "dev", device);
        }
    }

    /** Adds a route, given as {@code ip route add} takes it. */
    public void route(String netNs, String destination, String via) {
        Cmd.in(netNs, "ip", destination.indexOf(':') >= 0 ? "-6" : "-4", "route", "add", destination, "via", via);
    }

    /** Sets a sysctl by its path below {@code /proc/sys}, with slashes: interface names may hold dots. */
    public void sysctl(String netNs, String path, String value) {
        Cmd.inWithInput(netNs, value, "tee", "/proc/sys/" + path);
    }

    public void up(String netNs, String device) {
        Cmd.in(netNs, "ip", "link", "set", device, "up");
    }

    public void down(String netNs, String device) {
        Cmd.in(netNs, "ip", "link", "set", device, "down");
    }

    @Override
    public void close() {
        AssertionError first = null;
        for (String namespace : namespaces.reversed()) {
            try {
                Cmd.run("ip", "netns", "delete", namespace);
            } catch (AssertionError e) {
                first = first == null ? e : first;
            }
        }
        namespaces.clear();
        if (first != null) {
            throw first;
        }
    }

    /** Removes the namespaces of processes that no longer exist; returns their names. */
    static List<String> removeLeftovers() {
        List<String> removed = new ArrayList<>();
        for (String name : named()) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()
                    && Cmd.tryRun("", "ip", "netns", "delete", name).exitCode() == 0) {
                // Another process may sweep at the same moment: whoever comes second has nothing to do.
                removed.add(name);
            }
        }
        return removed;
    }

    private static List<String> named() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(NAMED, "tw-*")) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}
