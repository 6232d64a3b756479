/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What the kernel tore is told from what it evicted, by the bytes of its events. */
class HoldBackTest {
    private static final int FLOWS_MAX = 4000;
    private static final int ASSURED = CtConst.IPS_SRC_NAT | CtConst.IPS_ASSURED;
    private static final int UNASSURED = CtConst.IPS_SRC_NAT;
    private static final long S = 1_000_000_000L;

    private final Counters counters = new Counters();
    private final FlowTable table =
            new FlowTable(SimNode::memory, new FlowTableConfig(FLOWS_MAX, 4, 1), new Counters());
    private final HoldBack holdBack = new HoldBack(table, SimNode.memory(HoldBack.ringBytes(FLOWS_MAX)), counters);
    private final UnsafeBuffer buffer = SimNode.memory(1024);
    private final UnsafeBuffer addresses = SimNode.memory(32);
    private final CtFlyweight entry = new CtFlyweight();
    private final FlowImage image = new FlowImage();

    @Test
    void shouldNotKeepBackWhatAFullKernelEvicts() {
        assertEquals(HoldBack.UNPROVEN_MAX, held(0, 2000, CtConst.IPPROTO_UDP, UNASSURED, 0, 0));
    }

    @Test
    void shouldKeepBackAllThatIsTornOnceAnAssuredFlowProvesIt() {
        assertEquals(HoldBack.UNPROVEN_MAX, held(0, 1500, CtConst.IPPROTO_UDP, UNASSURED, 0, 0));
        assertEquals(1, held(1500, 1501, CtConst.IPPROTO_UDP, ASSURED, 0, 0));
        assertEquals(500, held(1501, 2001, CtConst.IPPROTO_UDP, UNASSURED, 0, S / 2), "shortly after");
        assertEquals(0, held(2001, 2501, CtConst.IPPROTO_UDP, UNASSURED, 0, 2 * S), "that was long ago");
    }

    /** The kernel's collector evicts closing connections too, though they are assured. */
    @Test
    void shouldTakeAClosingConnectionForNoProof() {
        int closing = CtConst.TCP_CONNTRACK_FIN_WAIT;
        assertEquals(HoldBack.UNPROVEN_MAX, held(0, 1500, CtConst.IPPROTO_TCP, ASSURED, closing, 0));
        assertEquals(
                1, held(1500, 1501, CtConst.IPPROTO_TCP, ASSURED, CtConst.TCP_CONNTRACK_ESTABLISHED, 0), "a proof");
        assertEquals(10, held(1501, 1511, CtConst.IPPROTO_TCP, ASSURED, closing, 0), "torn with others");
        assertEquals(0, held(1511, 1521, CtConst.IPPROTO_TCP, ASSURED, CtConst.TCP_CONNTRACK_TIME_WAIT, 0), "ended");
    }

    @Test
    void shouldLeaveRoomForNewFlows() {
        assertEquals(FLOWS_MAX * 3 / 4, held(0, FLOWS_MAX, CtConst.IPPROTO_UDP, ASSURED, 0, 0));
    }

    /** The audit that an overflow calls for comes at once, and ends neither what is held nor what was torn unheard. */
    @Test
    void shouldOutliveAnAudit() {
        assertEquals(3, held(0, 3, CtConst.IPPROTO_UDP, ASSURED, 0, 0));
        known(3, CtConst.IPPROTO_UDP, ASSURED, 0);
        known(4, CtConst.IPPROTO_UDP, CtConst.IPS_ASSURED, 0);
        audit(S);
        assertEquals(4, table.size(), "routed flows are not torn");
        audit(2 * S);
        assertEquals(4, table.size());
        holdBack.release(HoldBack.HOLD_NS + S - 1);
        assertEquals(1, table.size(), "from the audit on, as its event's time is not known");
        holdBack.release(HoldBack.HOLD_NS + S);
        assertEquals(0, table.size());
    }

    @Test
    void shouldLetAnAuditEndWhatIsGoneWhenNothingWasTorn() {
        known(0, CtConst.IPPROTO_UDP, ASSURED, 0);
        audit(S);
        assertEquals(0, table.size());
    }

    /** A mirror holds nothing back: it is told. */
    @Test
    void shouldForgetTheProofWithTheRole() {
        assertEquals(3, held(0, 3, CtConst.IPPROTO_UDP, ASSURED, 0, 0));
        int[] handed = {0};
        holdBack.handOver(slot -> handed[0]++);
        assertEquals(3, handed[0]);
        assertFalse(holdBack.holdMissing(table.find(known(7, CtConst.IPPROTO_UDP, ASSURED, 0)), 0));
    }

    private void audit(long nowNs) {
        table.beginAudit();
        holdBack.spare();
        assertTrue(table.sweepAudit(Integer.MAX_VALUE, slot -> !holdBack.holdMissing(slot, nowNs)));
    }

    /** How many of the flows {@code from} to {@code to} are held when the kernel destroys them. */
    private int held(int from, int to, int proto, int status, int tcpState, long nowNs) {
        int held = 0;
        for (int flow = from; flow < to; flow++) {
            known(flow, proto, status, tcpState);
            held += holdBack.hold(entry, image, nowNs) ? 1 : 0;
        }
        return held;
    }

    /** The flow number {@code n} is in the table, and {@code entry} its DESTROY with time left. */
    private FlowImage known(int n, int proto, int status, int tcpState) {
        CtEncoder encoder = new CtEncoder().wrap(buffer, 0, buffer.capacity());
        encoder.begin(CtConst.IPCTNL_MSG_CT_DELETE, 0, 0, NlConst.AF_INET);
        addresses.putInt(0, n + 1);
        addresses.putInt(16, 99);
        encoder.tuple(CtConst.CTA_TUPLE_ORIG, NlConst.AF_INET, addresses, 0, addresses, 16, proto, 1000, 80);
        encoder.tuple(CtConst.CTA_TUPLE_REPLY, NlConst.AF_INET, addresses, 16, addresses, 0, proto, 80, 1000);
        encoder.status(status | CtConst.IPS_CONFIRMED).timeoutS(100);
        if (proto == CtConst.IPPROTO_TCP) {
            encoder.tcp(tcpState, 7, 7, 3, 3);
        }
        encoder.end();
        assertTrue(entry.wrap(buffer, 0, encoder.length()));
        CtImage.read(entry, image);
        table.apply(image, FlowTable.REPLICATE, 0);
        return image;
    }
}
