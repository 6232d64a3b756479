/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.wire.SessionTracker;
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

    /** A heartbeat of at most 200 bytes with its framing, ten bits a byte on the line. */
    static final int HEARTBEAT_LINE_BITS = 200 * 10;

    private static final int JOURNAL_MB_WITH_DELTAS = 32;

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

    static void paths(
            ConfigTable file, List<ConfigTable> tables, List<Config.HeartbeatPath> paths, Config.Timing timing) {
        if (tables.isEmpty() && !file.has("path")) {
            file.wrong("path", "at least one [[path]], or the nodes cannot hear each other", "none");
        }
        if (tables.size() > SessionTracker.PATHS_MAX) {
            file.wrong("path", "at most " + SessionTracker.PATHS_MAX + " [[path]]", String.valueOf(tables.size()));
        }
        Map<String, String> names = new HashMap<>();
        Map<Object, String> locals = new HashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            ConfigTable table = tables.get(i);
            Config.HeartbeatPath each = paths.get(i);
            if (each != null) {
                differs(table, "name", names.put(each.name(), table.key("name")), each.name());
            }
            switch (each) {
                case null -> {
                    // Refused by itself.
                }
                case Config.Udp path -> {
                    String taken = locals.put(path.local(), table.key("local"));
                    differs(table, "local", taken, ConfigAddress.text(path.local()));
                    ends(table, path.local(), path.peer());
                }
                case Config.Serial path -> {
                    String taken = locals.put(path.device(), table.key("serial"));
                    differs(table, "serial", taken, path.device().toString());
                    speed(table, path, timing);
                }
            }
        }
    }

    /** A line slower than the heartbeats would queue them, and the newest would be the oldest heard. */
    private static void speed(ConfigTable table, Config.Serial path, Config.Timing timing) {
        if (timing == null) {
            return;
        }
        int least = HEARTBEAT_LINE_BITS * 1_000 / timing.heartbeatMs();
        if (path.baud() < least) {
            table.wrong(
                    "baud",
                    "at least " + least + ", so that a heartbeat of " + HEARTBEAT_LINE_BITS / 10 + " bytes fits in the "
                            + timing.heartbeatMs() + " ms between two",
                    String.valueOf(path.baud()));
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
        for (Config.SyncPath one : sync.paths()) {
            if (one.local().equals(sync.local()) || one.peer().equals(sync.peer())) {
                table.wrong("path", "other addresses than [sync]'s own", one.name());
            }
        }
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i) instanceof Config.Udp path) {
                portsDiffer(table, "local", sync.local(), pathTables.get(i), path.local());
                portsDiffer(table, "peer", sync.peer(), pathTables.get(i), path.peer());
                for (Config.SyncPath one : sync.paths()) {
                    portsDiffer(table, "path", one.local(), pathTables.get(i), path.local());
                    portsDiffer(table, "path", one.peer(), pathTables.get(i), path.peer());
                }
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
        for (Config.HeartbeatPath each : paths) {
            if (each instanceof Config.Udp path) {
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

    /** Whoever wants a takeover within a fraction of a second does not want one that waits for a person. */
    static void countdown(ConfigTable table, Config.Takeover takeover, Config.Timing timing) {
        if (takeover == null || timing == null || takeover.countdownS() == 0) {
            return;
        }
        if (timing.deadMs() < Config.Profile.CALM.timing().deadMs()) {
            table.wrong(
                    "countdown-s",
                    "0, or timing.profile = \"calm\", or a dead-ms as long",
                    takeover.countdownS() + " with a dead time of " + timing.deadMs() + " ms");
        } else {
            table.warn(
                    "countdown-s",
                    "0",
                    takeover.countdownS() + ": nobody is active for that long when the active is lost");
        }
    }

    /** Its directory is its own: what is not the journal's would count towards its size. */
    static void journal(
            ConfigTable table, Config.JournalFiles journal, Config.StateFiles state, Config.RuntimeFiles runtime) {
        if (journal == null) {
            return;
        }
        String own = "a directory of its own";
        if (state != null && state.directory().startsWith(journal.directory())) {
            table.wrong("directory", own, "that of state.directory");
        }
        if (runtime != null && runtime.directory().startsWith(journal.directory())) {
            table.wrong("directory", own, "that of runtime.directory");
        }
        if (journal.deltas() && journal.sizeMb() < JOURNAL_MB_WITH_DELTAS) {
            table.wrong(
                    "size-mb",
                    "at least " + JOURNAL_MB_WITH_DELTAS + " with deltas = true",
                    String.valueOf(journal.sizeMb()));
        }
        if (journal.deltas() && !journal.enabled()) {
            table.warn("deltas", "enabled = true", "false: nothing is kept");
        }
    }

    static void differs(ConfigTable table, String key, String taken, String value) {
        if (taken != null) {
            table.wrong(key, "another value than " + taken, "the same, " + value);
        }
    }

    static void ends(ConfigTable table, InetSocketAddress local, InetSocketAddress peer) {
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
            String other = pathTable.key(key.equals("path") ? "local" : key);
            table.wrong(key, "another port than " + other, "the same, " + path.getPort());
        }
    }
}
