/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the measurements need of the machine. */
final class Machine {
    private static final Path FLOWS_MAX = Path.of("/proc/sys/net/netfilter/nf_conntrack_max");
    private static final Path HASH_BUCKETS = Path.of("/proc/sys/net/netfilter/nf_conntrack_buckets");
    private static final long FLOWS_WISHED = 2_000_000;
    private static final long BUCKETS_WISHED = 1 << 20;
    private static final int NUMBER_BYTES_MAX = 32;

    private Machine() {}

    /**
     * Makes room for the entries of several tables, and enough hash buckets: all namespaces share one hash table, so two
     * firewalls on one machine fill it twice, and chains would be what is measured. Both limits are the machine's and can
     * be raised from the initial namespace only; they stay raised, since whoever else raised them may rely on them.
     */
    static void roomForFlows() {
        atLeast(FLOWS_MAX, FLOWS_WISHED);
        atLeast(HASH_BUCKETS, BUCKETS_WISHED);
    }

    private static void atLeast(Path setting, long wished) {
        try {
            if (read(setting) < wished) {
                Files.writeString(setting, Long.toString(wished));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("raise " + setting + " (root, initial network namespace)", e);
        }
    }

    /** In one read: a setting answers the first only, and {@code Files.readString} begins with a single byte. */
    private static long read(Path setting) throws IOException {
        try (InputStream in = Files.newInputStream(setting)) {
            return Long.parseLong(new String(in.readNBytes(NUMBER_BYTES_MAX), StandardCharsets.US_ASCII).strip());
        }
    }
}
