/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.NanoClock;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whether this node does its work, for {@code /healthz}. Says nothing of which role it has, nor of whether it is ready:
 * a passive, one in maintenance and one that catches up do their work. Reads published state only; any thread.
 */
final class NodeHealth {
    /** The role agent's loop begins a cycle each second at the latest. */
    private static final long ROLES_SILENT_NS = 3_000_000_000L;

    /** The sync agent's cycles are bounded, and it rests for milliseconds. */
    private static final long SYNC_SILENT_NS = 5_000_000_000L;

    private final BooleanSupplier rolesRun;
    private final LongSupplier rolesBeatNs;
    private final Supplier<RoleState> roles;
    private final Supplier<Optional<Pulse>> sync;
    private final NanoClock clock;
    private final AtomicReference<String> failure = new AtomicReference<>();

    /**
     * @param rolesRun whether the role agent's thread is there
     * @param rolesBeatNs when it last began a cycle
     * @param sync the sync agent's pulse; empty: it is not to run, or not yet
     */
    NodeHealth(
            BooleanSupplier rolesRun,
            LongSupplier rolesBeatNs,
            Supplier<RoleState> roles,
            Supplier<Optional<Pulse>> sync,
            NanoClock clock) {
        this.rolesRun = rolesRun;
        this.rolesBeatNs = rolesBeatNs;
        this.roles = roles;
        this.sync = sync;
        this.clock = clock;
    }

    /** A part cannot go on: from now on this node is not healthy. The first counts. */
    void failed(Throwable cause) {
        failure.compareAndSet(null, "an agent has failed: " + cause);
    }

    /** Why this node does not do its work, a sentence each; none when it does. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        String broken = failure.get();
        if (broken != null) {
            problems.add(broken);
        }
        long nowNs = clock.nanoTime();
        if (!rolesRun.getAsBoolean()) {
            problems.add("the role agent does not run");
        } else if (nowNs - rolesBeatNs.getAsLong() > ROLES_SILENT_NS) {
            problems.add("the role agent's loop has stopped, " + ago(nowNs - rolesBeatNs.getAsLong()));
        }
        sync.get().filter(pulse -> nowNs - pulse.beatNs() > SYNC_SILENT_NS).ifPresent(pulse -> {
            problems.add("the sync agent's loop has stopped, " + ago(nowNs - pulse.beatNs()));
        });
        if (roles.get().role() == Role.FAULT) {
            problems.add("role FAULT: " + fault(roles.get().standing()));
        }
        return List.copyOf(problems);
    }

    private static String ago(long ns) {
        return ns / 1_000_000_000 + " s ago";
    }

    private static String fault(Standing standing) {
        if (!standing.fault().isEmpty()) {
            return standing.fault();
        }
        return standing.isolated() ? "it is isolated" : "its gate failed";
    }
}
