/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftResult;
import io.twinwall.nftbridge.Lease;
import io.twinwall.nftbridge.LeaseConfig;
import io.twinwall.nftbridge.LeaseWatch;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/**
 * This node's right to answer for the virtual addresses and to forward, as the kernel keeps it. Without a fence there is
 * no gate and all of this does nothing. Tables that an earlier life left behind are replaced only when a role is
 * found: closed when a master is heard, as they were when this node becomes one.
 *
 * <p>{@link #check} sees to it that nobody takes the tables away unnoticed. Everything here is the role agent's thread's.
 */
final class Gate {
    private static final Logger LOG = System.getLogger("twinwall.gate");

    /** Without any word of the kernel's, the tables are looked at so often. */
    private static final long CHECK_EVERY_NS = 1_000_000_000L;

    private final Optional<Lease> lease;
    private final Optional<LeaseWatch> watch;
    private final Counter renewals;
    private final Counter failures;
    private final Counter restored;
    private boolean installed;
    private long checkedNs;
    private List<String> missing = List.of();

    private Gate(Optional<Lease> lease, Optional<LeaseWatch> watch, Counters counters) {
        this.lease = lease;
        this.watch = watch;
        renewals = counters.counter("lease_renewals_total", "Renewals of the kernel lease sent.");
        failures = counters.counter("lease_failures_total", "Renewals or changes of the kernel lease that failed.");
        restored = counters.counter(
                "lease_restored_total", "Times the lease's tables were damaged by others and restored.");
    }

    static Gate none(Counters counters) {
        return new Gate(Optional.empty(), Optional.empty(), counters);
    }

    static Gate of(LeaseConfig config, Counters counters) {
        return new Gate(Optional.of(Lease.open(config)), Optional.of(LeaseWatch.open(config)), counters);
    }

    /**
     * At the start of the program: installs the tables, closed, unless those of an earlier life are there. Those may hold
     * the gate open for a node that was active alone, and stay until a role is found.
     */
    void prepareIfAbsent() {
        // Without tables nothing is fenced and the gate has no end.
        if (lease.isPresent() && lease.get().leftMs() == Long.MAX_VALUE) {
            String problem = install(lease.get().install());
            LOG.log(Level.DEBUG, "no tables of an earlier life: {0}", problem.isEmpty() ? "installed" : problem);
        }
    }

    /**
     * Makes sure the tables of this life are there. The gate stays as an earlier life left it, if it did; else they come
     * closed. Returns the problem, or "".
     */
    String prepare() {
        return lease.isEmpty() || installed ? "" : install(lease.get().adopt());
    }

    /** Readable when {@link #check} has something to look at at once. */
    int[] fds() {
        return watch.map(LeaseWatch::fds).orElseGet(() -> new int[0]);
    }

    /**
     * To be called whenever one of {@link #fds} is readable, and each cycle: costs two system calls, and a look at the
     * tables when somebody touched them and each second. What is gone is put back, the gate as far open as it was still
     * granted. Returns what happened, for {@code LeaseLost}, or "".
     */
    String check(long nowNs) {
        if (lease.isEmpty() || !installed) {
            return "";
        }
        boolean touched = watch.isPresent() && watch.get().poll();
        if (!touched && nowNs - checkedNs < CHECK_EVERY_NS) {
            return "";
        }
        checkedNs = nowNs;
        tellMissing();
        if (lease.get().present()) {
            return "";
        }
        NftResult result = lease.get().restore();
        if (!result.ok()) {
            failures.increment();
            return "the lease's tables were removed or changed by others and could not be restored: " + result;
        }
        restored.increment();
        return "the lease's tables were removed or changed by others (nft flush ruleset, nft delete?) and are restored, gate "
                + (lease.get().gateOpen() ? "open" : "closed");
    }

    /** Opens the gate, or keeps it open: for one lease, or until further notice. Returns the problem, or "". */
    String renew(boolean armed) {
        if (lease.isEmpty()) {
            return "";
        }
        int result = lease.get().grant(armed);
        if (result < 0) {
            failures.increment();
            return "the lease could not be renewed: " + Errno.text(-result);
        }
        renewals.increment();
        return "";
    }

    /** Closes the gate now; what an earlier life left open is replaced by what is closed. */
    void close() {
        if (lease.isEmpty()) {
            return;
        }
        if (!installed) {
            String problem = install(lease.get().install());
            LOG.log(Level.DEBUG, "closed: {0}", problem);
            return;
        }
        NftResult result = lease.get().release();
        if (!result.ok()) {
            failures.increment();
            LOG.log(Level.ERROR, "the gate could not be closed: {0}", result);
        }
    }

    /** Whether the kernel lets this node forward. */
    boolean open() {
        return lease.isEmpty() || lease.get().gateOpen();
    }

    /** Whether an earlier life left its gate open, and nobody has closed it since. */
    boolean leftOpen() {
        return !installed && lease.isPresent() && open();
    }

    /** Whether this life's tables let this node forward. */
    boolean installedAndOpen() {
        return installed && open();
    }

    /** The end of the program: nothing of ours stays in the kernel. */
    void remove() {
        if (lease.isPresent()) {
            NftResult result = lease.get().remove();
            if (!result.ok()) {
                LOG.log(Level.WARNING, "the lease''s tables stay behind: {0}", result);
            }
        }
        installed = false;
        watch.ifPresent(LeaseWatch::close);
        lease.ifPresent(Lease::close);
    }

    private String install(NftResult result) {
        installed = result.ok();
        if (installed) {
            return "";
        }
        failures.increment();
        LOG.log(Level.ERROR, "the lease could not be installed: {0}", result);
        return "the lease could not be installed: " + result;
    }

    private void tellMissing() {
        List<String> now = watch.map(LeaseWatch::missing).orElse(List.of());
        if (!now.equals(missing)) {
            missing = now;
            LOG.log(Level.WARNING, "interfaces that the lease is to guard and that do not exist: {0}", now);
        }
    }
}
