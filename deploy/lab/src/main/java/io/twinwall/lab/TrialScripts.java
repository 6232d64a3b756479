/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/** How each failure of the table is made and mended, step by step; each script leaves a pair that can become ready. */
final class TrialScripts {
    private static final long STOP_MS = 10_000;
    private static final long LINKS_MS = 3_000;
    private static final long LINGER_MS = 500;
    private static final int CLOCK_SECONDS = 30;
    private static final int LOSS_PERCENT = 30;
    private static final int ALL_PERCENT = 100;
    private static final String WRONG_KEY = "5a".repeat(32);

    private TrialScripts() {}

    /** Plays {@code trial} to the end of its mending; whether the pair is whole again is not awaited. */
    static void play(Trial trial, Scene scene) {
        switch (trial) {
            case KILL -> kill(scene);
            case POWER -> power(scene);
            case LAN_LINK -> lanLink(scene);
            case WAN_LINK -> wanLink(scene);
            case SYNC_LINK -> syncLink(scene);
            case DEAF -> deaf(scene);
            case PASSIVE_DEAF -> passiveDeaf(scene);
            case ACTIVE_DEAF -> activeDeaf(scene);
            case LOSS -> loss(scene);
            case CPU -> cpu(scene);
            case RESTART_ACTIVE -> restartActive(scene);
            case RESTART_PASSIVE -> restartPassive(scene);
            case START_BOTH -> startBoth(scene);
            case CLOCK -> clock(scene);
            case WRONG_KEY -> wrongKey(scene);
            case SWITCHOVER -> switchover(scene);
            case LONE -> lone(scene);
            case HANG, CONTROL -> hang(scene);
        }
    }

    private static void kill(Scene scene) {
        scene.strikes();
        scene.active().kill();
        scene.awaitHeir();
        scene.heals();
        scene.start(scene.active());
    }

    private static void hang(Scene scene) {
        scene.strikes();
        scene.active().hang();
        scene.awaitHeir();
        scene.lasts(LINGER_MS);
        scene.heals();
        scene.active().resume();
    }

    private static void power(Scene scene) {
        scene.strikes();
        // Else it would say a word more, or its kernel that nobody listens.
        scene.active().hang();
        scene.lanCable(false);
        scene.wanCable(false);
        scene.syncCable(false);
        scene.awaitCut();
        scene.active().kill();
        scene.awaitHeir();
        scene.lasts(LINGER_MS);
        scene.heals();
        scene.forgetsAll(scene.active());
        scene.lanCable(true);
        scene.wanCable(true);
        scene.syncCable(true);
        scene.start(scene.active());
    }

    private static void lanLink(Scene scene) {
        scene.strikes();
        scene.lanCable(false);
        scene.awaitHeir();
        scene.lasts(LINGER_MS);
        scene.heals();
        scene.lanCable(true);
    }

    private static void wanLink(Scene scene) {
        scene.strikes();
        scene.wanCable(false);
        scene.awaitHeir();
        scene.lasts(LINGER_MS);
        scene.heals();
        scene.wanCable(true);
    }

    private static void syncLink(Scene scene) {
        scene.strikes();
        scene.syncCable(false);
        scene.lasts(LINKS_MS);
        scene.heals();
        scene.syncCable(true);
    }

    private static void deaf(Scene scene) {
        scene.strikes();
        scene.loseHeartbeats(scene.active(), ALL_PERCENT);
        scene.loseHeartbeats(scene.passive(), ALL_PERCENT);
        scene.lasts(LINKS_MS);
        scene.heals();
        scene.mends();
    }

    private static void passiveDeaf(Scene scene) {
        scene.strikes();
        scene.loseHeartbeats(scene.passive(), ALL_PERCENT);
        scene.lasts(LINKS_MS);
        scene.heals();
        scene.mends();
    }

    private static void activeDeaf(Scene scene) {
        scene.strikes();
        scene.loseHeartbeats(scene.active(), ALL_PERCENT);
        scene.lasts(LINKS_MS);
        scene.heals();
        scene.mends();
    }

    private static void loss(Scene scene) {
        scene.strikes();
        scene.loseHeartbeats(scene.active(), LOSS_PERCENT);
        scene.loseHeartbeats(scene.passive(), LOSS_PERCENT);
        scene.lasts(scene.loadMs());
        scene.heals();
        scene.mends();
    }

    private static void cpu(Scene scene) {
        scene.strikes();
        scene.loadCores();
        scene.lasts(scene.loadMs());
        scene.heals();
        scene.mends();
    }

    private static void restartActive(Scene scene) {
        scene.strikes();
        scene.stop(scene.active());
        scene.heals();
        scene.start(scene.active());
    }

    private static void restartPassive(Scene scene) {
        scene.strikes();
        scene.stop(scene.passive());
        scene.heals();
        scene.start(scene.passive());
    }

    private static void startBoth(Scene scene) {
        scene.strikes();
        scene.active().kill();
        scene.passive().kill();
        Waiting.until(
                STOP_MS, 1, () -> !scene.active().alive() && !scene.passive().alive());
        scene.heals();
        scene.start(scene.active());
        scene.start(scene.passive());
    }

    private static void clock(Scene scene) {
        scene.strikes();
        WallClock.step(CLOCK_SECONDS);
        scene.lasts(LINKS_MS);
        scene.heals();
        WallClock.step(-CLOCK_SECONDS);
        scene.lasts(LINKS_MS);
    }

    private static void wrongKey(Scene scene) {
        scene.strikes();
        scene.stop(scene.passive());
        scene.passive().start(WRONG_KEY);
        scene.awaitUp(scene.passive());
        scene.lasts(2 * LINKS_MS);
        scene.heals();
        scene.stop(scene.passive());
        scene.start(scene.passive());
    }

    private static void switchover(Scene scene) {
        scene.strikes();
        String answer = scene.active().switchover(false);
        if (!answer.contains("\"accepted\":true")) {
            scene.problem("the switchover was not accepted: " + answer);
        }
        scene.awaitHeir();
        scene.heals();
    }

    private static void lone(Scene scene) {
        scene.stop(scene.passive());
        scene.await(scene.active(), "alone", status -> !status.peerState().equals("ALIVE"));
        scene.lasts(2 * LINGER_MS);
        scene.strikes();
        scene.active().kill();
        Waiting.until(STOP_MS, 1, () -> !scene.active().alive());
        scene.start(scene.active());
        scene.await(scene.active(), "active again", AgentStatus::master);
        scene.lasts(LINGER_MS);
        scene.heals();
        scene.start(scene.passive());
    }
}
