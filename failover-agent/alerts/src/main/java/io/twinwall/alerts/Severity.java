/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.Locale;

/** How much a notice matters; the least first. */
public enum Severity {
    /** Worth knowing; nothing is wrong. */
    INFO,
    /** The pair works, and is not what it should be. */
    WARNING,
    /** Traffic is, or may be, affected, or nothing is left between it and the next failure. */
    CRITICAL;

    /** As the configuration writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
