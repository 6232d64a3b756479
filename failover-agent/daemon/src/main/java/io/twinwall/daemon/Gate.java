/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Fatal;
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
 * no gate; then what an earlier life left is swept away, and all else here does nothing. Tables that an earlier life left
 * behind are else replaced only when a role is found: closed when a master is heard, as they were when this node becomes
 * one.
 *
 * <p>{@link #check} sees to it that nobody takes the tables away unnoticed, that the kernel has the gate open when it was
 * renewed, and that a gate that could not be closed is closed as soon as can be. Everything here is the role agent's
 * thread's, but for {@link #lastSeenOpen}.
 */
final class Gate {
    private static final Logger LOG = System.getLogger("twinwall.gate");

    /** Without any word of the kernel's, the tables are looked at so often. */
    private static final long CHECK_EVERY_NS = 1_000_000_000L;

    /** The kernel's own end of a lease may be up to two of its longest jiffies before the one reckoned here. */
    private static final long SURE_NS = 20_000_000L;

    /** Under load the kernel may put off an opening, by less than this; and a takeover has better things to do than to look. */
    private static final long SETTLED_NS = 10_000_000L;

    private final Optional<Lease> lease;
    private final Optional<LeaseWatch> watch;
    private final Counter renewals;
    private final Counter failures;
    private final Counter restored;
    private boolean installed;
    private boolean madeAtStart;
    private boolean closeOwed;
    private boolean toLook = true;
    private boolean egressTold;
    private long checkedNs;
    private long openedNs;
    private String told = "";
    private List<String> missing = List.of();
    private volatile boolean seenOpen;

    private Gate(Optional<Lease> lease, Optional<LeaseWatch> watch, Counters counters) {
        this.lease = lease;
        this.watch = watch;
        renewals = counters.counter("lease_renewals_total", "Renewals of the kernel lease sent.");
        failures = counters.counter("lease_failures_total", "Renewals or changes of the kernel lease that failed.");
        restored = counters.counter(
                "lease_restored_total", "Times the lease's tables were damaged by others and restored.");
        seenOpen = open();
    }

    static Gate none(Counters counters) {
        return new Gate(Optional.empty(), Optional.empty(), counters);
    }

    static Gate of(LeaseConfig config, Counters counters) {
        return new Gate(Optional.of(Lease.open(config)), Optional.of(LeaseWatch.open(config)), counters);
    }

    /**
     * At the start of the program: installs the tables, closed, unless those of an earlier life are there. Those may hold
     * the gate open for a node that was active alone, and stay until a role is found; without a fence they go.
     */
    void prepareIfAbsent() {
        if (lease.isEmpty()) {
            sweep();
            return;
        }
        // Without tables nothing is fenced and the gate has no end.
        if (lease.get().leftMs() == Long.MAX_VALUE) {
            String problem = install(lease.get().install());
            madeAtStart = installed;
            closeOwed = !installed;
            LOG.log(Level.DEBUG, "no tables of an earlier life: {0}", problem.isEmpty() ? "installed" : problem);
        }
    }

    private static void sweep() {
        try {
            NftResult result = Lease.sweep(LeaseConfig.TABLE);
            if (!result.ok()) {
                LOG.log(
                        result.errno() == Errno.EOPNOTSUPP ? Level.DEBUG : Level.WARNING,
                        "there is no fence, and tables that an earlier life may have left stay behind: {0}",
                        result);
            }
        } catch (Fatal e) {
            LOG.log(Level.DEBUG, "a kernel without nf_tables has no tables to remove: {0}", e.getMessage());
        }
    }

    /** The start failed: what {@link #prepareIfAbsent} made goes, what was there before stays. */
    void undo() {
        if (madeAtStart) {
            remove();
        } else {
            shut();
        }
    }

    /**
     * Makes sure the tables of this life are there. The gate stays as an earlier life left it, if it did; else they come
     * closed. Returns the problem, or "".
     */
    String prepare() {
        closeOwed = false;
        return lease.isEmpty() || installed ? "" : install(lease.get().adopt());
    }

    /** Whether {@link #check} has something to do that does not wait. */
    boolean wantsLook() {
        return toLook || closeOwed;
    }

    /** Readable when {@link #check} has something to look at at once. */
    int[] fds() {
        return watch.map(LeaseWatch::fds).orElseGet(() -> new int[0]);
    }

    /**
     * To be called whenever one of {@link #fds} is readable or {@link #wantsLook}, and ten times a second: costs two system calls, and a look at the
     * tables when somebody touched them and each second. What is gone is put back, the gate as far open as it was still
     * granted. Returns what happened, for {@code LeaseLost}, or "".
     */
    String check(long nowNs) {
        // In any case: what stays unread wakes the role agent again at once, for ever.
        toLook |= watch.isPresent() && watch.get().poll();
        boolean due = toLook || nowNs - checkedNs >= CHECK_EVERY_NS;
        if (lease.isEmpty() || !due || nowNs - openedNs < SETTLED_NS) {
            return "";
        }
        toLook = false;
        checkedNs = nowNs;
        tellMissing();
        if (closeOwed) {
            closeNow();
        }
        String problem = installed ? look() : "";
        seenOpen = open();
        return problem;
    }

    private String look() {
        if (lease.orElseThrow().present()) {
            return closedThoughGranted();
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

    /** Nothing answers a renewal, so only the kernel knows whether it came through. */
    private String closedThoughGranted() {
        if (lease.orElseThrow().grantedLeftNs() < SURE_NS || lease.get().gateOpen()) {
            return "";
        }
        failures.increment();
        // The protocol is to know that it lasts, if it does.
        toLook = true;
        return "the gate is closed although it was renewed: what drops UDP on lo?";
    }

    /** Opens the gate, or keeps it open: for one lease, or until further notice. Returns the problem, or "". */
    String grant(boolean armed) {
        if (lease.isEmpty()) {
            return "";
        }
        closeOwed = false;
        toLook = true;
        int result = lease.get().grant(armed);
        openedNs = System.nanoTime();
        return sent(result);
    }

    /** As {@link #grant}, for a gate that is open: one that closed meanwhile stays closed. */
    String renew(boolean armed) {
        if (lease.isEmpty()) {
            return "";
        }
        toLook |= lease.get().grantedLeftNs() < SURE_NS;
        return sent(lease.get().renew(armed));
    }

    private String sent(int result) {
        if (result == 0) {
            renewals.increment();
            return "";
        }
        failures.increment();
        return result == Lease.LAPSED
                ? "the lease ran out before it was renewed: this node stood still"
                : "the lease could not be renewed: " + Errno.text(-result);
    }

    /**
     * Closes the gate now; what an earlier life left open is replaced by what is closed. What cannot be done now is done
     * by {@link #check} as soon as can be.
     */
    void close() {
        if (lease.isPresent()) {
            toLook = true;
            closeNow();
        }
    }

    private void closeNow() {
        NftResult result = installed ? lease.orElseThrow().release() : replaceClosed();
        closeOwed = !result.ok();
        String problem = result.ok() ? "" : result.toString();
        if (!problem.isEmpty()) {
            failures.increment();
        }
        if (!problem.isEmpty() && !problem.equals(told)) {
            LOG.log(Level.ERROR, "the gate could not be closed in order, which is tried again: {0}", problem);
        }
        told = problem;
    }

    private NftResult replaceClosed() {
        NftResult result = lease.orElseThrow().install();
        installed = result.ok();
        if (!installed) {
            // What keeps new tables away may let the old ones be shut.
            NftResult shut = lease.get().release();
            LOG.log(Level.DEBUG, "not replaced ({0}); shut: {1}", result, shut);
        }
        return result;
    }

    /** Whether the kernel lets this node forward. */
    boolean open() {
        return lease.isEmpty() || lease.get().gateOpen();
    }

    /** Whether an earlier life left its gate open, and nobody has closed it since. */
    boolean leftOpen() {
        return !installed && lease.isPresent() && open();
    }

    /** {@link #open} as of the last look, a second ago at most. Any thread; waits for nobody. */
    boolean lastSeenOpen() {
        return seenOpen;
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
        shut();
    }

    private void shut() {
        installed = false;
        watch.ifPresent(LeaseWatch::close);
        lease.ifPresent(Lease::close);
    }

    private String install(NftResult result) {
        installed = result.ok();
        if (installed) {
            tellEgress();
            return "";
        }
        failures.increment();
        LOG.log(Level.ERROR, "the lease could not be installed: {0}", result);
        return "the lease could not be installed: " + result;
    }

    /** A kernel before 5.16: what this host sends by itself goes past the lease. */
    private void tellEgress() {
        if (!egressTold && !lease.get().egressGuarded()) {
            egressTold = true;
            LOG.log(
                    Level.WARNING,
                    "this kernel has no egress hook (5.16): the lease guards what is received, not what is sent");
        }
    }

    private void tellMissing() {
        List<String> now = watch.map(LeaseWatch::missing).orElse(List.of());
        if (!now.equals(missing)) {
            missing = now;
            LOG.log(Level.WARNING, "interfaces that the lease is to guard and that do not exist: {0}", now);
        }
    }
}
