/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertSpec;
import io.twinwall.daemon.Config.Method;
import io.twinwall.daemon.Config.Prefix;
import io.twinwall.daemon.Config.Track;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@link ConfigRelations} of what decides on the role and follows it: trackers, hooks, routes, rules and alerts. A value that is
 * refused by itself is null here and is not looked at again.
 */
final class ConfigFollowers {
    /** A takeover that waits longer than this for a hook is felt by everybody behind the pair. */
    private static final int BEFORE_MS_LONG = 1_000;

    /** What the trackers' one thread looks after. */
    private static final int TRACKS_MAX = 128;

    /** Each may have a thread at work. */
    private static final int ALERTS_MAX = 16;

    private ConfigFollowers() {}

    /** No two of one name, a way of asking that fits the address, and no asking of our own addresses. */
    static void tracks(List<ConfigTable> tables, List<Track> tracks, List<Config.Vip> vips) {
        if (tracks.size() > TRACKS_MAX) {
            ConfigTable first = tables.get(TRACKS_MAX);
            first.wrong("kind", "at most " + TRACKS_MAX + " [[track]]", String.valueOf(tracks.size()));
        }
        Map<String, String> names = new HashMap<>();
        Set<InetAddress> virtual = vips.stream()
                .filter(vip -> vip != null)
                .map(Config.Vip::address)
                .collect(Collectors.toSet());
        for (int i = 0; i < tracks.size(); i++) {
            ConfigTable table = tables.get(i);
            Track each = tracks.get(i);
            if (each != null) {
                ConfigRelations.differs(table, "name", names.put(each.name(), table.key("name")), each.name());
            }
            if (each instanceof Config.TrackAddress track) {
                method(table, track);
                if (virtual.contains(track.address())) {
                    table.wrong("address", "no virtual address, which answers where the role is", "one of [[vip]]");
                }
            }
        }
    }

    private static void method(ConfigTable table, Config.TrackAddress track) {
        boolean ipv4 = track.address() instanceof Inet4Address;
        if (track.method() == (ipv4 ? Method.ND : Method.ARP)) {
            table.wrong(
                    "method",
                    ipv4 ? "arp or icmp for an IPv4 address" : "nd or icmp for an IPv6 address",
                    track.method().text());
        }
    }

    /** An interface nobody watches keeps its addresses when its cable is pulled. */
    static void untracked(List<ConfigTable> tables, List<Config.Vip> vips, List<Track> tracks) {
        Set<String> watched = tracks.stream()
                .filter(Config.TrackInterface.class::isInstance)
                .map(track -> ((Config.TrackInterface) track).interfaceName())
                .collect(Collectors.toSet());
        for (int i = 0; i < vips.size(); i++) {
            Config.Vip vip = vips.get(i);
            if (vip != null && !vip.interfaceName().isEmpty() && !watched.contains(vip.interfaceName())) {
                tables.get(i)
                        .warn(
                                "interface",
                                "a [[track]] of kind interface for \"" + vip.interfaceName() + "\"",
                                "none: the role stays when its link is lost");
            }
        }
    }

    static void hooks(List<ConfigTable> tables, List<Config.Hook> hooks) {
        for (int i = 0; i < hooks.size(); i++) {
            Config.Hook hook = hooks.get(i);
            if (hook == null || !hook.before()) {
                continue;
            }
            if (!hook.on().equals(List.of(Config.When.MASTER))) {
                tables.get(i).wrong("before", "true only where on = [\"master\"]: nothing else waits for a hook");
            } else if (hook.timeoutMs() > BEFORE_MS_LONG) {
                tables.get(i)
                        .warn(
                                "timeout-ms",
                                "at most " + BEFORE_MS_LONG + " where before = true",
                                hook.timeoutMs() + ": each takeover may take that much longer");
            }
        }
    }

    static void routes(List<ConfigTable> tables, List<Config.Route> routes) {
        Map<Object, String> seen = new HashMap<>();
        for (int i = 0; i < routes.size(); i++) {
            Config.Route route = routes.get(i);
            if (route != null) {
                ConfigTable table = tables.get(i);
                sameFamily(table, "via", route.via(), route.to());
                sameFamily(table, "source", route.source(), route.to());
                // The kernel's own key of a route.
                Object key = List.of(route.to(), route.table(), route.metric());
                ConfigRelations.differs(
                        table, "to", seen.put(key, table.key("to")), route.to().text());
            }
        }
    }

    static void rules(List<ConfigTable> tables, List<Config.Rule> rules) {
        Map<Config.Rule, String> seen = new HashMap<>();
        for (int i = 0; i < rules.size(); i++) {
            Config.Rule rule = rules.get(i);
            if (rule != null) {
                ConfigTable table = tables.get(i);
                if (rule.from().isPresent() && rule.to().isPresent()) {
                    sameFamily(
                            table,
                            "from",
                            rule.from().map(Prefix::address),
                            rule.to().get());
                }
                String priority = String.valueOf(rule.priority());
                ConfigRelations.differs(table, "priority", seen.put(rule, table.key("priority")), priority);
            }
        }
    }

    /** Each name once: by it a receiver is asked for and shown. */
    static void alerts(List<ConfigTable> tables, List<AlertSpec> alerts) {
        if (alerts.size() > ALERTS_MAX) {
            tables.get(ALERTS_MAX).wrong("kind", "at most " + ALERTS_MAX + " [[alert]]", String.valueOf(alerts.size()));
        }
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < alerts.size(); i++) {
            AlertSpec alert = alerts.get(i);
            if (alert != null) {
                ConfigTable table = tables.get(i);
                ConfigRelations.differs(table, "name", names.put(alert.name(), table.key("name")), alert.name());
            }
        }
    }

    private static void sameFamily(ConfigTable table, String key, Optional<InetAddress> address, Prefix to) {
        if (address.isPresent() && address.get().getClass() != to.address().getClass()) {
            table.wrong(key, "an address of the same family as " + table.key("to"));
        }
    }
}
