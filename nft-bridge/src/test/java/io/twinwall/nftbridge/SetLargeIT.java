/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.RequireRoot;
import org.junit.jupiter.api.Test;

/** A set of a hundred thousand elements goes over whole, and one change after it alone. */
@RequireRoot
final class SetLargeIT {
    private static final int ELEMENTS = 100_000;
    private static final String BANS = "inet filter bans";
    private static final String RULESET =
            "table inet filter {\n set bans { type ipv4_addr; flags timeout; timeout 1h; }\n}\n";

    @Test
    void shouldMirrorAHundredThousandElements() throws Exception {
        try (SetPair pair = SetPair.of(RULESET, BANS)) {
            pair.untilEqual();
            pair.a.nft(elements());
            pair.until(
                    "all at the peer",
                    () -> pair.b.status().elements() == ELEMENTS
                            && pair.b.status().equal());
            pair.untilEqual();
            long sent = pair.a.counters.value("sets_changes_sent_total");
            assertTrue(sent <= 2 * ELEMENTS, "sent " + sent);

            pair.a.nft("add element inet filter bans { 192.0.2.1 }");
            pair.until("one more at the peer", () -> pair.b.status().elements() == ELEMENTS + 1);
            assertEquals(sent + 1, pair.a.counters.value("sets_changes_sent_total"));
        }
    }

    private static String elements() {
        StringBuilder text = new StringBuilder("add element inet filter bans { ");
        for (int i = 0; i < ELEMENTS; i++) {
            text.append(i == 0 ? "" : ", ")
                    .append("10.")
                    .append(i >> 16)
                    .append('.')
                    .append(i >> 8 & 255)
                    .append('.')
                    .append(i & 255);
        }
        return text.append(" }\n").toString();
    }
}
