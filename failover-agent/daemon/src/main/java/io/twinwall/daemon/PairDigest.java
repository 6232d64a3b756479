/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A short word for that part of a configuration which must be the same on both nodes: two nodes of one version with the same
 * word agree on it. Without what each node has for itself (names, addresses of its own, interfaces, trackers, hooks, files).
 */
final class PairDigest {
    private static final List<String> SHARED = List.of("fence", "takeover", "fail-back", "flap", "rule");

    private static final List<String> OWN_OF_SYNC = List.of("local", "peer", "event-buffer-mb");
    private static final int HEX_DIGITS = 12;

    private PairDigest() {}

    static String of(Config config) {
        Map<String, Object> tree = ConfigText.tree(config);
        Map<String, Object> shared = new LinkedHashMap<>();
        shared.put("cluster", config.cluster().id());
        SHARED.forEach(key -> shared.put(key, tree.get(key)));
        shared.put("sync", sync(config, tree));
        // The interface may be left out, and is then found on each host by itself.
        shared.put("vip", config.vips().stream().map(Config.Vip::text).toList());
        // A profile is but a word for its numbers.
        Config.Timing timing = config.timing();
        shared.put("timing", List.of(timing.heartbeatMs(), timing.leaseMs(), timing.deadMs()));
        shared.put(
                "route",
                config.routes().stream().map(route -> route.to().text()).toList());
        return HexFormat.of().formatHex(ConfigDigest.sha256(shared.toString())).substring(0, HEX_DIGITS);
    }

    private static Map<String, Object> sync(Config config, Map<String, Object> tree) {
        Map<String, Object> sync = new LinkedHashMap<>();
        ((Map<?, ?>) tree.get("sync")).forEach((key, value) -> sync.put(String.valueOf(key), value));
        OWN_OF_SYNC.forEach(sync::remove);
        sync.put(
                "path",
                config.sync().paths().stream().map(Config.SyncPath::name).toList());
        return sync;
    }
}
