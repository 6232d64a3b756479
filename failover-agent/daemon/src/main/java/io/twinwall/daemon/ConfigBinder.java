/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminConfig;
import io.twinwall.daemon.Config.Fence;
import io.twinwall.daemon.Config.Profile;
import io.twinwall.daemon.Config.Role;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Turns the file's tables into {@link Config}, table by table: the one list of keys, ranges and defaults. A table with
 * a problem yields null; the relations between tables are {@link ConfigRelations}'.
 */
final class ConfigBinder {
    private static final int PATH_BYTES_MAX = 4095;
    private static final Pattern NODE_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");
    private static final String NODE_NAME_IS = "a name of 1..63 letters, digits, '.', '_' or '-'";

    /** As the kernel's {@code dev_valid_name()}, and without '%', which its rules give a meaning. */
    private static final Pattern INTERFACE = Pattern.compile("(?!\\.{1,2}$)[^\\s/:%\"\\p{Cntrl}]{1,15}");

    private static final Pattern ANY = Pattern.compile("(?s).*");

    private ConfigBinder() {}

    /** The configuration; empty only when problems were noted. */
    static Optional<Config> bind(ConfigTable file) {
        ConfigTable clusterTable = file.table("cluster");
        ConfigTable nodeTable = file.table("node");
        ConfigTable peerTable = file.table("peer");
        List<ConfigTable> pathTables = file.tables("path");
        ConfigTable syncTable = file.table("sync");
        List<ConfigTable> vipTables = file.tables("vip");
        ConfigTable timingTable = file.table("timing");
        ConfigTable fenceTable = file.table("fence");
        ConfigTable adminTable = file.table("admin");
        ConfigTable runtimeTable = file.table("runtime");
        file.done();

        Config.Cluster cluster = clusterTable == null ? null : cluster(clusterTable);
        Config.Node node = nodeTable == null ? null : node(nodeTable);
        Config.Peer peer = peerTable == null ? null : peer(peerTable);
        List<Config.HeartbeatPath> paths =
                pathTables.stream().map(ConfigBinder::path).toList();
        Config.Sync sync = syncTable == null ? null : sync(syncTable);
        List<Config.Vip> vips = vipTables.stream().map(ConfigBinder::vip).toList();
        Config.Timing timing = timingTable == null ? null : timing(timingTable);
        Fence fence = fenceTable == null ? null : fence(fenceTable);
        Config.Admin admin = adminTable == null ? null : admin(adminTable);
        Config.RuntimeFiles runtime = runtimeTable == null ? null : runtime(runtimeTable);

        ConfigRelations.nodes(peerTable, node, peer);
        ConfigRelations.paths(file, pathTables, paths);
        ConfigRelations.sync(syncTable, sync, pathTables, paths);
        ConfigRelations.vips(file, vipTables, vips, paths);
        ConfigRelations.timing(timingTable, timing);

        if (Stream.of(cluster, node, peer, sync, timing, fence, admin, runtime).anyMatch(Objects::isNull)
                || paths.contains(null)
                || vips.contains(null)) {
            return Optional.empty();
        }
        return Optional.of(new Config(cluster, node, peer, paths, sync, vips, timing, fence, admin, runtime));
    }

    private static Config.Cluster cluster(ConfigTable table) {
        Integer id = table.integer("id", 1, 255, null);
        Path keyFile = table.absolutePath("key-file", PATH_BYTES_MAX, Path.of("/etc/twinwall/cluster.key"));
        table.done();
        return id == null || keyFile == null ? null : new Config.Cluster(id, keyFile);
    }

    private static Config.Node node(ConfigTable table) {
        String name = table.text("name", NODE_NAME_IS, NODE_NAME);
        Integer id = table.integer("id", 1, 255, null);
        Role role = table.word("role", List.of(Role.values()), null);
        Integer priority = table.integer("priority", 1, 255, 100);
        table.done();
        return name == null || id == null || role == null || priority == null
                ? null
                : new Config.Node(name, id, role, priority);
    }

    private static Config.Peer peer(ConfigTable table) {
        String name = table.text("name", NODE_NAME_IS, NODE_NAME);
        Integer id = table.integer("id", 1, 255, null);
        table.done();
        return name == null || id == null ? null : new Config.Peer(name, id);
    }

    private static Config.HeartbeatPath path(ConfigTable table) {
        String name = table.text("name", NODE_NAME_IS, NODE_NAME);
        InetSocketAddress local = table.unicast("local");
        InetSocketAddress peer = table.unicast("peer");
        table.done();
        return name == null || local == null || peer == null ? null : new Config.HeartbeatPath(name, local, peer);
    }

    private static Config.Sync sync(ConfigTable table) {
        Boolean enabled = table.bool("enabled", true);
        boolean needed = enabled == null || enabled;
        InetSocketAddress local = needed || table.has("local") ? table.unicast("local") : null;
        InetSocketAddress peer = needed || table.has("peer") ? table.unicast("peer") : null;
        Integer flowsMax = table.integer("flows-max", 1024, 6_000_000, 1_048_576);
        Integer eventBufferMb = table.integer("event-buffer-mb", 1, 1024, 64);
        table.done();
        boolean ends = local != null && peer != null;
        return enabled == null || flowsMax == null || eventBufferMb == null || (enabled && !ends)
                ? null
                : new Config.Sync(enabled, local, peer, flowsMax, eventBufferMb);
    }

    private static Config.Vip vip(ConfigTable table) {
        String text = table.text("address", "\"address/prefix\", such as 10.10.0.254/24", ANY);
        String interfaceName =
                table.text("interface", "an interface name of 1..15 characters without '/', ':', '%'", INTERFACE);
        table.done();
        Config.Vip vip = text == null ? null : vip(text, interfaceName);
        if (text != null && vip == null) {
            table.wrong("address", "\"address/prefix\" of one host, such as 10.10.0.254/24 or 2001:db8::254/64");
        }
        return interfaceName == null ? null : vip;
    }

    private static Config.Vip vip(String text, String interfaceName) {
        int slash = text.indexOf('/');
        InetAddress address = ConfigAddress.address(text.substring(0, Math.max(slash, 0)));
        String prefix = text.substring(slash + 1);
        if (address == null || !prefix.matches("[1-9][0-9]{0,2}")) {
            return null;
        }
        int length = Integer.parseInt(prefix);
        int bits = address.getAddress().length * 8;
        boolean oneHost = ConfigAddress.unicast(address) && !address.isLoopbackAddress() && length <= bits;
        // A net of more than two addresses keeps its first, and in IPv4 its last, for itself (RFC 4291, RFC 919).
        if (length < bits - 1) {
            oneHost = oneHost
                    && !ConfigAddress.hostBitsAll(address, length, 0)
                    && !(address instanceof Inet4Address && ConfigAddress.hostBitsAll(address, length, 1));
        }
        return oneHost ? new Config.Vip(address, length, interfaceName) : null;
    }

    private static Config.Timing timing(ConfigTable table) {
        Profile profile = table.word("profile", List.of(Profile.CALM, Profile.FAST, Profile.EXTREME), Profile.FAST);
        long numbers = Stream.of("heartbeat-ms", "lease-ms", "dead-ms")
                .filter(table::has)
                .count();
        if (numbers == 0) {
            table.done();
            return profile == null ? null : profile.timing();
        }
        Integer heartbeatMs = table.integer("heartbeat-ms", 5, 5_000, null);
        Integer leaseMs = table.integer("lease-ms", 10, 20_000, null);
        Integer deadMs = table.integer("dead-ms", 20, 60_000, null);
        table.done();
        if (table.has("profile") && numbers < 3) {
            table.wrong("profile", "a profile alone, or all three numbers", "a profile beside some numbers");
        } else if (table.has("profile")) {
            table.warn("profile", "a profile alone, or all three numbers", "both; the numbers count");
        }
        return heartbeatMs == null || leaseMs == null || deadMs == null
                ? null
                : new Config.Timing(Profile.EXPLICIT, heartbeatMs, leaseMs, deadMs);
    }

    private static Fence fence(ConfigTable table) {
        Fence mode = table.word("mode", List.of(Fence.values()), Fence.WHEN_PEER_READY);
        table.done();
        if (mode == Fence.OFF) {
            table.warn("mode", "strict or when-peer-ready", "off: a hung agent goes on forwarding beside its peer");
        }
        return mode;
    }

    private static Config.Admin admin(ConfigTable table) {
        Path socket = table.absolutePath("socket", AdminConfig.SOCKET_PATH_BYTES_MAX, Cli.SOCKET);
        InetSocketAddress metrics = table.has("metrics") ? table.addressAndPort("metrics", null) : null;
        table.done();
        return socket == null ? null : new Config.Admin(socket, Optional.ofNullable(metrics));
    }

    private static Config.RuntimeFiles runtime(ConfigTable table) {
        Path directory = table.absolutePath("directory", PATH_BYTES_MAX, Path.of("/dev/shm/twinwall"));
        table.done();
        return directory == null ? null : new Config.RuntimeFiles(directory);
    }
}
