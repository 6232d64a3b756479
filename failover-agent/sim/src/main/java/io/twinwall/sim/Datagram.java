/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.Heartbeat;

/**
 * A heartbeat under way: what the sender's protocol said, and what the sessions add on the wire.
 *
 * @param session the sender's boot
 * @param echoSession the boot of the reader that the sender heard last, and
 * @param echoCounter the counter it heard then
 * @param sentNs when, in true time
 * @param sentHeardNs when, in true time, the newest heartbeat was sent that the sender had heard: for the checks only
 */
record Datagram(
        int from,
        int path,
        long session,
        long echoSession,
        long echoCounter,
        Heartbeat heartbeat,
        long sentNs,
        long sentHeardNs) {
    Datagram on(int otherPath) {
        return new Datagram(from, otherPath, session, echoSession, echoCounter, heartbeat, sentNs, sentHeardNs);
    }
}
