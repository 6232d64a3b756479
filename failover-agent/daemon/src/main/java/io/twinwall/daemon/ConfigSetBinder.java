/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.nftbridge.LeaseConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code [[sync.set]]}: which sets and maps of nf_tables are mirrored. */
final class ConfigSetBinder {
    /** What nft takes for a name; the kernel's own limit is 255 bytes. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_.][A-Za-z0-9_/.-]{0,254}");

    private static final String NAME_IS =
            "a name as nft takes it, of 1..255 letters, digits, '_', '/', '.', '-', a letter, '_' or '.' first";
    private static final int SETS_MAX = 64;

    private ConfigSetBinder() {}

    /** Each as bound, or null where it is wrong. */
    static List<Config.MirroredSet> sets(List<ConfigTable> tables) {
        List<Config.MirroredSet> sets = new ArrayList<>();
        Map<Config.MirroredSet, String> seen = new HashMap<>();
        for (ConfigTable table : tables) {
            Config.MirroredSet set = set(table);
            sets.add(set);
            if (set != null) {
                ConfigRelations.differs(table, "name", seen.put(set, table.key("name")), set.name());
            }
        }
        if (tables.size() > SETS_MAX) {
            tables.getLast().wrong("name", "at most " + SETS_MAX + " [[sync.set]]", String.valueOf(tables.size()));
        }
        return Collections.unmodifiableList(sets);
    }

    private static Config.MirroredSet set(ConfigTable table) {
        Config.Family family = table.word("family", Arrays.asList(Config.Family.values()), Config.Family.INET);
        String in = table.text("table", NAME_IS, NAME);
        String name = table.text("name", NAME_IS, NAME);
        table.done();
        if (in != null && in.equals(LeaseConfig.TABLE)) {
            table.wrong("table", "a table of the ruleset: this one is the node's own, and its lease is in it");
            return null;
        }
        return family == null || in == null || name == null ? null : new Config.MirroredSet(family, in, name);
    }
}
