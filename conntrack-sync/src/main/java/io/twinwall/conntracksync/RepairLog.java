/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.wire.RepairNoteDecoder;
import io.twinwall.wire.RepairNoteEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * The last repairs of this node, and the peer's as it tells them. Repairs of one reason that follow one another within a
 * second are one: a flushed table is one line, not a hundred thousand. Allocates nothing but for {@link #snapshot}.
 */
final class RepairLog {
    private static final int KEPT = 16;
    private static final long ONE_REPAIR_NS = 1_000_000_000L;
    private static final int NONE = -1;

    private final RepairWhy[] whys = new RepairWhy[KEPT];
    private final long[] flows = new long[KEPT];
    private final long[] atNs = new long[KEPT];

    /** Own repairs have a number, the peer's 0. */
    private final long[] numbers = new long[KEPT];

    private long count;
    private int lastOwn = NONE;
    private long ownNumber;
    private long toldNumber;
    private int lastPeers = NONE;
    private long peersNumber;

    void add(RepairWhy why, long repaired, long nowNs) {
        if (lastOwn != NONE && whys[lastOwn] == why && nowNs - atNs[lastOwn] < ONE_REPAIR_NS) {
            flows[lastOwn] += repaired;
            atNs[lastOwn] = nowNs;
            return;
        }
        ownNumber++;
        lastOwn = next(why, repaired, nowNs);
        numbers[lastOwn] = ownNumber;
    }

    /** What the peer says of its last repair, again and again; null when its version says nothing. */
    void told(RepairNoteDecoder note, long nowNs) {
        RepairWhy why = note == null || note.number() == 0 ? null : RepairWhy.of(note.why());
        if (why == null) {
            return;
        }
        long whenNs = nowNs - note.agoMs() * 1_000_000;
        if (lastPeers != NONE && note.number() == peersNumber && whys[lastPeers] == why) {
            flows[lastPeers] = note.flows();
            return;
        }
        peersNumber = note.number();
        lastPeers = next(why, note.flows(), whenNs);
    }

    /** The oldest that the peer was not told of; when there is none, the last again. */
    void tell(RepairNoteEncoder note, long nowNs) {
        int at = untold();
        if (at != NONE) {
            toldNumber = numbers[at];
            note.number(toldNumber & 0x7fff_ffffL)
                    .flows(Math.min(flows[at], Integer.MAX_VALUE))
                    .why((short) whys[at].number)
                    .agoMs(Math.clamp((nowNs - atNs[at]) / 1_000_000, 0, Integer.MAX_VALUE));
        }
    }

    private int untold() {
        for (long i = Math.max(0, count - KEPT); i < count; i++) {
            int at = (int) (i % KEPT);
            if (numbers[at] > toldNumber) {
                return at;
            }
        }
        return lastOwn;
    }

    /** Newest first. */
    List<SyncProof.Repair> snapshot(long nowNs) {
        List<SyncProof.Repair> all = new ArrayList<>();
        for (long i = count - 1; i >= Math.max(0, count - KEPT); i--) {
            int at = (int) (i % KEPT);
            all.add(new SyncProof.Repair(
                    Math.max(0, nowNs - atNs[at]) / 1_000_000, whys[at].stage, flows[at], whys[at].text));
        }
        return all;
    }

    private int next(RepairWhy why, long repaired, long whenNs) {
        int at = (int) (count % KEPT);
        count++;
        lastOwn = lastOwn == at ? NONE : lastOwn;
        lastPeers = lastPeers == at ? NONE : lastPeers;
        numbers[at] = 0;
        whys[at] = why;
        flows[at] = repaired;
        atNs[at] = whenNs;
        return at;
    }
}
