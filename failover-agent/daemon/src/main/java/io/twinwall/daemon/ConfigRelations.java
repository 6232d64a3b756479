/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What must hold between the values of a configuration, in one place. A value that is already refused by itself is
 * null here and is not looked at again.
 */
final class ConfigRelations {
    /** Jiffies, the renewal packet's way through the loopback, and scheduling of a busy host. */
    static final int SLOP_MS = 20;

    private ConfigRelations() {}

    /** Two nodes of one name or id could not tell each other's frames from their own. */
    static void nodes(ConfigTable table, Config.Node node, Config.Peer peer) {
        if (node == null || peer == null) {
            return;
        }
        if (node.id() == peer.id()) {
            table.wrong("id", "another id than node.id", "the same, " + peer.id());
        }
        if (node.name().equals(peer.name())) {
            table.wrong("name", "another name than node.name", "the same, \"" + peer.name() + "\"");
        }
    }

    static void paths(ConfigTable file, List<ConfigTable> tables, List<Config.HeartbeatPath> paths) {
        if (tables.isEmpty() && !file.has("path")) {
            file.wrong("path", "at least one [[path]], or the nodes cannot hear each other", "none");
        }
        Map<String, String> names = new HashMap<>();
        Map<InetSocketAddress, String> locals = new HashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            Config.HeartbeatPath path = paths.get(i);
            ConfigTable table = tables.get(i);
            if (path != null) {
                differs(table, "name", names.put(path.name(), table.key("name")), path.name());
                differs(table, "local", locals.put(path.local(), table.key("local")), ConfigAddress.text(path.local()));
                ends(table, path.local(), path.peer());
            }
        }
    }

    /** The stream and the heartbeats have sockets of their own. */
    static void sync(
            ConfigTable table, Config.Sync sync, List<ConfigTable> pathTables, List<Config.HeartbeatPath> paths) {
        if (table == null || sync == null) {
            return;
        }
        if (!sync.enabled()) {
            table.warn("enabled", "true", "false: roles only, every flow that needs state dies in a takeover");
        }
        ends(table, sync.local(), sync.peer());
        for (int i = 0; i < paths.size(); i++) {
            Config.HeartbeatPath path = paths.get(i);
            if (path != null) {
                portsDiffer(table, "local", sync.local(), pathTables.get(i), path.local());
                portsDiffer(table, "peer", sync.peer(), pathTables.get(i), path.peer());
            }
        }
    }

    /** No address twice, and none that a node needs for itself. */
    static void vips(
            ConfigTable file, List<ConfigTable> tables, List<Config.Vip> vips, List<Config.HeartbeatPath> paths) {
        if (tables.isEmpty() && !file.has("vip")) {
            file.warn("vip", "at least one [[vip]]", "none: a takeover moves flows but no address");
        }
        Map<Object, String> addresses = new HashMap<>();
        for (Config.HeartbeatPath path : paths) {
            if (path != null) {
                addresses.put(path.local().getAddress(), "path \"" + path.name() + "\"");
                addresses.put(path.peer().getAddress(), "path \"" + path.name() + "\"");
            }
        }
        for (int i = 0; i < vips.size(); i++) {
            Config.Vip vip = vips.get(i);
            if (vip != null) {
                ConfigTable table = tables.get(i);
                differs(table, "address", addresses.put(vip.address(), table.key("address")), vip.text());
            }
        }
    }

    /**
     * The peer must not move before this node's kernel has fenced it.
     *
     * <p>The rule is lease + transit + slop &lt; dead. A node renews its lease as it sends a heartbeat; it may die, or
     * its frames be lost, just after a renewal whose heartbeat never arrived, so the last renewal lies up to one
     * heartbeat after the last heartbeat heard. With {@link #SLOP_MS} for jiffies, transit and scheduling:
     *
     * <pre>lease-ms + heartbeat-ms + 20 &lt;= dead-ms</pre>
     *
     * And a healthy node must not fence itself when one renewal comes late, or is lost:
     *
     * <pre>2.5 * heartbeat-ms &lt;= lease-ms</pre>
     */
    static void timing(ConfigTable table, Config.Timing timing) {
        if (timing == null) {
            return;
        }
        if (timing.heartbeatMs() * 5 > timing.leaseMs() * 2) {
            int least = (timing.heartbeatMs() * 5 + 1) / 2;
            table.wrong(
                    "lease-ms",
                    "at least 2.5 heartbeats, " + least + ", or one late renewal fences a healthy node",
                    String.valueOf(timing.leaseMs()));
        }
        int least = timing.leaseMs() + timing.heartbeatMs() + SLOP_MS;
        if (least > timing.deadMs()) {
            table.wrong(
                    "dead-ms",
                    "at least lease-ms + heartbeat-ms + " + SLOP_MS + " = " + least
                            + ", or the peer moves before this node is fenced",
                    String.valueOf(timing.deadMs()));
        }
    }

    private static void differs(ConfigTable table, String key, String taken, String value) {
        if (taken != null) {
            table.wrong(key, "another value than " + taken, "the same, " + value);
        }
    }

    private static void ends(ConfigTable table, InetSocketAddress local, InetSocketAddress peer) {
        if (Stream.of(local, peer).anyMatch(Objects::isNull)) {
            return;
        }
        if (local.equals(peer)) {
            table.wrong("peer", "another address than " + table.key("local"), "the same, " + ConfigAddress.text(peer));
        } else if (local.getAddress().getClass() != peer.getAddress().getClass()) {
            table.wrong("peer", "an address of the same family as " + table.key("local"), ConfigAddress.text(peer));
        }
    }

    private static void portsDiffer(
            ConfigTable table, String key, InetSocketAddress sync, ConfigTable pathTable, InetSocketAddress path) {
        if (sync != null && sync.getPort() == path.getPort()) {
            table.wrong(key, "another port than " + pathTable.key(key), "the same, " + path.getPort());
        }
    }
}
