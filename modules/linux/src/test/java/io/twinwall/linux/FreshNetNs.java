/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace for one test, gone with its thread. The module testkit, which has more, comes after this one.
 */
final class FreshNetNs {
    interface Work {
        void run() throws Exception;
    }

    private FreshNetNs() {}

    static void run(Work work) throws Exception {
        NetNs.callInNew(() -> {
            exec("ip", "link", "set", "lo", "up");
            work.run();
            return null;
        });
    }

    /** Runs a command in the calling thread's namespace. */
    static void exec(String... command) throws Exception {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), () -> String.join(" ", command) + " does not end");
        assertEquals(0, process.exitValue(), () -> String.join(" ", command) + ": " + output);
    }
}
