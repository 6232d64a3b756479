/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.Locale;

/**
 * What a receiver is told.
 *
 * @param times how often it came since the receiver was last told of it; of a condition, since it was opened
 * @param lastedNs of a condition, how long it has held, or did hold
 */
record Notice(State state, AlertKind kind, String subject, String text, int times, long lastedNs) {
    /** What it says of its matter. */
    enum State {
        /** A condition began. */
        OPENED,
        /** A condition that was told goes on. */
        OPEN,
        /** A condition that was told is over. */
        RECOVERED,
        EVENT,
        /** In place of several that were too many. */
        SUMMARY,
        TEST;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
