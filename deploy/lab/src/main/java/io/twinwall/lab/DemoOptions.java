/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.Check;

/**
 * What a demo is asked to do.
 *
 * @param flows TCP flows to open, 1..250000; UDP flows and probes come on top
 * @param fail how the active is lost
 * @param profile the pair's timing
 * @param sync false: the control, in which every flow that needs state must be lost
 * @param keep leave the lab running at the end
 * @param json one JSON object on standard output, all else on standard error
 * @param seed of everything that is drawn
 * @param terminal whether a human watches, so that a progress line may be written over
 */
public record DemoOptions(
        int flows,
        Failure fail,
        LabProfile profile,
        boolean sync,
        boolean keep,
        boolean json,
        long seed,
        boolean terminal) {
    public static final int FLOWS_MAX = 250_000;

    public DemoOptions {
        Check.inRange(flows, 1, FLOWS_MAX, "flows");
    }

    /** A thousand flows, power lost, fast, synchronised; for a pipe. The seed is to be set by the caller. */
    public static DemoOptions defaults() {
        return new DemoOptions(1_000, Failure.POWER, LabProfile.FAST, true, false, false, 1, false);
    }

    public DemoOptions withFlows(int value) {
        return new DemoOptions(value, fail, profile, sync, keep, json, seed, terminal);
    }

    public DemoOptions withFail(Failure value) {
        return new DemoOptions(flows, value, profile, sync, keep, json, seed, terminal);
    }

    public DemoOptions withProfile(LabProfile value) {
        return new DemoOptions(flows, fail, value, sync, keep, json, seed, terminal);
    }

    public DemoOptions withSync(boolean value) {
        return new DemoOptions(flows, fail, profile, value, keep, json, seed, terminal);
    }

    public DemoOptions withKeep(boolean value) {
        return new DemoOptions(flows, fail, profile, sync, value, json, seed, terminal);
    }

    public DemoOptions withJson(boolean value) {
        return new DemoOptions(flows, fail, profile, sync, keep, value, seed, terminal);
    }

    public DemoOptions withSeed(long value) {
        return new DemoOptions(flows, fail, profile, sync, keep, json, value, terminal);
    }

    public DemoOptions withTerminal(boolean value) {
        return new DemoOptions(flows, fail, profile, sync, keep, json, seed, value);
    }
}
