/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PacketPlanTest {
    @Test
    void shouldNameEachFlowByItsPathAndPorts() {
        for (int flow = 0; flow < DemoOptions.FLOWS_MAX; flow++) {
            int opener = PacketPlan.openerPort(flow);
            int service = PacketPlan.servicePort(flow);
            assertTrue(PacketPlan.isOpenerPort(opener) && PacketPlan.isServicePort(service));
            assertEquals(flow, PacketPlan.flow(PacketPlan.path(flow).number(), opener, service));
        }
    }

    @Test
    void shouldTellThePathOfAnArrivingPacket() {
        for (int flow = 0; flow < 4; flow++) {
            Path path = PacketPlan.path(flow);
            if (path != Path.ROUTED6) {
                Side opener = path.initiator();
                assertEquals(path.number(), PacketPlan.pathV4(opener, false, PacketPlan.openerV4(flow)));
                assertEquals(path.number(), PacketPlan.pathV4(opener.other(), true, PacketPlan.responderV4(flow)));
            }
        }
    }

    @Test
    void shouldHaveRoomForEveryFlowOfADemo() {
        assertTrue(PacketPlan.FLOWS_MAX >= DemoOptions.FLOWS_MAX);
    }
}
