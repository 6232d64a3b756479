/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.conntracksync.FlowRule;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Binds the table {@code sync} and those within it. */
final class ConfigSyncBinder {
    private static final int SYNC_PATHS_MAX = 4;

    /** Part of the names of metrics, where a hyphen becomes an underscore: no two of them may fall together. */
    private static final Pattern PATH_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");

    private static final String PATH_NAME_IS = "a name of 1..32 small letters, digits or '-', other than \"sync\"";

    private ConfigSyncBinder() {}

    /** Null when something is wrong. */
    static Config.Sync sync(ConfigTable table) {
        Boolean enabled = table.bool("enabled", true);
        List<ConfigTable> pathTables = table.tables("path");
        boolean needed = (enabled == null || enabled) && pathTables.isEmpty();
        InetSocketAddress local = needed || table.has("local") ? table.unicast("local") : null;
        InetSocketAddress peer = needed || table.has("peer") ? table.unicast("peer") : null;
        Integer flowsMax = table.integer("flows-max", 1024, 6_000_000, 1_048_576);
        Integer eventBufferMb = table.integer("event-buffer-mb", 1, 1024, 64);
        Integer setIntervalMs = table.integer("set-interval-ms", 200, 60_000, 1_000);
        List<ConfigTable> setTables = table.tables("set");
        Boolean expectations = table.bool("expectations", true);
        List<ConfigTable> filterTables = table.tables("filter");
        List<FlowRule> filters = ConfigBinder.bindAll(filterTables, ConfigFilterBinder::filter);
        ConfigFilterBinder.reached(table, filterTables, filters);
        List<Config.SyncPath> paths = paths(pathTables);
        Boolean duplicate = table.bool("duplicate", false);
        List<Config.MirroredSet> sets = ConfigSetBinder.sets(setTables);
        table.done();
        if (!pathTables.isEmpty() && (local == null) != (peer == null)) {
            table.wrong(local == null ? "local" : "peer", "both local and peer, or only [[sync.path]]");
        }
        boolean both = local != null && peer != null;
        boolean neither = local == null && peer == null;
        boolean ends = paths != null && (both || (neither && !paths.isEmpty()));
        boolean whole = flowsMax != null
                && eventBufferMb != null
                && expectations != null
                && duplicate != null
                && setIntervalMs != null
                && !sets.contains(null)
                && !filters.contains(null);
        if (Boolean.TRUE.equals(enabled)
                && Boolean.TRUE.equals(duplicate)
                && pathTables.size() + (local == null ? 0 : 1) == 1) {
            table.warn("duplicate", "two paths or more", "one: it is sent once");
        }
        if (Boolean.FALSE.equals(enabled)) {
            undone(table, "path", pathTables);
            undone(table, "filter", filterTables);
            undone(table, "set", setTables);
        }
        return enabled == null || !whole || (enabled && !ends)
                ? null
                : new Config.Sync(
                        enabled,
                        local,
                        peer,
                        flowsMax,
                        eventBufferMb,
                        expectations,
                        filters,
                        paths == null ? List.of() : paths,
                        duplicate,
                        sets,
                        setIntervalMs);
    }

    private static void undone(ConfigTable sync, String key, List<ConfigTable> tables) {
        if (!tables.isEmpty()) {
            sync.warn(key, "enabled = true", "false: nothing of this kind is done");
        }
    }

    /** Null when one of them is wrong. */
    private static List<Config.SyncPath> paths(List<ConfigTable> tables) {
        List<Config.SyncPath> paths = new ArrayList<>();
        for (ConfigTable table : tables) {
            String name = table.text("name", PATH_NAME_IS, PATH_NAME);
            InetSocketAddress local = table.unicast("local");
            InetSocketAddress peer = table.unicast("peer");
            table.done();
            ConfigRelations.ends(table, local, peer);
            if (Config.Sync.OWN_PATH.equals(name)) {
                table.wrong("name", PATH_NAME_IS);
            }
            for (Config.SyncPath other : paths) {
                if (other.name().equals(name)) {
                    table.wrong("name", "another name than that of another path");
                }
                if (other.local().equals(local) || other.peer().equals(peer)) {
                    table.wrong("local", "other addresses than those of path \"" + other.name() + "\"");
                }
            }
            if (name != null && local != null && peer != null) {
                paths.add(new Config.SyncPath(name, local, peer));
            }
        }
        if (paths.size() > SYNC_PATHS_MAX) {
            tables.getLast().wrong("name", "at most " + SYNC_PATHS_MAX + " paths", String.valueOf(paths.size()));
        }
        return paths.size() == tables.size() ? List.copyOf(paths) : null;
    }
}
