/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Signals of this very process; without a handler SIGHUP would end it. */
class SignalsIT {
    @Test
    void shouldRunTheActionForEachSignalInsteadOfEnding() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        assertTrue(Signals.handle("HUP", heard::incrementAndGet));
        for (int i = 1; i <= 3; i++) {
            int number = i;
            String self = String.valueOf(ProcessHandle.current().pid());
            assertEquals(
                    0, new ProcessBuilder("/bin/kill", "-HUP", self).start().waitFor());
            Await.until("signal " + i, Duration.ofSeconds(10), () -> heard.get() == number);
        }
    }

    @Test
    void shouldSayThatASignalCannotBeHandled() {
        assertFalse(Signals.handle("KILL", () -> {}));
    }
}
