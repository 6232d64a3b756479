/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtFlyweight;
import org.agrona.MutableDirectBuffer;

/**
 * Keeps back, for a while, the end of flows that this kernel <em>tore</em>: when an interface goes down, or an address is
 * taken from it, the kernel destroys what it masquerades there ({@code nf_nat_masquerade.c}). That is what happens to an
 * active which is about to lose its role, link or VIPs, and the heir needs those very flows. So they stay in the table,
 * and with the peer, for {@link #HOLD_NS}; if this node is the source even then, and the flow did not come back, it ends.
 *
 * <p>A torn flow is told by its DESTROY: it has time left, where one that ended has none; nobody asked for it (port id 0,
 * where {@code conntrack -D} has its own); its source is translated; and no TCP connection that was closing anyway.
 *
 * <pre>
 *   ring, 16 bytes each:  0 slot i32 | 4 id of the torn entry i32 | 8 due, ns i64
 * </pre>
 *
 * The sync agent's thread. The ring has room for every flow of the table and belongs to the caller.
 */
final class HoldBack {
    /** Longer than it takes a pair to notice a lost link and change roles; a dead entry does no harm so long. */
    static final long HOLD_NS = 5_000_000_000L;

    /** Audits, which would sweep what is held, wait at most so long, and then for as long not at all. */
    private static final long AUDIT_WAITS_NS = 2 * HOLD_NS;

    private static final int RECORD_BYTES = 16;
    private static final int ID = 4;
    private static final int DUE = 8;
    private static final int RELEASED_MAX = 4096;

    private final FlowTable table;
    private final MutableDirectBuffer ring;
    private final int capacity;
    private final FlowImage image = new FlowImage();
    private final Counter held;
    private final Counter ended;

    private int first;
    private int count;
    private boolean waited;
    private long sinceNs;

    HoldBack(FlowTable table, MutableDirectBuffer ring, Counters counters) {
        this.table = table;
        this.ring = ring;
        capacity = ring.capacity() / RECORD_BYTES;
        held = counters.counter(
                "sync_torn_total",
                "Flows that this kernel tore with a link or an address; their end is kept back for a while.");
        ended = counters.counter("sync_torn_ended_total", "Torn flows that did not come back and were ended.");
    }

    static int ringBytes(int flowsMax) {
        return Math.multiplyExact(flowsMax, RECORD_BYTES);
    }

    /** Whether {@code destroyed} tells of a torn flow, of which {@code key} is the image. */
    static boolean torn(CtFlyweight destroyed, FlowImage key) {
        return destroyed.portId() == 0
                && key.timeoutSeconds() > 0
                && (key.status() & CtConst.IPS_SRC_NAT) != 0
                && !closing(key);
    }

    /** Keeps back the end of the flow of {@code key}, if it is torn. False: it is to end now. */
    boolean hold(CtFlyweight destroyed, FlowImage key, long nowNs) {
        if (!torn(destroyed, key) || count == capacity) {
            return false;
        }
        int slot = table.find(key);
        if (slot < 0 || !table.isEligible(slot) || table.id(slot) != key.id()) {
            return false;
        }
        if (!waited || nowNs - sinceNs >= 2 * AUDIT_WAITS_NS) {
            // Not with each flow: a trickle of them would put audits off for ever.
            waited = true;
            sinceNs = nowNs;
        }
        int at = at(count++);
        ring.putInt(at, slot);
        ring.putInt(at + ID, key.id());
        ring.putLong(at + DUE, nowNs + HOLD_NS);
        held.increment();
        return true;
    }

    /** Ends the flows whose time is over, some thousand at a time. Returns how many it looked at. */
    int release(long nowNs) {
        int looked = 0;
        while (looked < RELEASED_MAX && count > 0 && ring.getLong(at(0) + DUE) - nowNs <= 0) {
            if (same(at(0))) {
                table.read(ring.getInt(at(0)), image);
                table.remove(image);
                ended.increment();
            }
            pop();
            looked++;
        }
        return looked;
    }

    /** True while an audit must not begin or go on: the kernel lacks what is held. */
    boolean delaysAudit(long nowNs) {
        return count > 0 && nowNs - sinceNs < AUDIT_WAITS_NS;
    }

    /** Hands over each flow held, and holds none any more. */
    void handOver(SlotConsumer consumer) {
        while (count > 0) {
            if (same(at(0))) {
                consumer.accept(ring.getInt(at(0)));
            }
            pop();
        }
    }

    private boolean same(int at) {
        int slot = ring.getInt(at);
        return table.isLive(slot) && table.id(slot) == ring.getInt(at + ID);
    }

    private int at(int index) {
        return (int) (((long) first + index) % capacity) * RECORD_BYTES;
    }

    private void pop() {
        first = (first + 1) % capacity;
        count--;
    }

    private static boolean closing(FlowImage key) {
        return key.l4proto() == CtImage.IPPROTO_TCP
                && key.has(FlowImage.TCP)
                && key.tcpState() >= CtConst.TCP_CONNTRACK_TIME_WAIT;
    }
}
