/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.nftbridge.SetAgent;
import io.twinwall.nftbridge.SetConfig;
import io.twinwall.nftbridge.SetName;
import io.twinwall.nftbridge.SetStatus;
import io.twinwall.wire.SideChannel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The configured sets of nf_tables and the thread that mirrors them: a large set keeps it busy, and nobody else. Tells the
 * log what keeps a set from being mirrored, once, and when that has passed.
 */
final class SetMirrors {
    private static final Logger LOG = System.getLogger("twinwall.sets");
    private static final long REST_NS = 20_000_000L;

    private final SetAgent agent;
    private final Consumer<Throwable> failed;
    private final Map<String, String> told = new HashMap<>();
    private final Thread thread = new Thread(this::run, "twinwall-sets");
    private volatile boolean ending;

    /**
     * Of the network namespace of the calling thread.
     *
     * @param failed hears of what cannot go on
     */
    SetMirrors(
            Config.Sync config, SideChannel channel, NanoClock clock, Counters counters, Consumer<Throwable> failed) {
        List<SetName> names = config.sets().stream().map(SetMirrors::name).toList();
        agent = new SetAgent(new SetConfig(names, config.setIntervalMs()), channel, clock, counters);
        this.failed = failed;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Each set, in the configuration's order. Any thread. */
    List<CliStatus.MirroredSet> states() {
        return agent.status().stream()
                .map(one -> new CliStatus.MirroredSet(
                        one.set(), one.side(), one.elements(), one.differing(), one.sinceMs(), one.problem()))
                .toList();
    }

    /** Ends the thread, which closes what it uses. False when it does not end within {@code limitMs}. */
    boolean end(long limitMs) {
        ending = true;
        LockSupport.unpark(thread);
        if (thread.getState() == Thread.State.NEW) {
            agent.close();
            return true;
        }
        return Ends.await(thread, limitMs);
    }

    private void run() {
        try {
            while (!ending) {
                if (agent.doWork() == 0) {
                    LockSupport.parkNanos(REST_NS);
                }
                agent.status().forEach(this::tell);
            }
        } catch (Throwable e) {
            failed.accept(e);
        } finally {
            agent.close();
        }
    }

    private void tell(SetStatus set) {
        String before = told.put(set.set(), set.problem());
        if (set.problem().equals(before) || (before == null && set.problem().isEmpty())) {
            return;
        }
        if (set.problem().isEmpty()) {
            LOG.log(Level.INFO, "set {0} is mirrored again", set.set());
        } else {
            LOG.log(Level.WARNING, "set {0} is not mirrored as it should: {1}", set.set(), set.problem());
        }
    }

    private static SetName name(Config.MirroredSet set) {
        return new SetName(SetName.Family.valueOf(set.family().name()), set.table(), set.name());
    }
}
