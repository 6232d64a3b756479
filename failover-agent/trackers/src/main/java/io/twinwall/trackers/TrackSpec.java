/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What to track. The constructors check; their IllegalArgumentException says what was expected. A name is made of
 * lower-case letters, digits and hyphens, since metrics carry it.
 */
public sealed interface TrackSpec {
    /** How a test address is asked. */
    enum Method {
        /** ARP request; IPv4 on the same segment. Works without an address of one's own. */
        ARP,
        /** Neighbour solicitation; IPv6 on the same segment. */
        ND,
        /** ICMP or ICMPv6 echo. */
        ICMP
    }

    /** How a process is found. */
    sealed interface ProcessKey {}

    /** The process whose number stands on the first line of {@code file}. */
    record PidFile(Path file) implements ProcessKey {
        public PidFile {
            expect(file.isAbsolute(), "pid file " + file, "an absolute path");
        }
    }

    /** Any process with this name, as in {@code /proc/PID/comm}. */
    record Comm(String name) implements ProcessKey {
        private static final int TASK_COMM_LEN = 16;

        public Comm {
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            expect(
                    bytes > 0 && bytes < TASK_COMM_LEN,
                    "process name \"" + name + "\"",
                    "1..15 bytes, which is what the kernel keeps of a name; give its pid-file for a longer one");
        }
    }

    /** An interface: there, set up, with carrier, {@code operstate} up (or unknown, as of a tunnel). */
    record Interface(String name, Penalty penalty, String interfaceName, long delayUpNs) implements TrackSpec {
        private static final long DELAY_UP_NS_MAX = 3_600_000_000_000L;

        /** {@code delayUpNs}: how long it must be well before it counts as up again; 0 to 1 hour. Down counts at once. */
        public Interface {
            checkName(name);
            checkInterface(name, interfaceName);
            expect(
                    delayUpNs >= 0 && delayUpNs <= DELAY_UP_NS_MAX,
                    "track " + name + ": up-delay-ms " + Timing.ms(delayUpNs),
                    "0 to 1 hour");
        }
    }

    /** A test address that must answer on an interface. */
    record Address(
            String name, Penalty penalty, Timing timing, Method method, InetAddress address, String interfaceName)
            implements TrackSpec {
        public Address {
            checkName(name);
            checkInterface(name, interfaceName);
            boolean ipv4 = address instanceof Inet4Address;
            String what = "track " + name + ": address " + address.getHostAddress();
            switch (method) {
                case ARP -> expect(ipv4, what, "an IPv4 address for ARP; nd or icmp ask an IPv6 one");
                case ND -> expect(!ipv4, what, "an IPv6 address for ND; arp or icmp ask an IPv4 one");
                case ICMP -> {}
            }
            expect(!address.isAnyLocalAddress() && !address.isMulticastAddress(), what, "the address of one host");
        }
    }

    /** A process that must run. */
    @SuppressWarnings("AvoidCommonTypeNames") // it is always written TrackSpec.Process
    record Process(String name, Penalty penalty, Timing timing, ProcessKey key) implements TrackSpec {
        public Process {
            checkName(name);
        }
    }

    /** A TCP port that must accept connections. */
    record TcpPort(String name, Penalty penalty, Timing timing, InetAddress address, int port) implements TrackSpec {
        public TcpPort {
            checkName(name);
            expect(port >= 1 && port <= 65_535, "track " + name + ": port " + port, "1..65535");
        }
    }

    /** A program that must exit with 0 within the timeout, at which it is killed with all that it started. */
    record Script(String name, Penalty penalty, Timing timing, List<String> argv) implements TrackSpec {
        public Script {
            checkName(name);
            argv = List.copyOf(argv);
            expect(
                    !argv.isEmpty() && argv.getFirst().startsWith("/"),
                    "track " + name + ": script " + (argv.isEmpty() ? "[]" : argv.getFirst()),
                    "the absolute path of a program, then its arguments");
            expect(
                    argv.stream().noneMatch(word -> word.indexOf('\0') >= 0),
                    "track " + name + ": script",
                    "arguments without NUL");
        }
    }

    /** Unique among the trackers of a node. */
    String name();

    Penalty penalty();

    /** As in the configuration file: {@code interface}, {@code address}, {@code process}, {@code port}, {@code script}. */
    default String kind() {
        return switch (this) {
            case Interface ignored -> "interface";
            case Address ignored -> "address";
            case Process ignored -> "process";
            case TcpPort ignored -> "port";
            case Script ignored -> "script";
        };
    }

    /** Throws IllegalArgumentException when two of {@code specs} have the same name. */
    static void checkUnique(List<TrackSpec> specs) {
        expect(specs.size() <= Trackers.TRACKERS_MAX, specs.size() + " trackers", "at most " + Trackers.TRACKERS_MAX);
        for (int i = 0; i < specs.size(); i++) {
            for (int j = 0; j < i; j++) {
                expect(
                        !specs.get(i).name().equals(specs.get(j).name()),
                        "two trackers named " + specs.get(i).name(),
                        "a name of its own for each");
            }
        }
    }

    private static void checkName(String name) {
        expect(
                Names.TRACKER.matcher(name).matches(),
                "track name \"" + name + "\"",
                "a lower-case letter, then at most 31 lower-case letters, digits and hyphens");
    }

    private static void checkInterface(String name, String interfaceName) {
        expect(
                Names.INTERFACE.matcher(interfaceName).matches(),
                "track " + name + ": interface \"" + interfaceName + "\"",
                "1..15 characters without blank, slash and colon");
    }

    private static void expect(boolean holds, String what, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": expected " + expected);
        }
    }

    /** The patterns; an interface has no private constants. */
    final class Names {
        private static final Pattern TRACKER = Pattern.compile("[a-z][a-z0-9-]{0,31}");
        private static final Pattern INTERFACE = Pattern.compile("[^\\s/:]{1,15}");

        private Names() {}
    }
}
