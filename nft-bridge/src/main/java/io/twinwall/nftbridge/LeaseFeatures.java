/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import java.util.List;

/**
 * What the running kernel lets the lease use.
 *
 * @param owned the tables belong to the agent's socket and outlive it: {@code nft flush ruleset} passes them by, and
 *     nobody else can change them while the agent lives (Linux 6.9)
 * @param egress what the host sends is guarded too (Linux 5.16)
 * @param waits the kernel waits for an interface that does not exist and guards it as it comes (Linux 6.16); else those
 *     that exist are guarded, and what comes later is to be installed for anew
 */
record LeaseFeatures(boolean owned, boolean egress, boolean waits) {
    /** Best first; the first that the kernel does not refuse is used. */
    static final List<LeaseFeatures> PREFERENCE = List.of(
            new LeaseFeatures(true, true, true),
            new LeaseFeatures(false, true, true),
            new LeaseFeatures(false, false, true));

    LeaseFeatures withoutWaiting() {
        return new LeaseFeatures(owned, egress, false);
    }
}
