/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/** How each fault of a soak is made and mended; each leaves a pair that can become whole. */
final class SoakScripts {
    private static final String OVERRUNS = "sync_kernel_event_overruns_total";
    private static final int CLOCK_SECONDS = 30;
    private static final long ANSWER_MS = 15_000;
    private static final long GONE_MS = 10_000;
    private static final long LINGER_MS = 500;
    private static final int BURSTS_MAX = 10;

    private SoakScripts() {}

    /** Plays {@code step} to the end of its mending; whether the pair is whole again is not awaited. */
    static void play(SoakPlan.Step step, Scene scene, Churn churn) {
        long lastsMs = step.lastsMs();
        switch (step.fault()) {
            case KILL_ACTIVE -> TrialScripts.play(Trial.KILL, scene);
            case KILL_PASSIVE -> killPassive(scene, lastsMs);
            case HANG_ACTIVE -> hangActive(scene, lastsMs);
            case HANG_PASSIVE -> hangPassive(scene, lastsMs);
            case RESTART_ACTIVE -> TrialScripts.play(Trial.RESTART_ACTIVE, scene);
            case RESTART_PASSIVE -> TrialScripts.play(Trial.RESTART_PASSIVE, scene);
            case SYNC_LINK -> syncLink(scene, lastsMs);
            case LAN_LINK -> TrialScripts.play(Trial.LAN_LINK, scene);
            case WAN_LINK -> TrialScripts.play(Trial.WAN_LINK, scene);
            case SYNC_LOSS -> syncLoss(scene, lastsMs, step.percent());
            case BEAT_LOSS -> beatLoss(scene, lastsMs, step.percent());
            case CPU -> cpu(scene, lastsMs);
            case FLUSH -> flush(scene);
            case DELETE -> delete(scene, churn);
            case OVERFLOW -> overflow(scene, churn);
            case SWITCHOVER -> switchover(scene);
            case MAINTENANCE_ACTIVE -> maintenance(scene, scene.active(), lastsMs);
            case MAINTENANCE_PASSIVE -> maintenance(scene, scene.passive(), lastsMs);
            case CLOCK -> clock(scene, lastsMs);
        }
    }

    private static void killPassive(Scene scene, long lastsMs) {
        scene.strikes();
        scene.passive().kill();
        scene.lasts(lastsMs);
        scene.heals();
        scene.start(scene.passive());
    }

    private static void hangActive(Scene scene, long lastsMs) {
        scene.strikes();
        scene.active().hang();
        scene.awaitHeir();
        scene.lasts(lastsMs);
        scene.heals();
        scene.active().resume();
    }

    private static void hangPassive(Scene scene, long lastsMs) {
        scene.strikes();
        scene.passive().hang();
        scene.lasts(lastsMs);
        scene.heals();
        scene.passive().resume();
    }

    private static void syncLink(Scene scene, long lastsMs) {
        scene.strikes();
        scene.syncCable(false);
        scene.lasts(lastsMs);
        scene.heals();
        scene.syncCable(true);
    }

    private static void syncLoss(Scene scene, long lastsMs, int percent) {
        scene.strikes();
        scene.loseSync(percent);
        scene.lasts(lastsMs);
        scene.heals();
        scene.mends();
    }

    private static void beatLoss(Scene scene, long lastsMs, int percent) {
        scene.strikes();
        scene.loseHeartbeats(scene.active(), percent);
        scene.loseHeartbeats(scene.passive(), percent);
        scene.lasts(lastsMs);
        scene.heals();
        scene.mends();
    }

    private static void cpu(Scene scene, long lastsMs) {
        scene.strikes();
        scene.loadCores();
        scene.lasts(lastsMs);
        scene.heals();
        scene.mends();
    }

    private static void flush(Scene scene) {
        scene.strikes();
        Shell.run("ip", "netns", "exec", scene.namespace(scene.passive()), "conntrack", "-F");
        scene.heals();
    }

    /** A flow that nobody uses any more: what one host forgets by hand, both must. */
    private static void delete(Scene scene, Churn churn) {
        int port = churn.victim();
        int service = Churn.PORT + Path.ROUTED4.number();
        if (!Waiting.until(
                GONE_MS,
                LINGER_MS / 5,
                () -> held(scene, scene.active(), port, service) && held(scene, scene.passive(), port, service))) {
            scene.problem("a new flow did not reach both kernels within " + GONE_MS + " ms");
        }
        scene.strikes();
        Shell.attempt(
                "",
                List.of(
                        "ip",
                        "netns",
                        "exec",
                        scene.namespace(scene.active()),
                        "conntrack",
                        "-D",
                        "-p",
                        "udp",
                        "--orig-port-src",
                        Integer.toString(port),
                        "--orig-port-dst",
                        Integer.toString(service)));
        scene.heals();
        if (!Waiting.until(
                GONE_MS,
                LINGER_MS / 5,
                () -> !held(scene, scene.active(), port, service) && !held(scene, scene.passive(), port, service))) {
            scene.problem("a flow that was deleted on the active is still there after " + GONE_MS + " ms");
        }
    }

    private static boolean held(Scene scene, LabAgent agent, int port, int service) {
        return KernelFlows.of(scene.namespace(agent)).stream()
                .anyMatch(flow -> KernelFlows.isUdp(flow, LabPlan.CLIENT_ROUTED_V4, port, service));
    }

    /** More flows begin than the queue of events holds, while nobody reads it; shorter than a lease. */
    private static void overflow(Scene scene, Churn churn) {
        LabAgent active = scene.active();
        double before = active.metric(OVERRUNS).orElse(0);
        scene.strikes();
        boolean overrun = false;
        // A burst is a matter of 70 ms: on a busy machine one may hold too few.
        for (int i = 0; i < BURSTS_MAX && !overrun; i++) {
            churn.burst(active::hang, active::resume);
            overrun = Waiting.until(
                    LINGER_MS, LINGER_MS / 5, () -> active.metric(OVERRUNS).orElse(0) > before);
        }
        scene.heals();
        if (!overrun) {
            scene.problem("the event queue was not overrun");
        }
    }

    private static void switchover(Scene scene) {
        scene.strikes();
        String answer = scene.active().switchover(false);
        scene.heals();
        if (!answer.contains("\"accepted\":true")) {
            scene.problem("the switchover was refused: " + answer.strip());
        }
        scene.awaitHeir();
    }

    private static void maintenance(Scene scene, LabAgent agent, long lastsMs) {
        scene.strikes();
        maintenance(scene, agent, true);
        if (agent == scene.active()) {
            scene.awaitHeir();
        }
        scene.await(agent, "in maintenance", status -> status.role().equals("MAINTENANCE"));
        scene.lasts(lastsMs);
        scene.heals();
        maintenance(scene, agent, false);
    }

    private static void maintenance(Scene scene, LabAgent agent, boolean on) {
        String answer = agent.post("/v1/maintenance", "{\"on\":" + on + ",\"force\":false}", ANSWER_MS);
        if (!answer.contains("\"accepted\":true")) {
            scene.problem("maintenance " + (on ? "on" : "off") + " was refused: " + answer.strip());
        }
    }

    private static void clock(Scene scene, long lastsMs) {
        scene.strikes();
        WallClock.step(CLOCK_SECONDS);
        scene.lasts(lastsMs);
        scene.heals();
        WallClock.step(-CLOCK_SECONDS);
    }
}
