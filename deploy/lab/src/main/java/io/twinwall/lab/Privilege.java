/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the lab needs to be allowed. */
final class Privilege {
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_ADMIN = 21;

    private Privilege() {}

    /** {@link Fatal} unless this process may make namespaces and open raw sockets. */
    static void require() {
        long effective = effectiveCapabilities();
        for (int capability : new int[] {CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN}) {
            if ((effective >>> capability & 1) == 0) {
                throw new Fatal(
                        ExitCode.NO_PERMISSION,
                        "the lab makes network namespaces and needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW; run it with sudo");
            }
        }
    }

    private static long effectiveCapabilities() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    return Long.parseUnsignedLong(line.substring(7).strip(), 16);
                }
            }
            return 0;
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "/proc/self/status cannot be read: " + e.getMessage(), e);
        }
    }
}
