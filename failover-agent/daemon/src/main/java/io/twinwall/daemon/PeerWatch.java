/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * The peer's roles as they were heard. A heartbeat says what the peer is, not since when nor why: when it changed is when
 * this node first heard of it. The role agent writes, anybody reads; allocates for news only.
 */
final class PeerWatch {
    /** Changes kept for status pages. */
    static final int CHANGES_MAX = 20;

    /** A change that was heard of at {@code atNs}. */
    record Change(Role from, Role to, long term, long atNs) {}

    /**
     * What is known.
     *
     * @param role of the last heartbeat; null: never heard
     * @param sinceNs when it was first heard of
     * @param begun whether another was heard before: then that is when it began
     * @param changes newest first
     */
    record Seen(Role role, long sinceNs, boolean begun, List<Change> changes) {
        static final Seen NOTHING = new Seen(null, 0, false, List.of());
    }

    private volatile Seen seen = Seen.NOTHING;

    /** The peer says this of itself. */
    void heard(Heartbeat heartbeat, long nowNs) {
        Seen before = seen;
        if (heartbeat.role() == before.role()) {
            return;
        }
        List<Change> changes = new ArrayList<>();
        if (before.role() != null) {
            changes.add(new Change(before.role(), heartbeat.role(), heartbeat.term(), nowNs));
        }
        changes.addAll(before.changes().subList(0, Math.min(before.changes().size(), CHANGES_MAX - 1)));
        seen = new Seen(heartbeat.role(), nowNs, before.role() != null, List.copyOf(changes));
    }

    Seen seen() {
        return seen;
    }
}
