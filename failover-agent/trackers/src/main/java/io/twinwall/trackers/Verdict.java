/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/** What is known of a tracked thing. {@link #UNKNOWN} lasts until it is first judged, and counts as up. */
public enum Verdict {
    UNKNOWN,
    UP,
    DOWN;

    /** As in status pages: {@code unknown}, {@code up}, {@code down}. */
    public String text() {
        return switch (this) {
            case UNKNOWN -> "unknown";
            case UP -> "up";
            case DOWN -> "down";
        };
    }
}
