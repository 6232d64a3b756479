/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.Locale;

/** The timing profiles as the table judges them: the lease they promise, and the median dark time after a loss of power. */
public enum LabProfile {
    CALM(500, 1_500),
    FAST(110, 300),
    EXTREME(45, 120);

    private final int leaseMs;
    private final int powerDarkMs;

    LabProfile(int leaseMs, int powerDarkMs) {
        this.leaseMs = leaseMs;
        this.powerDarkMs = powerDarkMs;
    }

    int leaseMs() {
        return leaseMs;
    }

    int powerDarkMs() {
        return powerDarkMs;
    }

    /** As the configuration file writes it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
