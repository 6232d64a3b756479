/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.daemon.Config.Prefix;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/** The tables {@code [[route]]} and {@code [[rule]]}. */
final class ConfigRouteBinder {
    /** {@code RT_TABLE_MAIN}. */
    private static final int MAIN = 254;

    private static final int TABLE_MAX = Integer.MAX_VALUE;
    private static final Prefix ALL_IPV4 = ConfigAddress.prefix("0.0.0.0/0");
    private static final Prefix ALL_IPV6 = ConfigAddress.prefix("::/0");

    private ConfigRouteBinder() {}

    static Config.Route route(ConfigTable table) {
        InetAddress via = table.has("via") ? table.address("via") : null;
        InetAddress source = table.has("source") ? table.address("source") : null;
        boolean ipv6 = via instanceof Inet6Address || source instanceof Inet6Address;
        Prefix to = table.prefix("to", ipv6 ? ALL_IPV6 : ALL_IPV4);
        Optional<String> interfaceName =
                table.optionalText("interface", ConfigBinder.INTERFACE_IS, ConfigBinder.INTERFACE);
        Integer number = table.integer("table", 1, TABLE_MAX, MAIN);
        Integer metric = table.integer("metric", 0, Integer.MAX_VALUE, 0);
        boolean bound = (via != null || !table.has("via")) && (source != null || !table.has("source"));
        if (!table.has("via") && !table.has("interface")) {
            table.wrong("via", "via, interface or both");
        }
        table.done();
        return to == null || number == null || metric == null || !bound
                ? null
                : new Config.Route(
                        to, Optional.ofNullable(via), interfaceName, number, metric, Optional.ofNullable(source));
    }

    static Config.Rule rule(ConfigTable table) {
        Prefix from = table.has("from") ? table.prefix("from", null) : null;
        Prefix to = table.has("to") ? table.prefix("to", null) : null;
        Long fwmark = table.number("fwmark", 1, 0xffff_ffffL, 0L);
        Integer number = table.integer("table", 1, TABLE_MAX, null);
        Integer priority = table.integer("priority", 1, 32_765, null);
        boolean bound = (from != null || !table.has("from")) && (to != null || !table.has("to"));
        if (!table.has("from") && !table.has("to") && !table.has("fwmark")) {
            table.wrong("from", "from, to, fwmark or some of them");
        }
        table.done();
        return fwmark == null || number == null || priority == null || !bound
                ? null
                : new Config.Rule(Optional.ofNullable(from), Optional.ofNullable(to), fwmark, number, priority);
    }
}
