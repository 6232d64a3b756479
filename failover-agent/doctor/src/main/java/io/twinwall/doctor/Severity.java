/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.Locale;

/** How bad a finding is; the worst first. */
public enum Severity {
    /** The pair does not work. */
    ERROR,
    /** It works until the bad day. */
    WARNING,
    /** Good to know. */
    NOTE;

    /** For people. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
