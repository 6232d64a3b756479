/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/**
 * What a tracker costs while it is down: {@code weight} points off the node's priority, or {@link #FAULT}, which takes the
 * node out of the running altogether.
 *
 * @param weight 1..254; 0 for a fault
 * @param fault true for a need without which the node may not be active
 */
public record Penalty(int weight, boolean fault) {
    public static final int WEIGHT_MAX = 254;
    public static final Penalty FAULT = new Penalty(0, true);

    public Penalty {
        if (fault ? weight != 0 : weight < 1 || weight > WEIGHT_MAX) {
            throw new IllegalArgumentException("weight " + weight + ": expected 1.." + WEIGHT_MAX + ", or \"fault\"");
        }
    }

    /** Takes {@code weight} (1..254) off the priority. */
    public static Penalty weight(int weight) {
        return new Penalty(weight, false);
    }

    /** As in the configuration file: the number, or {@code fault}. */
    @Override
    public String toString() {
        return fault ? "fault" : Integer.toString(weight);
    }
}
