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
 * An audit passes over them.
 *
 * <p>A torn flow is told by its DESTROY: it has time left, where one that ended has none; nobody asked for it (port id 0,
 * where {@code conntrack -D} has its own); its source is translated; and no TCP connection that was closing anyway.
 *
 * <p>That a full kernel evicts ({@code early_drop}) looks the same, but takes no assured flow, or only closing ones. So an
 * assured flow proves that the kernel tears; without proof only the first {@link #UNPROVEN_MAX} are held, which do no harm
 * to tables that are full anyway.
 *
 * <pre>
 *   ring, 16 bytes each:  0 slot i32 | 4 id of the torn entry i32 | 8 due, ns i64
 * </pre>
 *
 * The sync agent's thread. The ring has room for three quarters of the table, so that new flows find room while torn ones
 * wait, and belongs to the caller.
 */
final class HoldBack {
    /** Longer than it takes a pair to notice a lost link and change roles; a dead entry does no harm so long. */
    static final long HOLD_NS = 5_000_000_000L;

    /** Without a proof that the kernel tears, the ring is filled no further. */
    static final int UNPROVEN_MAX = 1024;

    /** So long a flow torn for certain vouches for others. */
    private static final long PROVEN_NS = 1_000_000_000L;

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
    private boolean proven;
    private long provenNs;

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
        return Math.multiplyExact(flowsMax - flowsMax / 4, RECORD_BYTES);
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
        if (!torn(destroyed, key)) {
            return false;
        }
        if (proves(key)) {
            proven = true;
            provenNs = nowNs;
        }
        if (count >= UNPROVEN_MAX && !tears(nowNs, PROVEN_NS)) {
            return false;
        }
        int slot = table.find(key);
        if (slot < 0 || !table.isEligible(slot) || table.id(slot) != key.id()) {
            return false;
        }
        return push(slot, key.id(), nowNs);
    }

    /**
     * An audit is about to end the flow in {@code slot}, which the kernel has no more: true when it is held instead. While
     * the kernel tears, that is most likely one whose event was lost among the others.
     */
    boolean holdMissing(int slot, long nowNs) {
        if (!tears(nowNs, HOLD_NS) || !table.isEligible(slot)) {
            return false;
        }
        table.read(slot, image);
        return (image.status() & CtConst.IPS_SRC_NAT) != 0 && !closing(image) && push(slot, image.id(), nowNs);
    }

    /** An audit begins: its sweep is to pass over all that is held. */
    void spare() {
        for (int i = 0; i < count; i++) {
            if (same(at(i))) {
                table.spare(ring.getInt(at(i)));
            }
        }
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

    /** Hands over each flow held, and holds none any more. */
    void handOver(SlotConsumer consumer) {
        while (count > 0) {
            if (same(at(0))) {
                consumer.accept(ring.getInt(at(0)));
            }
            pop();
        }
        proven = false;
    }

    private boolean push(int slot, int id, long nowNs) {
        if (count == capacity) {
            return false;
        }
        int at = at(count++);
        ring.putInt(at, slot);
        ring.putInt(at + ID, id);
        ring.putLong(at + DUE, nowNs + HOLD_NS);
        table.spare(slot);
        held.increment();
        return true;
    }

    private boolean tears(long nowNs, long withinNs) {
        return proven && nowNs - provenNs < withinNs;
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
        return reached(key, CtConst.TCP_CONNTRACK_TIME_WAIT);
    }

    private static boolean proves(FlowImage key) {
        return (key.status() & CtConst.IPS_ASSURED) != 0 && !reached(key, CtConst.TCP_CONNTRACK_FIN_WAIT);
    }

    private static boolean reached(FlowImage key, int tcpState) {
        return key.l4proto() == CtImage.IPPROTO_TCP && key.has(FlowImage.TCP) && key.tcpState() >= tcpState;
    }
}
