/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertSpec;
import io.twinwall.conntracksync.FlowRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The whole configuration of one node, checked: whoever holds one may rely on every range and relation that
 * {@link ConfigFile} states. Immutable; made once, before any thread starts.
 */
public record Config(
        Cluster cluster,
        Node node,
        Peer peer,
        List<HeartbeatPath> paths,
        Sync sync,
        List<Vip> vips,
        Timing timing,
        Fence fence,
        Takeover takeover,
        FailBack failBack,
        Flap flap,
        List<Track> tracks,
        List<Hook> hooks,
        List<Route> routes,
        List<Rule> rules,
        List<AlertSpec> alerts,
        Admin admin,
        Web web,
        RuntimeFiles runtime,
        StateFiles state,
        JournalFiles journal) {

    /** This configuration with other virtual addresses. */
    Config with(List<Vip> otherVips) {
        return new Config(
                cluster,
                node,
                peer,
                paths,
                sync,
                List.copyOf(otherVips),
                timing,
                fence,
                takeover,
                failBack,
                flap,
                tracks,
                hooks,
                routes,
                rules,
                alerts,
                admin,
                web,
                runtime,
                state,
                journal);
    }

    /** This configuration, but what only a restart can change as it is in {@code running}. */
    Config asFarAsItMayChange(Config running) {
        return new Config(
                running.cluster,
                new Node(running.node.name(), running.node.id(), node.role(), node.priority()),
                running.peer,
                running.paths,
                running.sync.with(sync.filters()),
                running.vips,
                running.timing,
                running.fence,
                takeover,
                failBack,
                flap,
                tracks,
                hooks,
                routes,
                rules,
                alerts,
                admin.with(running.admin.socket()),
                web,
                running.runtime,
                running.state,
                running.journal);
    }

    /** What both nodes share: the id bound into every frame (1..255) and the file of the 32-byte key in hexadecimal. */
    public record Cluster(int id, Path keyFile) {}

    /** This node; ids and priorities are 1..255. */
    public record Node(String name, int id, Role role, int priority) {}

    /** The other node, as it names itself. */
    public record Peer(String name, int id) {}

    /** One way on which the nodes hear each other; names are unique. */
    public sealed interface HeartbeatPath {
        String name();
    }

    /**
     * Datagrams; both ends of one address family.
     *
     * @param interfaceName the interface they must go by; empty: the routing table says
     */
    public record Udp(String name, InetSocketAddress local, InetSocketAddress peer, Optional<String> interfaceName)
            implements HeartbeatPath {}

    /** A serial line, eight data bits, no parity, one stop bit. */
    public record Serial(String name, Path device, int baud) implements HeartbeatPath {}

    /**
     * Replication of flows.
     *
     * @param enabled false: roles only; the addresses may then be null
     * @param flowsMax most flows the table holds
     * @param local null when only {@code paths} are given
     * @param eventBufferMb receive buffer of the kernel's event socket, in MiB
     * @param expectations whether the connections that flows expect (FTP data and the like) are mirrored
     * @param filters which flows; the first that concerns one decides
     * @param paths the paths beside {@code local} and {@code peer}
     * @param duplicate every frame goes by every path
     * @param sets the sets and maps of nf_tables that the peer gets too
     * @param setIntervalMs how often they are looked at, at the most
     */
    public record Sync(
            boolean enabled,
            InetSocketAddress local,
            InetSocketAddress peer,
            int flowsMax,
            int eventBufferMb,
            boolean expectations,
            List<FlowRule> filters,
            List<SyncPath> paths,
            boolean duplicate,
            List<MirroredSet> sets,
            int setIntervalMs) {
        /** The name of the path that {@code local} and {@code peer} make. */
        static final String OWN_PATH = "sync";

        /** This with other filters. */
        Sync with(List<FlowRule> otherFilters) {
            return new Sync(
                    enabled,
                    local,
                    peer,
                    flowsMax,
                    eventBufferMb,
                    expectations,
                    otherFilters,
                    paths,
                    duplicate,
                    sets,
                    setIntervalMs);
        }

        /** All paths; what {@code local} and {@code peer} make is named "sync". */
        public List<SyncPath> allPaths() {
            return local == null || peer == null
                    ? paths
                    : Stream.concat(Stream.of(new SyncPath(OWN_PATH, local, peer)), paths.stream())
                            .toList();
        }
    }

    /** A way that the stream of flows may go. */
    public record SyncPath(String name, InetSocketAddress local, InetSocketAddress peer) {}

    /** A set or map of nf_tables, as {@code nft} names it. */
    public record MirroredSet(Family family, String table, String name) {}

    /**
     * A virtual address that follows the role.
     *
     * @param interfaceName {@link #BY_SUBNET} until {@link VipInterfaces} has chosen one, at the start
     */
    public record Vip(InetAddress address, int prefixLength, String interfaceName) {
        /** The interface is the one that has an address in the same net. */
        public static final String BY_SUBNET = "";

        /** As in the file: {@code 10.10.0.254/24}. */
        public String text() {
            return ConfigAddress.text(address) + "/" + prefixLength;
        }
    }

    /** How fast a failure is seen; see {@link ConfigRelations#timing} for the rule that ties the three. */
    public record Timing(Profile profile, int heartbeatMs, int leaseMs, int deadMs) {
        public long heartbeatNs() {
            return heartbeatMs * 1_000_000L;
        }

        public long leaseNs() {
            return leaseMs * 1_000_000L;
        }

        public long deadNs() {
            return deadMs * 1_000_000L;
        }
    }

    /**
     * How a takeover is decided.
     *
     * @param probeVips nobody may answer for the addresses
     * @param countdownS how long one from a lost active waits for a veto, 0: not at all
     */
    public record Takeover(boolean probeVips, int countdownS) {
        public long countdownNs() {
            return countdownS * 1_000_000_000L;
        }
    }

    /** When a node takes the role back; {@code delayS}: by priority, how long it must have been ready and the better. */
    public record FailBack(Policy policy, int delayS) {
        public long delayNs() {
            return delayS * 1_000_000_000L;
        }
    }

    /** More than {@code max} changes of role within {@code windowS} that nobody asked for: no planned move for {@code holdS}. */
    public record Flap(int max, int windowS, int holdS) {
        public long windowNs() {
            return windowS * 1_000_000_000L;
        }

        public long holdNs() {
            return holdS * 1_000_000_000L;
        }
    }

    /** Something the node's health depends on; names are unique, and made up from the subject when none is given. */
    public sealed interface Track {
        /** The weight of a tracker that takes the node out of service. */
        int FAULT = 0;

        String name();

        /** Taken off the priority while it is down, 1..254, or {@link #FAULT}. */
        int weight();
    }

    /**
     * How what must be asked is judged.
     *
     * @param intervalMs between two looks
     * @param timeoutMs after which a look has failed
     * @param rise looks in a row that must go well before it counts as up
     * @param fall looks in a row that must fail before it counts as down
     */
    public record Judgement(int intervalMs, int timeoutMs, int rise, int fall) {}

    /** Carrier and administrative state of an interface; {@code upDelayMs}: how long it must be up before that counts. */
    public record TrackInterface(String name, String interfaceName, int upDelayMs, int weight) implements Track {}

    /** Whether a test address answers. */
    public record TrackAddress(
            String name, InetAddress address, Method method, String interfaceName, Judgement judgement, int weight)
            implements Track {}

    /** Whether a process runs: exactly one of a file with its id, and its name. */
    public record TrackProcess(
            String name, Optional<Path> pidFile, Optional<String> process, Judgement judgement, int weight)
            implements Track {}

    /** Whether a TCP port accepts connections. */
    public record TrackPort(String name, InetAddress host, int port, Judgement judgement, int weight)
            implements Track {}

    /** Whether a command ends with 0; an argument vector, no shell. */
    public record TrackScript(String name, List<String> command, Judgement judgement, int weight) implements Track {}

    /**
     * A command to be run on transitions to any of {@code on}; an argument vector, no shell.
     *
     * @param before a takeover waits for it, at most {@code timeoutMs}, before the gate opens
     */
    public record Hook(List<When> on, List<String> command, int timeoutMs, boolean before) {}

    /** A route that the active has; one of {@code via} and {@code interfaceName} at least. */
    public record Route(
            Prefix to,
            Optional<InetAddress> via,
            Optional<String> interfaceName,
            int table,
            int metric,
            Optional<InetAddress> source) {}

    /** A routing rule that the active has; {@code fwmark} 0: any. One selector at least. */
    public record Rule(Optional<Prefix> from, Optional<Prefix> to, long fwmark, int table, int priority) {}

    /** A net: the bits of {@code address} beyond {@code length} are 0. */
    public record Prefix(InetAddress address, int length) {
        /** As in the file: {@code 10.10.0.0/24}. */
        public String text() {
            return ConfigAddress.text(address) + "/" + length;
        }
    }

    /**
     * Where people and their programs reach the daemon.
     *
     * @param socket of the command line
     * @param groupMay whether its group may open the socket, too
     * @param group whose group that is; empty: the daemon's own
     * @param metrics where metrics are served on TCP
     * @param remote where all that the socket serves is served by TLS
     */
    public record Admin(
            Path socket,
            boolean groupMay,
            Optional<String> group,
            Optional<InetSocketAddress> metrics,
            Optional<Remote> remote) {
        /** This with another socket. */
        Admin with(Path otherSocket) {
            return new Admin(otherSocket, groupMay, group, metrics, remote);
        }
    }

    /** Admin by TLS, for those who have a token: certificate and key are PEM, the token file has one a line. */
    public record Remote(InetSocketAddress listen, Path certificate, Path key, Path tokenFile) {}

    /** The page for browsers. */
    public record Web(boolean enabled) {}

    /** Where Aeron keeps its files. */
    public record RuntimeFiles(Path directory) {}

    /** Where the term and the maintenance flag survive a reboot. */
    public record StateFiles(Path directory) {}

    /**
     * The journal: what happened, kept through restarts.
     *
     * @param sizeMb what it may take on the disk, in MiB
     * @param ageDays after which records go
     * @param deltas whether every change of a flow is kept, too
     */
    public record JournalFiles(boolean enabled, Path directory, int sizeMb, int ageDays, boolean deltas) {}

    /** A value written as one word; the word is its name in lower case with hyphens. */
    public interface Word {
        String name();

        default String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The configured role: the preferred active, and the other. */
    public enum Role implements Word {
        MASTER,
        SLAVE
    }

    /** The family of a table of nf_tables. */
    public enum Family implements Word {
        INET,
        IP,
        IP6,
        NETDEV,
        BRIDGE
    }

    /** When the kernel lease guards the right to forward. */
    public enum Fence implements Word {
        STRICT,
        WHEN_PEER_READY,
        OFF
    }

    /** When the better of two healthy nodes becomes active again. */
    public enum Policy implements Word {
        NEVER,
        ALWAYS,
        PRIORITY
    }

    /** How a test address is asked. */
    public enum Method implements Word {
        ARP,
        ND,
        ICMP
    }

    /** The role a hook is for. */
    public enum When implements Word {
        MASTER,
        BACKUP,
        FAULT,
        MAINTENANCE,
        INIT
    }

    /** Named timings; {@link #EXPLICIT} when the file gives the numbers. */
    public enum Profile implements Word {
        CALM(200, 500, 900),
        FAST(40, 110, 170),
        EXTREME(10, 45, 75),
        EXPLICIT(0, 0, 0);

        private final int heartbeatMs;
        private final int leaseMs;
        private final int deadMs;

        Profile(int heartbeatMs, int leaseMs, int deadMs) {
            this.heartbeatMs = heartbeatMs;
            this.leaseMs = leaseMs;
            this.deadMs = deadMs;
        }

        Timing timing() {
            return new Timing(this, heartbeatMs, leaseMs, deadMs);
        }
    }
}
