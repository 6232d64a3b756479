/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import java.util.Arrays;

/**
 * {@link Rule#MIRROR_LIES}, {@link Rule#FLOW_LOST}, {@link Rule#SWITCHOVER_LOST_FLOW}.
 *
 * <p>A flow counts as acknowledged when, at some moment of its life, the source had nothing unconfirmed and no loss of
 * events unrepaired, and the mirror of the same session was proven equal with nothing left to put into its kernel. That is
 * what readiness promises; at each such moment both kernels are compared.
 */
final class FlowChecks {
    private static final long COMPARE_EVERY_NS = 60 * World.MS;

    private final World world;
    private final boolean[] acknowledged = new boolean[Traffic.KEYS];
    private long comparedNs = World.NEVER;

    FlowChecks(World world) {
        this.world = world;
    }

    void began(int key) {
        acknowledged[key] = false;
    }

    void ended(int key) {
        acknowledged[key] = false;
    }

    void allForgotten() {
        Arrays.fill(acknowledged, false);
    }

    /** The sync agent of {@code node} came round. */
    void synced(Node node) {
        SyncSide sync = node.sync;
        if (!sync.source()) {
            sync.sourceSinceNs = Long.MAX_VALUE;
            return;
        }
        sync.sourceSinceNs = Math.min(sync.sourceSinceNs, world.now());
        if (world.now() - comparedNs >= COMPARE_EVERY_NS && inStep(node, world.other(node))) {
            comparedNs = world.now();
            compare(node, world.other(node));
        }
    }

    /** Whether the pair says of itself that both hold the same. */
    boolean inStep(Node source, Node mirror) {
        return mirror.running()
                && world.traffic.on() == source.host
                && source.sync.pair != 0
                && source.sync.pair == mirror.sync.pair
                && source.sync.caughtUp()
                && mirror.sync.ready()
                && mirror.sync.told.term() == source.sync.sourceTerm;
    }

    private void compare(Node source, Node mirror) {
        if (mirror.host.noMemoryUntilNs != World.NEVER) {
            // What its kernel refused for good it counts as such, and is ready all the same.
            return;
        }
        KernelView here = source.host.view();
        KernelView there = mirror.host.view();
        here.read();
        there.read();
        for (int key = 0; key < Traffic.KEYS; key++) {
            boolean seen = world.traffic.changedOn(source.host, key, source.sync.sourceSinceNs);
            if (here.settled(key) && (seen || acknowledged[key])) {
                int one = key;
                if (!there.holds(key)) {
                    lies(mirror, () -> "flow " + one + " is not there");
                } else if (seen && here.content(key) != there.content(key)) {
                    lies(mirror, () -> "flow " + one + " is another");
                }
                acknowledged[key] = true;
            }
        }
    }

    private void lies(Node mirror, java.util.function.Supplier<String> how) {
        world.broken(Rule.MIRROR_LIES, () -> "in the kernel of " + mirror.name() + ", proven equal, " + how.get());
    }

    /** What must be in the kernel of {@code node}, which takes over: what was acknowledged, or older than the barrier. */
    void kept(Node node, Rule rule, Node from, long barrierNs) {
        if (node.host.noMemoryUntilNs != World.NEVER) {
            return;
        }
        node.host.view().read();
        from.host.view().read();
        for (int key = 0; key < Traffic.KEYS; key++) {
            boolean lives = from.host.kernelLost || from.host.view().settled(key);
            boolean barred = world.traffic.settledNs(key) < barrierNs
                    && from.running()
                    && world.traffic.changedOn(from.host, key, from.sync.sourceSinceNs)
                    && !world.traffic.changedOn(from.host, key, barrierNs);
            int one = key;
            if (lives
                    && world.traffic.alive(key)
                    && (acknowledged[key] || barred)
                    && !node.host.view().holds(key)) {
                world.broken(
                        rule,
                        () -> "flow " + one + ", replicated since "
                                + (world.now() - world.traffic.settledNs(one)) / World.US
                                + " us, is not in the kernel of " + node.name());
            }
        }
    }

    /** Whether the mirror's kernel holds every replicated flow of the source's, with equal content. */
    boolean equal(Node source, Node mirror) {
        KernelView here = source.host.view();
        KernelView there = mirror.host.view();
        here.read();
        there.read();
        for (int key = 0; key < Traffic.KEYS; key++) {
            if (here.settled(key) && here.content(key) != there.content(key)) {
                return false;
            }
        }
        return true;
    }
}
