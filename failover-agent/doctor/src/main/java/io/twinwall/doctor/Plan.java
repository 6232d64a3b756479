/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftSetName;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the configuration wants of this host: the daemon's, in the words of the exams.
 *
 * @param node this node's name
 * @param fenced whether a lease guards the addresses
 * @param links the ways of heartbeats and stream over UDP
 * @param serialLines the devices of the others
 * @param hops what routes lead over and trackers ask, beyond the pair
 * @param programs hooks and scripts
 * @param named files that the configuration names beside these
 * @param sets those of the ruleset that are mirrored
 * @param services whether processes or ports of this host are tracked
 * @param vipMark {@code IFA_PROTO} of the virtual addresses that the agent put there
 * @param pairDigest of that part of the configuration which must be the same on both nodes
 * @param configDigest of the whole, as the daemon would run it; "" when that is not known
 * @param version of this program
 */
public record Plan(
        String node,
        Files files,
        Sync sync,
        boolean fenced,
        List<Vip> vips,
        List<Link> links,
        List<Path> serialLines,
        List<Hop> hops,
        List<Path> programs,
        Named named,
        List<NftSetName> sets,
        boolean services,
        int vipMark,
        String pairDigest,
        String configDigest,
        String version) {
    /** Where things are. */
    public record Files(Path configuration, Path key, Path stateDirectory, Path runtimeDirectory, Path socket) {}

    /**
     * Files that the daemon reads or writes for a part of its configuration.
     *
     * @param journal its directory, where there is one
     * @param secretUrls whether the configuration itself holds what may be secret: webhooks' URLs
     * @param tls a certificate and its key, where there are some
     */
    public record Named(List<Kept> kept, Optional<Path> journal, boolean secretUrls, Optional<Tls> tls) {}

    /** Two files that must belong together. */
    public record Tls(Path certificate, Path key) {}

    /** From whom a file is to be kept. */
    public enum Care {
        /** Its owner alone may read it. */
        SECRET,
        /** Its owner and its group may read it. */
        GROUP_SECRET,
        /** All may read it, its owner alone write to it. */
        PUBLIC,
        /** The same, and it ends. */
        CERTIFICATE
    }

    /** A file; {@code title} is for people: {@code the password of the alert "ops"}. */
    public record Kept(Path file, String title, Care care) {}

    /** Replication of flows. */
    public record Sync(boolean enabled, int flowsMax, int eventBufferMb) {}

    /**
     * A virtual address.
     *
     * @param interfaceName empty: the one that has an address in the same net
     * @param text as the configuration has it, with its prefix length
     */
    public record Vip(InetAddress address, int prefixLength, String interfaceName, String text) {
        boolean ipv4() {
            return address instanceof Inet4Address;
        }
    }

    /** What goes by a {@link Link}. */
    public enum Use {
        HEARTBEATS,
        STREAM
    }

    /** A way between the nodes; {@code interfaceName} is empty where the routing table says. */
    public record Link(Use use, String name, InetSocketAddress local, InetSocketAddress peer, String interfaceName) {
        boolean ipv4() {
            return local.getAddress() instanceof Inet4Address;
        }

        /** For people: {@code path "lan"} or {@code stream "sync"}. */
        String title() {
            return (use == Use.HEARTBEATS ? "path" : "stream") + " \"" + name + "\"";
        }
    }

    /**
     * A host beyond the pair.
     *
     * @param route whether it is the next hop of a route, which must then be on a link
     * @param interfaceName the way to it, or ""
     */
    public record Hop(InetAddress address, String interfaceName, boolean route, String title) {}

    /** Whether the pair forwards that family: it has an address of it, or no address at all (and IPv4). */
    boolean forwards(boolean ipv4) {
        boolean any = vips.stream().anyMatch(vip -> vip.ipv4() == ipv4)
                || hops.stream().anyMatch(hop -> hop.route() && hop.address() instanceof Inet4Address == ipv4);
        return any || (ipv4 && vips.isEmpty());
    }
}
