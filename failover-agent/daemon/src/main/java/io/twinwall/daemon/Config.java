/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
        Admin admin,
        RuntimeFiles runtime) {

    /** What both nodes share: the id bound into every frame (1..255) and the file of the 32-byte key in hexadecimal. */
    public record Cluster(int id, Path keyFile) {}

    /** This node; ids and priorities are 1..255. */
    public record Node(String name, int id, Role role, int priority) {}

    /** The other node, as it names itself. */
    public record Peer(String name, int id) {}

    /** One way on which the nodes hear each other; both ends of one address family. */
    public record HeartbeatPath(String name, InetSocketAddress local, InetSocketAddress peer) {}

    /**
     * Replication of flows.
     *
     * @param enabled false: roles only; the addresses may then be null
     * @param flowsMax most flows the table holds
     * @param eventBufferMb receive buffer of the kernel's event socket, in MiB
     */
    public record Sync(
            boolean enabled, InetSocketAddress local, InetSocketAddress peer, int flowsMax, int eventBufferMb) {}

    /** A virtual address that follows the role. */
    public record Vip(InetAddress address, int prefixLength, String interfaceName) {
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

    /** The socket of the command line, and where metrics are served on TCP, if anywhere. */
    public record Admin(Path socket, Optional<InetSocketAddress> metrics) {}

    /** Where Aeron keeps its files. */
    public record RuntimeFiles(Path directory) {}

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

    /** When the kernel lease guards the right to forward. */
    public enum Fence implements Word {
        STRICT,
        WHEN_PEER_READY,
        OFF
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
