/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.base.Series;
import io.twinwall.wire.AckDecoder;
import io.twinwall.wire.AckEncoder;
import io.twinwall.wire.RoundEndDecoder;
import io.twinwall.wire.RoundEndEncoder;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of the equality of the four tables of a pair, and what was repaired: this node's own stages, and the
 * peer's as it tells them. The sync agent's thread.
 *
 * <pre>
 *   active's kernel ──kernel-table── its table ──table-mirror── mirror ──mirror-kernel── passive's kernel
 *                     the source compares        the mirror compares
 * </pre>
 */
final class Proof {
    final StageResult kernelTable;
    final StageResult tableMirror;
    final StageResult mirrorKernel;
    private final NanoClock clock;
    private final RepairLog log = new RepairLog();
    private final Map<RepairWhy, Counter> repairs = new EnumMap<>(RepairWhy.class);

    Proof(NanoClock clock, Counters counters) {
        this.clock = clock;
        kernelTable = new StageResult(SyncProof.KERNEL_TABLE, "source", counters);
        tableMirror = new StageResult(SyncProof.TABLE_MIRROR, "mirror", counters);
        mirrorKernel = new StageResult(SyncProof.MIRROR_KERNEL, "mirror", counters);
        Series repaired = Series.of("sync_repaired_total", "Flows repaired, by stage of the proof and reason.");
        for (RepairWhy why : RepairWhy.values()) {
            repairs.put(
                    why,
                    counters.counter(
                            "sync_repaired_" + why.metric + "_total",
                            why.stage + ": flows repaired, " + why.text + ".",
                            repaired.with("stage", why.stage).with("reason", why.metric)));
        }
    }

    /** The role changed. */
    void forget() {
        kernelTable.forget();
        tableMirror.forget();
        mirrorKernel.forget();
    }

    void repaired(RepairWhy why, long flows) {
        if (flows == 0) {
            return;
        }
        long nowNs = clock.nanoTime();
        repairs.get(why).add(flows);
        log.add(why, flows, nowNs);
        switch (why) {
            // The table follows what it hears at once; that is no difference.
            case DELETED, CREATED, CHANGED -> kernelTable.repaired(flows);
            case BEGIN_MISSED, CHANGE_MISSED, END_MISSED -> repaired(kernelTable, flows, nowNs);
            case DIGEST -> repaired(tableMirror, flows, nowNs);
            case MIRROR_DELETED, MIRROR_ENDED, MIRROR_MISSING, MIRROR_CHANGED, MIRROR_FOREIGN ->
                repaired(mirrorKernel, flows, nowNs);
        }
    }

    private static void repaired(StageResult stage, long flows, long nowNs) {
        stage.repaired(flows);
        stage.disturbed(nowNs);
    }

    void show(long nowNs) {
        kernelTable.show(nowNs);
        tableMirror.show(nowNs);
        mirrorKernel.show(nowNs);
    }

    void tell(RoundEndEncoder end, long nowNs) {
        kernelTable.tell(end.kernelTable(), nowNs);
        log.tell(end.repair(), nowNs);
    }

    void tell(AckEncoder ack, long nowNs) {
        tableMirror.tell(ack.tableMirror(), nowNs);
        mirrorKernel.tell(ack.mirrorKernel(), nowNs);
        log.tell(ack.repair(), nowNs);
    }

    void told(RoundEndDecoder end, long nowNs) {
        kernelTable.told(end.kernelTable(), nowNs);
        log.told(end.repair(), nowNs);
    }

    void told(AckDecoder ack, long nowNs) {
        tableMirror.told(ack.tableMirror(), nowNs);
        mirrorKernel.told(ack.mirrorKernel(), nowNs);
        log.told(ack.repair(), nowNs);
    }

    SyncProof snapshot(long flows, long refused, boolean complete) {
        long nowNs = clock.nanoTime();
        return new SyncProof(
                flows,
                refused,
                complete,
                List.of(kernelTable.snapshot(nowNs), tableMirror.snapshot(nowNs), mirrorKernel.snapshot(nowNs)),
                log.snapshot(nowNs));
    }
}
