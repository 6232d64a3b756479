/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;

/** Whether a device is up. */
final class Carrier {
    private static final long DOWN_MS = 5_000;

    private Carrier() {}

    /** Waits until {@code device}, which was just told to go down, has. */
    static void awaitDown(String namespace, String device) {
        if (!Waiting.until(DOWN_MS, 1, () -> isDown(namespace, device))) {
            throw new Fatal(ExitCode.REFUSED, device + " of " + namespace + " did not go down");
        }
    }

    private static boolean isDown(String namespace, String device) {
        return Shell.run("ip", "-n", namespace, "-o", "link", "show", "dev", device)
                .contains(" state DOWN ");
    }
}
