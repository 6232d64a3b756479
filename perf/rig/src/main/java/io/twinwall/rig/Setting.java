/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Progress;
import java.util.List;

/**
 * What every scenario is told.
 *
 * @param program the command that starts this project's agent, without its verb
 * @param runs of each measurement
 * @param small whether each scenario shall take seconds and prove only that it works
 * @param flows table sizes, for the scenarios that have any
 */
record Setting(List<String> program, int runs, boolean small, List<Integer> flows, Progress progress) {
    /** {@code value}, or as many as a small run does with. */
    int scaled(int value) {
        return small ? Math.max(1, value / 20) : value;
    }
}
