/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.Outcome;
import io.twinwall.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scripts that tell people, as real processes. */
@Timeout(60)
class AlertScriptIT {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Test
    void shouldTellItByItsEnvironmentAlone() throws IOException {
        Path seen = directory.resolve("seen");
        Outcome outcome = script(
                        "env | grep -v ^TWINWALL_RUN= | grep -v ^PWD= | sort > " + seen + "; read line || true")
                .run(LIMIT_NS);
        assertEquals(Outcome.delivered("exit status 0"), outcome);
        List<String> lines = Files.readAllLines(seen);
        assertTrue(lines.contains("TWINWALL_ALERT_TEXT=it's $(late)"), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("PATH=")), lines::toString);
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("HOME=")), lines::toString);
    }

    @Test
    void shouldShowItsStatusAndWhatItPrintedWhenItFails() {
        assertEquals(
                Outcome.failed("exit status 3: no modem / at all"),
                script("echo no modem; echo at all >&2; exit 3").run(LIMIT_NS));
        assertEquals(
                Outcome.failed("not started: Cannot run program"),
                shortened(new AlertScript(List.of("/nonexistent/alert"), Map.of()).run(LIMIT_NS)));
    }

    @Test
    void shouldNotBeHeldUpByOneThatPrintsWithoutEnd() {
        Outcome outcome =
                script("head -c 10000000 /dev/zero | tr '\\0' x; exit 4").run(LIMIT_NS);
        assertEquals("exit status 4: " + "x".repeat(200) + "...", outcome.detail());
    }

    @Test
    void shouldKillOneThatHangsWithAllItStarted() throws IOException {
        Path pid = directory.resolve("pid");
        Outcome outcome = script("sleep 600 & echo $! > " + pid + "; wait").run(TimeUnit.MILLISECONDS.toNanos(700));
        assertEquals(Outcome.failed("killed"), outcome);
        String child = Files.readString(pid).strip();
        Await.until("its child is gone", SOON, () -> !Files.exists(Path.of("/proc", child)));
    }

    @Test
    void shouldEndWhenToldTo() throws Exception {
        Path begun = directory.resolve("begun");
        AlertScript script = script("touch " + begun + "; sleep 600; true");
        CompletableFuture<Outcome> outcome = CompletableFuture.supplyAsync(() -> script.run(LIMIT_NS));
        Await.until("it runs", SOON, () -> Files.exists(begun));
        script.kill();
        assertEquals(Outcome.failed("killed"), outcome.get(10, TimeUnit.SECONDS));
    }

    private static Outcome shortened(Outcome outcome) {
        return new Outcome(outcome.ok(), outcome.detail().replaceAll("(program).*", "$1"));
    }

    private static AlertScript script(String shell) {
        return new AlertScript(List.of("/bin/sh", "-c", shell), Map.of("TWINWALL_ALERT_TEXT", "it's $(late)"));
    }
}
