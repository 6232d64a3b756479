/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package's caches: made by its life in a lab, and of use to what starts after it. */
@RequireRoot
class TrainingLab {
    private static final int CLIENT_SECONDS = 30;
    private static final int ASKED = 9;
    private static final long READY_MS = 60_000;

    /** Has a JVM whose cache does not fit end at once, where it would else go on without. */
    private static final String OR_NOT_AT_ALL = "-XX:AOTMode=on";

    @Test
    void shouldStartAgentsAndClientsWithWhatTheirForerunnersLearnt(@TempDir Path home) throws IOException {
        assertEquals(0, Program.training().exitCode(), Program.training().err());

        List<String> client = insisting(Program.client(), OR_NOT_AT_ALL);
        Program.Ended asked = Program.run(client, CLIENT_SECONDS, "status", "--socket", home + "/nobody");
        assertEquals(ExitCode.UNAVAILABLE.code(), asked.exitCode(), asked.err());
        int classPath = client.indexOf("-cp") + 1;
        client.set(
                classPath,
                String.join(":", List.of(client.get(classPath).split(":")).reversed()));
        // JDK 25 compares the jars only if a class came from one while the cache was made, as the parser's exceptions
        // do.
        Program.Ended unfit = Program.run(client, CLIENT_SECONDS, "status", "--socket", home + "/nobody");
        assertNotEquals(ExitCode.UNAVAILABLE.code(), unfit.exitCode(), "a cache of other jars was taken");

        List<String> agent = insisting(Program.command(), OR_NOT_AT_ALL);
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, agent, AgentOptions.defaults())) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            assertTrue(active.alive());
            long cachedMs = bestMs(Program.client(), active);
            long plainMs = bestMs(Program.uncached(), active);
            System.out.println("status, the best of " + ASKED + ": " + cachedMs + " ms, without a cache " + plainMs);
            assertTrue(cachedMs < plainMs, cachedMs + " ms with the cache, " + plainMs + " without");
        }
    }

    /** How long {@code status} takes, from the start of its process to its end. */
    private static long bestMs(List<String> program, LabAgent agent) {
        long bestNs = Long.MAX_VALUE;
        for (int i = 0; i < ASKED; i++) {
            long beganNs = System.nanoTime();
            Program.Ended ended = Program.run(
                    program,
                    CLIENT_SECONDS,
                    "status",
                    "--socket",
                    agent.socket().toString());
            bestNs = Math.min(bestNs, System.nanoTime() - beganNs);
            assertEquals(0, ended.exitCode(), ended.err());
        }
        return TimeUnit.NANOSECONDS.toMillis(bestNs);
    }

    private static List<String> insisting(List<String> command, String flag) {
        List<String> more = new ArrayList<>(command);
        more.add(1, flag);
        return more;
    }
}
