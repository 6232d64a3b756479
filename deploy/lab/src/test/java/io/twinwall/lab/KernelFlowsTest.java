/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelFlowsTest {
    private static final String UDP = "ipv4     2 udp      17 119 src=10.10.1.10 dst=10.20.0.10 sport=41000 dport=7042"
            + " src=10.20.0.10 dst=10.10.1.10 sport=7042 dport=41000 [ASSURED] mark=0 use=1";
    private static final String TCP =
            "ipv4     2 tcp      6 88 TIME_WAIT src=10.10.1.10 dst=10.20.0.10 sport=41000 dport=7042"
                    + " src=10.20.0.10 dst=10.10.1.10 sport=7042 dport=41000 [ASSURED] mark=0 use=1";
    private static final String OTHER =
            "ipv4     2 udp      17 119 src=10.10.0.10 dst=10.20.0.10 sport=41000 dport=7042"
                    + " src=10.20.0.10 dst=10.20.0.254 sport=7042 dport=41000 [ASSURED] mark=0 use=1";

    @Test
    void shouldTellAUdpFlowFromTcpAndFromAnotherOpenersWithTheSamePorts() {
        assertTrue(is(UDP));
        assertFalse(is(TCP));
        assertFalse(is(OTHER));
    }

    @Test
    void shouldLeaveOutWhatEachKernelCountsForItself() {
        String later = UDP.replace(" 119 ", " 12 ").replace("use=1", "use=2");
        assertEquals(KernelFlows.normal(List.of(UDP)), KernelFlows.normal(List.of(later)));
        assertEquals(2, KernelFlows.normal(List.of(UDP, TCP, later)).size());
    }

    @Test
    void shouldLeaveOutWhatAHostHasForItselfAndTcpThatWasNeverAnswered() {
        String own = UDP.replace("src=10.10.1.10", "src=10.10.0.1");
        String unanswered = TCP.replace("TIME_WAIT", "SYN_SENT");
        assertEquals(Set.of(), KernelFlows.normal(List.of(own, unanswered)));
    }

    private static boolean is(String line) {
        return KernelFlows.normal(List.of(line)).stream()
                .anyMatch(flow -> KernelFlows.isUdp(flow, LabPlan.CLIENT_ROUTED_V4, 41_000, 7_042));
    }
}
