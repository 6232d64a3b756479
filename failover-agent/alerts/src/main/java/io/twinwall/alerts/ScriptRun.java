/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.List;
import java.util.Map;

/**
 * One run of an operator's command. How processes are started and killed is the business of whoever starts the {@link
 * Alerts}.
 */
public interface ScriptRun {
    /** Runs it to its end, or kills it with all it started after {@code limitNs}; well when it ends with status 0. */
    Outcome run(long limitNs);

    /** Kills it, or keeps it from starting. Any thread; does not wait. */
    void kill();

    /** Makes runs; starts nothing. */
    @FunctionalInterface
    interface Maker {
        ScriptRun of(List<String> command, Map<String, String> environment);
    }
}
