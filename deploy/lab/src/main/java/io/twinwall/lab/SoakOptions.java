/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/**
 * What a soak is asked for.
 *
 * @param minutes how long faults go on
 * @param flows TCP connections that must live through everything; a fifth as many UDP streams beside them
 * @param churn short flows that are opened each second
 * @param control what is taken away, so that the soak must notice
 */
record SoakOptions(
        double minutes, long seed, int flows, int churn, List<SoakFault> faults, LabProfile profile, Control control) {
    /** A table as small as the flows allow is touched all over soon; what grows then is a leak. */
    private static final int TABLE_FLOWS = 1 << 18;

    private static final int EVENT_BUFFER_MB = 1;
    /** The soak asks for more changes of the role than a pair in earnest puts up with before it holds still. */
    private static final String NO_FLAP_HOLD = "[flap]\nmax = 100\n";

    /** A weakness planted on purpose. */
    enum Control {
        NONE,
        NO_SYNC,
        NO_FENCE
    }

    AgentOptions agents() {
        AgentOptions all = AgentOptions.defaults();
        return new AgentOptions(
                control != Control.NO_SYNC,
                profile.word(),
                TABLE_FLOWS,
                control == Control.NO_FENCE ? "off" : all.fence(),
                all.heartbeats(),
                control != Control.NO_FENCE,
                NO_FLAP_HOLD,
                "",
                EVENT_BUFFER_MB);
    }
}
