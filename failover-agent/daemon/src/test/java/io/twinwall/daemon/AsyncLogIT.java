/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.testkit.Await;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Standard error as a pipe of the kernel's that nobody reads, under a program of its own. */
@Timeout(120)
class AsyncLogIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LINES = 20_000;

    @Test
    void shouldHoldNeitherTheOneWhoLogsNorTheEndOfTheProgramWhileNobodyReads() throws Exception {
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Chatterbox.class.getName())
                .start();
        try {
            // It ends although what it has to say is not read, and its pipe holds a few hundred lines only.
            Await.until("it ended", LIMIT, () -> !program.isAlive());
            String out = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err = new String(program.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(err.contains("line 0"), err);
            assertEquals("logged\n", out);
            assertEquals(ExitCode.ENVIRONMENT.code(), program.exitValue());
        } finally {
            program.destroyForcibly();
            assertTrue(program.waitFor(10, TimeUnit.SECONDS));
        }
    }

    /** Says much, then ends by a failure that it tells of. */
    static final class Chatterbox {
        private Chatterbox() {}

        public static void main(String[] args) {
            // Any verb will do; this one needs no configuration.
            Main main = new Main(() -> (config, file) -> ExitCode.OK, () -> options -> {
                say();
                throw new Fatal(ExitCode.ENVIRONMENT, "the end");
            });
            System.exit(main.run(new String[] {"demo"}, System.out, System.err));
        }

        private static void say() {
            AsyncLog log = AsyncLog.install(new Counters());
            System.Logger logger = System.getLogger("twinwall.test");
            for (int i = 0; i < LINES; i++) {
                logger.log(Level.INFO, "line {0}, of which there are many", i);
            }
            System.out.print("logged\n");
            log.flush();
        }
    }
}
