/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.AlertFact;
import io.twinwall.alerts.AlertKind;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Counts;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.Takeover;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlertFactsTest {
    @Test
    void shouldTellOfEachAlarmByAKindOfItsOwn() {
        Set<AlertKind> kinds = EnumSet.noneOf(AlertKind.class);
        for (AlarmCode code : AlarmCode.values()) {
            AlertFact fact = AlertFacts.of(new RoleEffect.Alarm(code, "text of " + code));
            assertTrue(kinds.add(fact.kind()), code.name());
            assertEquals("text of " + code, fact.text());
            assertEquals(fact.kind().lasts(), fact instanceof AlertFact.Raised, code.name());
        }
        assertTrue(AlertKind.choice().containsAll(kinds));
    }

    @Test
    void shouldReportATakeover() {
        List<Takeover.PhaseDone> phases = List.of(
                new Takeover.PhaseDone(Takeover.Phase.DRAIN, 300_000, true, ""),
                new Takeover.PhaseDone(Takeover.Phase.GATE, 100_000, false, "no such device"));
        Counts counts = new Counts(1_200, 1_199, 1);
        String reason = "no heartbeat from fw-a for 171 ms";
        assertEquals(
                new AlertFact.Happened(
                        AlertKind.TAKEOVER,
                        "",
                        "fw-b is active, term 8: no heartbeat from fw-a for 171 ms; active after 2.1 ms"
                                + " (drain 0.3, gate 0.1 FAILED); 1,200 flows mirrored, 1,199 in the kernel, 1 refused"),
                AlertFacts.of(new Takeover(reason, false, true, 8, 0, 0, 2_100_000, phases, counts), "fw-b"));
        assertEquals(
                AlertKind.SWITCHOVER,
                AlertFacts.of(new Takeover(reason, true, true, 8, 0, 0, 0, phases, counts), "fw-b")
                        .kind());
    }

    @Test
    void shouldTellOfALossWindow() {
        assertEquals(
                "kernel events were lost for 1,250 ms; the table was audited, 3 deltas repair the peer",
                AlertFacts.lossWindow(1_250_000_000L, 3).text());
    }
}
