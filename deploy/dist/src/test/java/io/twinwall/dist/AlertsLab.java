/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.alerts.AlertKind;
import io.twinwall.testkit.RequireRoot;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Every kind of alert, by its real cause, on pairs of the packaged program: each is told once by mail, by a webhook and by a
 * script, and so is its end. Most of the time goes by until what lasts is over for long enough, so the stories are played
 * beside one another.
 */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AlertsLab {
    private final Map<Story, FutureTask<Set<AlertKind>>> stories = new LinkedHashMap<>();

    /** What befalls a pair. */
    private enum Story {
        STANDBY,
        ROLES,
        GATE,
        STORM;

        void playOn(AlertPair pair) throws Exception {
            switch (this) {
                case STANDBY -> AlertStandby.play(pair);
                case ROLES -> AlertRoles.play(pair);
                case GATE -> AlertGate.play(pair);
                case STORM -> AlertStorm.play(pair);
            }
        }
    }

    @BeforeAll
    void begin() {
        for (Story story : Story.values()) {
            FutureTask<Set<AlertKind>> task =
                    new FutureTask<>(() -> Retry.valueWhenStalled(Retry.CALM_STALL_NS, () -> told(story)));
            stories.put(story, task);
            Thread.ofPlatform().daemon().name("story-" + story).start(task);
        }
    }

    @AfterAll
    void end() {
        stories.values().forEach(story -> story.cancel(true));
    }

    private static Set<AlertKind> told(Story story) throws Exception {
        try (AlertPair pair = new AlertPair()) {
            story.playOn(pair);
            pair.desk().assertNothingTwice();
            return pair.desk().kinds();
        }
    }

    @Test
    void shouldTellOfWhatBefallsTheStandby() throws InterruptedException {
        played(Story.STANDBY);
    }

    @Test
    void shouldTellOfWhatMovesTheRoles() throws InterruptedException {
        played(Story.ROLES);
    }

    @Test
    void shouldTellOfTwoActivesAndOfAGateThatFails() throws InterruptedException {
        played(Story.GATE);
    }

    @Test
    void shouldTellOfDriftAndHoldBackAStorm() throws InterruptedException {
        played(Story.STORM);
    }

    @Test
    void shouldHaveSeenEveryKind() throws InterruptedException {
        Set<AlertKind> told = EnumSet.noneOf(AlertKind.class);
        for (Story story : Story.values()) {
            told.addAll(played(story));
        }
        assertEquals(EnumSet.allOf(AlertKind.class), told);
    }

    private Set<AlertKind> played(Story story) throws InterruptedException {
        try {
            return stories.get(story).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError failed) {
                throw new AssertionError(story + ": " + failed.getMessage(), failed);
            }
            throw new CompletionException(e.getCause());
        }
    }
}
