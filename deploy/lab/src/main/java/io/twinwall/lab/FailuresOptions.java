/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/**
 * What a table of failures is asked to show.
 *
 * @param runs of each trial
 * @param trials in the table's order
 * @param flows open during each run
 * @param seed of what is drawn at random
 * @param loadMs how long loads and losses of packets go on
 * @param stepClock whether the machine's clock may be stepped; it is everybody's
 * @param trackers whether the agents track links and probe addresses
 * @param logs whether the agents' words are shown when a run misses its bar
 */
record FailuresOptions(
        int runs,
        List<Trial> trials,
        LabProfile profile,
        int flows,
        long seed,
        long loadMs,
        boolean stepClock,
        boolean trackers,
        boolean logs) {
    /** The table asks for more changes of the role than a pair in earnest puts up with before it holds still. */
    private static final String NO_FLAP_HOLD = "[flap]\nmax = 100\n";

    /** How the agents of a pair for {@code trial} are configured. */
    AgentOptions agents(Trial trial) {
        return AgentOptions.defaults()
                .withProfile(profile.word())
                .withTrackers(trackers && !trial.unfenced())
                .withFence(trial.unfenced() ? "off" : AgentOptions.defaults().fence())
                .withMore(NO_FLAP_HOLD);
    }

    /** How often {@code trial} is run: a switchover twice as often, since it must be without any loss. */
    int runs(Trial trial) {
        return trial == Trial.SWITCHOVER ? 2 * runs : runs;
    }

    /** Flows that a bench for {@code trial} opens: a switchover's are all busy. */
    boolean busy(Trial trial) {
        return trial == Trial.SWITCHOVER;
    }
}
