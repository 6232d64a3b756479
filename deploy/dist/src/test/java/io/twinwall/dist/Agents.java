/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.twinwall.lab.AgentStatus;
import io.twinwall.lab.LabAgent;
import io.twinwall.testkit.Await;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** What a lab's agents say of themselves, waited for. */
final class Agents {
    /** Longer than anything takes that a pair does of its own accord. */
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final int LOG_LINES = 40;

    private Agents() {}

    /** What it says now; a machine that stands still may keep one answer from coming in time. */
    static AgentStatus status(LabAgent agent) {
        return await("an answer", agent, SOON.dividedBy(4), status -> true);
    }

    /** Waits until {@code agent} says of itself what is {@code wanted}; that answer. */
    static AgentStatus await(String what, LabAgent agent, Predicate<AgentStatus> wanted) {
        return await(what, agent, SOON, wanted);
    }

    private static AgentStatus await(String what, LabAgent agent, Duration within, Predicate<AgentStatus> wanted) {
        AgentStatus[] found = new AgentStatus[1];
        try {
            Await.until(agent.node() + ": " + what, within, () -> {
                if (!agent.alive()) {
                    throw new AssertionError(agent.node() + " has ended; awaited: " + what);
                }
                Optional<AgentStatus> said = agent.status().filter(wanted);
                said.ifPresent(status -> found[0] = status);
                return said.isPresent();
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; its log ends:\n" + agent.logTail(LOG_LINES), e);
        }
        return found[0];
    }

    /** Kills {@code active}, and waits until {@code heir} has taken over from it and reports that. */
    static void takeOver(LabAgent active, LabAgent heir) {
        assertFalse(status(heir).master(), "active before " + active.node() + " is killed: " + heir.node());
        long killedNs = System.nanoTime();
        active.kill();
        await("it takes over", heir, status -> status.tookOverSince(killedNs));
    }
}
