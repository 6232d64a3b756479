/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.SeededRandom;
import io.twinwall.protocol.Fence;
import io.twinwall.protocol.RoleConfig;
import java.util.List;

/**
 * What kind of a life it is, drawn from the seed.
 *
 * @param pauseOneIn between two effects, once in so many, the process is stopped; 0 never
 * @param changeEveryNs between two changes of flows, on average
 * @param eventBufferBytes what the kernel may queue of conntrack events
 */
record Plan(
        RoleConfig a,
        RoleConfig b,
        int paths,
        int driftPpmA,
        int driftPpmB,
        int pauseOneIn,
        long changeEveryNs,
        int eventBufferBytes) {
    private static final long MS = 1_000_000L;
    private static final RoleConfig.Timing[] PROFILES = {
        RoleConfig.Timing.of(40 * MS, 110 * MS, 170 * MS),
        RoleConfig.Timing.of(10 * MS, 45 * MS, 75 * MS),
        RoleConfig.Timing.of(200 * MS, 500 * MS, 900 * MS)
    };

    static Plan draw(SeededRandom random) {
        RoleConfig.Timing timing = PROFILES[Math.max(0, random.nextInt(4) - 1)];
        Fence fence = switch (random.nextInt(10)) {
            case 0 -> Fence.OFF;
            case 1, 2, 3, 4 -> Fence.STRICT;
            default -> Fence.WHEN_PEER_READY;
        };
        int paths = 1 + random.nextInt(3);
        boolean probe = random.chance(2);
        int priorityOfA = 50 + 50 * random.nextInt(3);
        boolean bothPreferred = random.chance(6);
        boolean hooks = random.chance(4);
        RoleConfig.FailBack failBack = switch (random.nextInt(4)) {
            case 0 -> new RoleConfig.FailBack(RoleConfig.FailBack.Policy.ALWAYS, 0);
            case 1 -> new RoleConfig.FailBack(RoleConfig.FailBack.Policy.PRIORITY, MS * random.nextInt(2_000));
            default -> RoleConfig.FailBack.NEVER;
        };
        return new Plan(
                config(1, true, priorityOfA, paths, timing, fence, probe, hooks, failBack),
                config(2, bothPreferred, 100, paths, timing, fence, probe, hooks, failBack),
                paths,
                random.nextInt(1001) - 500,
                random.nextInt(1001) - 500,
                random.chance(4) ? 20 + random.nextInt(300) : 0,
                MS * (2 + random.nextInt(30)),
                random.chance(3) ? 32 * 1280 : 1 << 18);
    }

    private static RoleConfig config(
            int node,
            boolean preferred,
            int priority,
            int paths,
            RoleConfig.Timing timing,
            Fence fence,
            boolean probe,
            boolean hooks,
            RoleConfig.FailBack failBack) {
        int other = 3 - node;
        return new RoleConfig(
                node,
                name(node),
                preferred,
                priority,
                List.of(new RoleConfig.Peer(other, name(other))),
                paths,
                timing,
                fence,
                RoleConfig.Limits.DEFAULT,
                probe,
                hooks,
                failBack,
                RoleConfig.Flap.DEFAULT);
    }

    static String name(int node) {
        return node == 1 ? "fw-a" : "fw-b";
    }

    RoleConfig config(int node) {
        return node == 1 ? a : b;
    }

    RoleConfig.Timing timing() {
        return a.timing();
    }
}
