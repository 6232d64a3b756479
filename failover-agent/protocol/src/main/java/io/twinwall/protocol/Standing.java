/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * This node's own condition.
 *
 * @param penalty what the trackers take off the priority
 * @param fault the broken need without which it is not to be active, "": none
 * @param detail what is down, "": nothing
 * @param reach whether the test addresses answer
 * @param isolated it yielded because it heard nobody
 * @param restUntilNs after its gate failed, not eligible before this while a peer is alive
 * @param news penalty, fault or reach changed since the role did
 * @param faultAlarmed this fault has been alarmed
 * @param isolationAlarmed this isolation has been alarmed
 */
public record Standing(
        int penalty,
        String fault,
        String detail,
        Reach reach,
        boolean isolated,
        long restUntilNs,
        boolean news,
        boolean faultAlarmed,
        boolean isolationAlarmed) {
    static final Standing WELL = new Standing(0, "", "", Reach.UNKNOWN, false, Moments.NEVER, false, false, false);
}
