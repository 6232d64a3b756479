/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The capabilities this process has; bits of {@code <linux/capability.h>}. */
final class Privileges {
    private static final long CAP_NET_ADMIN = 1L << 12;
    private static final long CAP_NET_RAW = 1L << 13;
    private static final long CAP_SYS_ADMIN = 1L << 21;
    private static final long NEEDED = CAP_NET_ADMIN | CAP_NET_RAW | CAP_SYS_ADMIN;
    private static final String EFFECTIVE = "CapEff:";

    private Privileges() {}

    /** Throws an AssertionError unless this process may administer networks and make namespaces. */
    static void require(String what) {
        if ((effective() & NEEDED) != NEEDED) {
            throw new AssertionError(what
                    + " needs CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN: run it as root (sudo ./twinwall test)");
        }
    }

    private static long effective() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(EFFECTIVE))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring(EFFECTIVE.length()).strip(), 16))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
