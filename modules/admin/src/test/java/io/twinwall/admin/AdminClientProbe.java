/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.twinwall.base.Fatal;
import java.nio.file.Path;
import java.time.Duration;

/** Asks once and ends with the client's exit code; run by a test as another user. */
final class AdminClientProbe {
    private AdminClientProbe() {}

    public static void main(String[] args) {
        try {
            System.out.println(new AdminClient(Path.of(args[0]), Duration.ofSeconds(10)).get("/healthz"));
        } catch (Fatal e) {
            System.out.println(e.getMessage());
            System.exit(e.exitCode().code());
        }
    }
}
