/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Cmd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What alerts cost that nobody needs yet. */
@Timeout(120)
class AlertsFootprintIT {
    @TempDir
    private Path directory;

    @Test
    void shouldLoadNothingOfATransportBeforeTheFirstNotice() throws Exception {
        Path log = directory.resolve("classes");
        Cmd.run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                IdleAlerts.class.getName());
        List<String> loaded = Files.readAllLines(log);
        assertTrue(loaded.stream().anyMatch(line -> line.contains(AlertBook.class.getName())), "the log tells");
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.contains("jakarta.")
                                || line.contains("org.eclipse.angus")
                                || line.contains("javax.net.ssl")
                                || line.contains("HttpURLConnection")
                                || line.contains("Transport"))
                        .filter(line -> !line.contains(Transport.class.getName() + " "))
                        .toList());
    }
}
