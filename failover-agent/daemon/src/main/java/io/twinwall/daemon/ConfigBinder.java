/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertSpec;
import io.twinwall.daemon.Config.Fence;
import io.twinwall.daemon.Config.Profile;
import io.twinwall.daemon.Config.Role;
import io.twinwall.journal.JournalConfig;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Turns the file's tables into {@link Config}, table by table: the one list of keys, ranges and defaults. A table with
 * a problem yields null; the relations between tables are {@link ConfigRelations}'.
 */
final class ConfigBinder {
    static final int PATH_BYTES_MAX = 4095;
    private static final int JOURNAL_MB_LEAST = (int) (JournalConfig.BYTES_MAX_LEAST >> 20);
    static final Pattern NODE_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");
    static final String NODE_NAME_IS = "a name of 1..63 letters, digits, '.', '_' or '-'";

    /** As the kernel's {@code dev_valid_name()}, and without '%', which its rules give a meaning. */
    static final Pattern INTERFACE = Pattern.compile("(?!\\.{1,2}$)[^\\s/:%\"\\p{Cntrl}]{1,15}");

    static final String INTERFACE_IS = "an interface name of 1..15 characters without '/', ':', '%'";

    private static final List<Integer> BAUDS =
            List.of(9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_000_000, 1_500_000, 2_000_000);

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
        ConfigTable takeoverTable = file.table("takeover");
        ConfigTable failBackTable = file.table("fail-back");
        ConfigTable flapTable = file.table("flap");
        List<ConfigTable> trackTables = file.tables("track");
        List<ConfigTable> hookTables = file.tables("hook");
        List<ConfigTable> routeTables = file.tables("route");
        List<ConfigTable> ruleTables = file.tables("rule");
        List<ConfigTable> alertTables = file.tables("alert");
        ConfigTable adminTable = file.table("admin");
        ConfigTable webTable = file.table("web");
        ConfigTable runtimeTable = file.table("runtime");
        ConfigTable stateTable = file.table("state");
        ConfigTable journalTable = file.table("journal");
        file.done();

        Config.Cluster cluster = bind(clusterTable, ConfigBinder::cluster);
        Config.Node node = bind(nodeTable, ConfigBinder::node);
        Config.Peer peer = bind(peerTable, ConfigBinder::peer);
        List<Config.HeartbeatPath> paths = bindAll(pathTables, ConfigBinder::path);
        Config.Sync sync = bind(syncTable, ConfigSyncBinder::sync);
        List<Config.Vip> vips = bindAll(vipTables, ConfigBinder::vip);
        Config.Timing timing = bind(timingTable, ConfigBinder::timing);
        Fence fence = bind(fenceTable, ConfigBinder::fence);
        Config.Takeover takeover = bind(takeoverTable, ConfigRoleBinder::takeover);
        Config.FailBack failBack = bind(failBackTable, ConfigRoleBinder::failBack);
        Config.Flap flap = bind(flapTable, ConfigRoleBinder::flap);
        List<Config.Track> tracks = bindAll(trackTables, ConfigTrackBinder::track);
        List<Config.Hook> hooks = bindAll(hookTables, ConfigRoleBinder::hook);
        List<Config.Route> routes = bindAll(routeTables, ConfigRouteBinder::route);
        List<Config.Rule> rules = bindAll(ruleTables, ConfigRouteBinder::rule);
        List<AlertSpec> alerts = bindAll(alertTables, ConfigAlertBinder::alert);
        Config.Admin admin = bind(adminTable, ConfigAdminBinder::admin);
        Config.Web web = bind(webTable, ConfigAdminBinder::web);
        Config.RuntimeFiles runtime = bind(runtimeTable, ConfigBinder::runtime);
        Config.StateFiles state = bind(stateTable, ConfigBinder::state);
        Config.JournalFiles journal = bind(journalTable, table -> journal(table, state));

        ConfigRelations.nodes(peerTable, node, peer);
        ConfigRelations.paths(file, pathTables, paths, timing);
        ConfigRelations.sync(syncTable, sync, pathTables, paths);
        ConfigRelations.vips(file, vipTables, vips, paths);
        ConfigRelations.timing(timingTable, timing);
        ConfigRelations.countdown(takeoverTable, takeover, timing);
        ConfigRelations.journal(journalTable, journal, state, runtime);
        ConfigFollowers.tracks(trackTables, tracks, vips);
        ConfigFollowers.untracked(vipTables, vips, tracks);
        ConfigFollowers.hooks(hookTables, hooks);
        ConfigFollowers.routes(routeTables, routes);
        ConfigFollowers.rules(ruleTables, rules);
        ConfigFollowers.alerts(alertTables, alerts);

        if (Stream.of(
                                cluster, node, peer, sync, timing, fence, takeover, failBack, flap, admin, web, runtime,
                                state, journal)
                        .anyMatch(Objects::isNull)
                || Stream.of(paths, vips, tracks, hooks, routes, rules, alerts).anyMatch(all -> all.contains(null))) {
            return Optional.empty();
        }
        return Optional.of(new Config(
                cluster, node, peer, paths, sync, vips, timing, fence, takeover, failBack, flap, tracks, hooks, routes,
                rules, alerts, admin, web, runtime, state, journal));
    }

    /** What {@code table} holds; null when it is no table. */
    private static <T> T bind(ConfigTable table, Function<ConfigTable, T> binder) {
        return table == null ? null : binder.apply(table);
    }

    static <T> List<T> bindAll(List<ConfigTable> tables, Function<ConfigTable, T> binder) {
        return tables.stream().map(binder).toList();
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
        if (table.has("serial")) {
            Path device = table.absolutePath("serial", PATH_BYTES_MAX, null);
            Integer baud = table.oneOf("baud", BAUDS, 115_200);
            table.done();
            return name == null || device == null || baud == null ? null : new Config.Serial(name, device, baud);
        }
        InetSocketAddress local = table.unicast("local");
        InetSocketAddress peer = table.unicast("peer");
        Optional<String> interfaceName = table.optionalText("interface", INTERFACE_IS, INTERFACE);
        if (table.has("baud")) {
            table.wrong("baud", "baud only beside serial");
        }
        table.done();
        return name == null || local == null || peer == null ? null : new Config.Udp(name, local, peer, interfaceName);
    }

    private static Config.Vip vip(ConfigTable table) {
        String text = table.text("address", "\"address/prefix\", such as 10.10.0.254/24", ANY);
        String interfaceName =
                table.has("interface") ? table.text("interface", INTERFACE_IS, INTERFACE) : Config.Vip.BY_SUBNET;
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

    private static Config.RuntimeFiles runtime(ConfigTable table) {
        Path directory = table.absolutePath("directory", PATH_BYTES_MAX, Path.of("/dev/shm/twinwall"));
        table.done();
        return directory == null ? null : new Config.RuntimeFiles(directory);
    }

    private static Config.StateFiles state(ConfigTable table) {
        Path directory = table.absolutePath("directory", PATH_BYTES_MAX, Path.of("/var/lib/twinwall"));
        table.done();
        return directory == null ? null : new Config.StateFiles(directory);
    }

    /** Beside the state unless it says otherwise, so that what is kept of a node is in one place. */
    private static Config.JournalFiles journal(ConfigTable table, Config.StateFiles state) {
        Path beside = (state == null ? Path.of("/var/lib/twinwall") : state.directory()).resolve("journal");
        Boolean enabled = table.bool("enabled", true);
        Path directory = table.absolutePath("directory", PATH_BYTES_MAX, beside);
        Integer sizeMb = table.integer("size-mb", JOURNAL_MB_LEAST, 1_000_000, 64);
        Integer ageDays = table.integer("age-days", 1, 3_650, 90);
        Boolean deltas = table.bool("deltas", false);
        table.done();
        return enabled == null || directory == null || sizeMb == null || ageDays == null || deltas == null
                ? null
                : new Config.JournalFiles(enabled, directory, sizeMb, ageDays, deltas);
    }
}
