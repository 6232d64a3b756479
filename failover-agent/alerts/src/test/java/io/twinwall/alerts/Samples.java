/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.List;

/** What several tests send. */
final class Samples {
    static final long S = 1_000_000_000L;
    static final Origin ORIGIN = new Origin("fw-a", "fw-b", "MASTER", 7);
    static final AlertPolicy EVERYTHING = new AlertPolicy(List.of(), Severity.INFO, 3_600 * S, 600);

    private Samples() {}

    static Message message() {
        return message("fw-a-1");
    }

    static Message message(String id) {
        Notice notice = new Notice(Notice.State.OPENED, AlertKind.PEER_LOST, "", "fw-b is not heard", 1, 0);
        return new Message(id, 1_795_290_400_123L, ORIGIN, notice);
    }
}
