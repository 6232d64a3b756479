/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a new configuration changes: parts that can be put in place while the program runs, and keys that only a restart
 * can change.
 *
 * @param parts what is to be applied; empty when nothing changed
 * @param fixed what stays as it is until a restart, in the order of the file
 */
record ConfigChange(Set<Part> parts, List<Fixed> fixed) {
    /** What can be changed at run time. */
    enum Part implements Config.Word {
        /** {@code node.role}, {@code node.priority}. */
        PRIORITY,
        TAKEOVER,
        FAIL_BACK,
        FLAP,
        /** {@code [[sync.filter]]}. */
        SYNC_FILTER,
        TRACK,
        HOOK,
        ROUTE,
        RULE,
        ALERT,
        /** {@code [admin]} but for the socket's path. */
        ADMIN,
        WEB
    }

    /** A key that needs a restart. */
    record Fixed(String key, String reason) {}

    private static final String IDENTITY = "it names this node to its peer; change it on both nodes, then restart both";
    private static final String LEASE =
            "the lease in the kernel is made of it, and both nodes must agree on it; restart both";
    private static final String AT_START = "it is opened at the start; restart this node, the passive one first";

    ConfigChange {
        parts = parts.isEmpty() ? Set.of() : EnumSet.copyOf(parts);
        fixed = List.copyOf(fixed);
    }

    /** The parts as the file calls them. */
    String text() {
        Set<String> words = new TreeSet<>();
        parts.forEach(part -> words.add(
                switch (part) {
                    case PRIORITY -> "node";
                    case SYNC_FILTER -> "sync.filter";
                    case TAKEOVER, FAIL_BACK, FLAP, TRACK, HOOK, ROUTE, RULE, ALERT, ADMIN, WEB -> part.text();
                }));
        return String.join(", ", words);
    }

    /** What is different in {@code next}. */
    static ConfigChange between(Config old, Config next) {
        List<Fixed> fixed = new ArrayList<>();
        keep(fixed, "cluster", old.cluster(), next.cluster(), IDENTITY);
        keep(fixed, "node.name", old.node().name(), next.node().name(), IDENTITY);
        keep(fixed, "node.id", old.node().id(), next.node().id(), IDENTITY);
        keep(fixed, "peer", old.peer(), next.peer(), IDENTITY);
        keep(fixed, "path", old.paths(), next.paths(), AT_START);
        keep(fixed, "sync", old.sync(), next.sync().with(old.sync().filters()), AT_START);
        keep(fixed, "vip", old.vips(), next.vips(), LEASE);
        keep(fixed, "timing", old.timing(), next.timing(), LEASE);
        keep(fixed, "fence", old.fence(), next.fence(), LEASE);
        keep(fixed, "admin.socket", old.admin().socket(), next.admin().socket(), AT_START);
        keep(fixed, "runtime.directory", old.runtime(), next.runtime(), AT_START);
        keep(fixed, "state.directory", old.state(), next.state(), AT_START);
        keep(fixed, "journal", old.journal(), next.journal(), AT_START);
        return new ConfigChange(parts(old, next), fixed);
    }

    private static Set<Part> parts(Config old, Config next) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        boolean sameNode = old.node().role() == next.node().role()
                && old.node().priority() == next.node().priority();
        add(parts, Part.PRIORITY, sameNode);
        add(parts, Part.TAKEOVER, old.takeover().equals(next.takeover()));
        add(parts, Part.FAIL_BACK, old.failBack().equals(next.failBack()));
        add(parts, Part.FLAP, old.flap().equals(next.flap()));
        add(parts, Part.SYNC_FILTER, old.sync().filters().equals(next.sync().filters()));
        add(parts, Part.TRACK, old.tracks().equals(next.tracks()));
        add(parts, Part.HOOK, old.hooks().equals(next.hooks()));
        add(parts, Part.ROUTE, old.routes().equals(next.routes()));
        add(parts, Part.RULE, old.rules().equals(next.rules()));
        add(parts, Part.ALERT, old.alerts().equals(next.alerts()));
        add(parts, Part.ADMIN, old.admin().with(next.admin().socket()).equals(next.admin()));
        add(parts, Part.WEB, old.web().equals(next.web()));
        return parts;
    }

    private static void add(Set<Part> parts, Part part, boolean same) {
        if (!same) {
            parts.add(part);
        }
    }

    private static void keep(List<Fixed> fixed, String key, Object old, Object next, String reason) {
        if (!old.equals(next)) {
            fixed.add(new Fixed(key, reason));
        }
    }
}
