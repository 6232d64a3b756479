/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.linux.Sysctl;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What the measurements need of the machine. */
final class Machine {
    private static final String FLOWS_MAX = "net/netfilter/nf_conntrack_max";
    private static final String HASH_BUCKETS = "net/netfilter/nf_conntrack_buckets";
    private static final long FLOWS_WISHED = 2_000_000;
    private static final long BUCKETS_WISHED = 1 << 20;

    private Machine() {}

    /** {@link #roomForFlows}, and as many hash buckets as before when it is closed: each walk over the table passes them all. */
    static Room roomForFlowsMeanwhile() {
        Room room = new Room(number(HASH_BUCKETS));
        roomForFlows();
        return room;
    }

    /** Hash buckets that are to be again. */
    record Room(long buckets) implements AutoCloseable {
        @Override
        public void close() {
            write(HASH_BUCKETS, buckets);
        }
    }

    /**
     * Makes room for the entries of several tables, and enough hash buckets: all namespaces share one hash table, so two
     * firewalls on one machine fill it twice, and chains would be what is measured. Both limits are the machine's and can
     * be raised from the initial namespace only; they stay raised, since whoever else raised them may rely on them.
     */
    static void roomForFlows() {
        atLeast(FLOWS_MAX, FLOWS_WISHED);
        atLeast(HASH_BUCKETS, BUCKETS_WISHED);
    }

    private static void atLeast(String setting, long wished) {
        if (number(setting) < wished) {
            write(setting, wished);
        }
    }

    private static void write(String setting, long value) {
        try {
            Sysctl.write(setting, Long.toString(value));
        } catch (IOException e) {
            throw new UncheckedIOException("set " + setting + " (root, initial network namespace)", e);
        }
    }

    private static long number(String setting) {
        try {
            return Sysctl.readNumber(setting);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + setting + " (root, initial network namespace)", e);
        }
    }
}
