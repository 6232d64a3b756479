/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

/**
 * What a demonstration shows.
 *
 * @param flows established TCP flows to open, 1..250000
 * @param fail how the active ends
 * @param profile the pair's timing
 * @param sync false: the control, in which flows that need state die
 * @param keep leave the lab running at the end
 * @param cleanup only remove what earlier demonstrations left behind
 * @param json print one object at the end instead of the progress
 * @param seed seed of whatever is drawn at random
 */
public record DemoOptions(
        int flows, Fail fail, Profile profile, boolean sync, boolean keep, boolean cleanup, boolean json, long seed) {
    /** How the active ends. */
    public enum Fail implements Config.Word {
        /** Agent killed and links down at once. */
        POWER,
        /** Agent killed. */
        KILL,
        /** Agent stopped, not ended. */
        HANG,
        /** Links down. */
        LINK,
        /** Handed over as planned. */
        SWITCHOVER
    }

    /** Those of {@link Config.Profile} that have a name. */
    public enum Profile implements Config.Word {
        CALM,
        FAST,
        EXTREME
    }
}
