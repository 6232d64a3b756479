/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tomlj.Toml;

/** The effective configuration, defaults filled in, as its reader would have written it. */
public final class ConfigText {
    private ConfigText() {}

    /** As TOML; reads back as an equal {@link Config}. */
    public static String toml(Config config) {
        return toml(ofFile(config));
    }

    /** As {@link #toml(Config)}, for what is kept and shown to others: of a webhook's URL no more than scheme and host. */
    static String tomlWithoutSecrets(Config config) {
        Map<String, Object> tree = ofFile(config);
        tree.put(
                "alert",
                config.alerts().stream().map(ConfigAlertText::withoutSecrets).toList());
        return toml(tree);
    }

    private static Map<String, Object> ofFile(Config config) {
        return tree(config, config.timing().profile() == Config.Profile.EXPLICIT);
    }

    private static String toml(Map<String, Object> tree) {
        StringBuilder text = new StringBuilder();
        tree.forEach((name, value) -> {
            if (value instanceof List<?> list) {
                list.forEach(table -> table(text, "[[" + name + "]]", (Map<?, ?>) table));
            } else {
                table(text, "[" + name + "]", (Map<?, ?>) value);
                ((Map<?, ?>) value).forEach((key, inner) -> tables(text, name + "." + key, inner));
            }
        });
        return text.toString();
    }

    /** As a tree of the file's own keys, for JSON; the numbers of a timing profile are spelt out. */
    public static Map<String, Object> tree(Config config) {
        return tree(config, true);
    }

    private static Map<String, Object> tree(Config config, boolean timingNumbers) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(
                "cluster",
                map(
                        "id",
                        config.cluster().id(),
                        "key-file",
                        config.cluster().keyFile().toString()));
        Config.Node node = config.node();
        tree.put(
                "node",
                map("name", node.name(), "id", node.id(), "role", node.role().text(), "priority", node.priority()));
        tree.put("peer", map("name", config.peer().name(), "id", config.peer().id()));
        tree.put("path", config.paths().stream().map(ConfigText::path).toList());
        tree.put("sync", sync(config.sync()));
        tree.put("vip", config.vips().stream().map(ConfigText::vip).toList());
        tree.put("timing", timing(config.timing(), timingNumbers));
        tree.put("fence", map("mode", config.fence().text()));
        ConfigFollowersText.put(tree, config);
        tree.put("admin", admin(config.admin()));
        tree.put("web", map("enabled", config.web().enabled()));
        tree.put("runtime", map("directory", config.runtime().directory().toString()));
        tree.put("state", map("directory", config.state().directory().toString()));
        tree.put("journal", journal(config.journal()));
        return tree;
    }

    private static Map<String, Object> admin(Config.Admin admin) {
        Map<String, Object> map = map("socket", admin.socket().toString());
        map.put("socket-mode", admin.groupMay() ? "0660" : "0600");
        admin.group().ifPresent(group -> map.put("socket-group", group));
        admin.metrics().ifPresent(metrics -> map.put("metrics", ConfigAddress.text(metrics)));
        admin.remote()
                .ifPresent(remote -> map.put(
                        "remote",
                        map(
                                "listen",
                                ConfigAddress.text(remote.listen()),
                                "certificate",
                                remote.certificate().toString(),
                                "key",
                                remote.key().toString(),
                                "token-file",
                                remote.tokenFile().toString())));
        return map;
    }

    private static Map<String, Object> journal(Config.JournalFiles journal) {
        return map(
                "enabled",
                journal.enabled(),
                "directory",
                journal.directory().toString(),
                "size-mb",
                journal.sizeMb(),
                "age-days",
                journal.ageDays(),
                "deltas",
                journal.deltas());
    }

    private static Map<String, Object> path(Config.HeartbeatPath each) {
        return switch (each) {
            case Config.Udp path -> {
                Map<String, Object> map = map("name", path.name());
                map.put("local", ConfigAddress.text(path.local()));
                map.put("peer", ConfigAddress.text(path.peer()));
                path.interfaceName().ifPresent(name -> map.put("interface", name));
                yield map;
            }
            case Config.Serial path ->
                map("name", path.name(), "serial", path.device().toString(), "baud", path.baud());
        };
    }

    private static Map<String, Object> vip(Config.Vip vip) {
        Map<String, Object> map = map("address", vip.text());
        if (!vip.interfaceName().isEmpty()) {
            map.put("interface", vip.interfaceName());
        }
        return map;
    }

    private static Map<String, Object> sync(Config.Sync sync) {
        Map<String, Object> map = map("enabled", sync.enabled());
        if (sync.local() != null) {
            map.put("local", ConfigAddress.text(sync.local()));
        }
        if (sync.peer() != null) {
            map.put("peer", ConfigAddress.text(sync.peer()));
        }
        map.put("flows-max", sync.flowsMax());
        map.put("event-buffer-mb", sync.eventBufferMb());
        map.put("expectations", sync.expectations());
        map.put("duplicate", sync.duplicate());
        map.put("set-interval-ms", sync.setIntervalMs());
        if (!sync.filters().isEmpty()) {
            map.put(
                    "filter",
                    sync.filters().stream().map(ConfigFilterText::filter).toList());
        }
        if (!sync.paths().isEmpty()) {
            map.put(
                    "path",
                    sync.paths().stream()
                            .map(path -> map(
                                    "name", path.name(),
                                    "local", ConfigAddress.text(path.local()),
                                    "peer", ConfigAddress.text(path.peer())))
                            .toList());
        }
        if (!sync.sets().isEmpty()) {
            map.put("set", sync.sets().stream().map(ConfigText::set).toList());
        }
        return map;
    }

    private static Map<String, Object> set(Config.MirroredSet set) {
        return map("family", set.family().text(), "table", set.table(), "name", set.name());
    }

    private static Map<String, Object> timing(Config.Timing timing, boolean numbers) {
        Map<String, Object> map = map();
        if (timing.profile() != Config.Profile.EXPLICIT) {
            map.put("profile", timing.profile().text());
        }
        if (numbers) {
            map.put("heartbeat-ms", timing.heartbeatMs());
            map.put("lease-ms", timing.leaseMs());
            map.put("dead-ms", timing.deadMs());
        }
        return map;
    }

    /** The tables within a table come behind it. */
    private static void tables(StringBuilder text, String name, Object value) {
        if (value instanceof Map<?, ?> table) {
            table(text, "[" + name + "]", table);
        } else if (isTables(value)) {
            ((List<?>) value).forEach(table -> table(text, "[[" + name + "]]", (Map<?, ?>) table));
        }
    }

    private static boolean isTables(Object value) {
        return value instanceof List<?> list && !list.isEmpty() && list.getFirst() instanceof Map;
    }

    private static void table(StringBuilder text, String head, Map<?, ?> table) {
        text.append(text.isEmpty() ? "" : "\n").append(head).append('\n');
        table.forEach((key, value) -> {
            if (isTables(value) || value instanceof Map) {
                return;
            }
            text.append(key).append(" = ");
            value(text, value);
            text.append('\n');
        });
    }

    private static void value(StringBuilder text, Object value) {
        switch (value) {
            case String string ->
                text.append('"').append(Toml.tomlEscape(string)).append('"');
            case List<?> list -> {
                text.append('[');
                for (int i = 0; i < list.size(); i++) {
                    text.append(i == 0 ? "" : ", ");
                    value(text, list.get(i));
                }
                text.append(']');
            }
            default -> text.append(value);
        }
    }

    static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
