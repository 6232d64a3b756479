/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftResult;
import io.twinwall.nftbridge.Lease;
import io.twinwall.nftbridge.LeaseConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * This node's right to answer for the virtual addresses and to forward, as the kernel keeps it. Without a fence there is
 * no gate and all of this does nothing. Tables that an earlier life left behind are replaced only when a role is
 * found: closed when a master is heard, open when this node becomes one.
 */
final class Gate {
    private static final Logger LOG = System.getLogger("twinwall.gate");

    private final Optional<Lease> lease;
    private final Counter renewals;
    private final Counter failures;
    private boolean installed;

    private Gate(Optional<Lease> lease, Counters counters) {
        this.lease = lease;
        renewals = counters.counter("lease_renewals_total", "Renewals of the kernel lease sent.");
        failures = counters.counter("lease_failures_total", "Renewals or changes of the kernel lease that failed.");
    }

    static Gate none(Counters counters) {
        return new Gate(Optional.empty(), counters);
    }

    static Gate of(LeaseConfig config, Counters counters) {
        return new Gate(Optional.of(Lease.open(config)), counters);
    }

    /**
     * At the start of the program: installs the tables, closed, unless those of an earlier life are there. Those may hold
     * the gate open for a node that was active alone, and stay until a role is found.
     */
    void prepareIfAbsent() {
        // Without tables nothing is fenced and the gate has no end.
        if (lease.isPresent() && lease.get().leftMs() == Long.MAX_VALUE) {
            LOG.log(Level.DEBUG, "no tables of an earlier life: {0}", prepare());
        }
    }

    /** Makes sure the tables of this life are there; they come closed. Returns the problem, or "". */
    String prepare() {
        if (lease.isEmpty() || installed) {
            return "";
        }
        NftResult result = lease.get().install();
        installed = result.ok();
        if (installed) {
            return "";
        }
        failures.increment();
        LOG.log(Level.ERROR, "the lease could not be installed: {0}", result);
        return "the lease could not be installed: " + result;
    }

    /** Opens the gate, or keeps it open: for one lease, or until further notice. Returns the problem, or "". */
    String renew(boolean armed) {
        if (lease.isEmpty()) {
            return "";
        }
        int result = lease.get().renew(armed);
        if (result < 0) {
            failures.increment();
            return "the lease could not be renewed: " + Errno.text(-result);
        }
        renewals.increment();
        return "";
    }

    /** Closes the gate now. */
    void close() {
        String problem = prepare();
        if (lease.isPresent() && problem.isEmpty()) {
            NftResult result = lease.get().release();
            if (!result.ok()) {
                failures.increment();
                LOG.log(Level.ERROR, "the gate could not be closed: {0}", result);
            }
        }
    }

    /** Whether the kernel lets this node forward. */
    boolean open() {
        return lease.isEmpty() || lease.get().gateOpen();
    }

    /** Whether this life's tables let this node forward. */
    boolean installedAndOpen() {
        return installed && open();
    }

    /** The end of the program: nothing of ours stays in the kernel. */
    void remove() {
        if (lease.isPresent() && installed) {
            lease.get().remove();
        }
        lease.ifPresent(Lease::close);
    }
}
