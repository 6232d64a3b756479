/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static io.twinwall.flowtable.FlowTable.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.Counters;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** One rule each; {@link FlowTableModelTest} mixes them. */
class FlowTableTest {
    private static final int EVENT = MERGE | REPLICATE;
    private static final int DUMP = REPLACE | REPLICATE | FROM_DUMP;
    private static final int DELTA = REPLACE | REPLICATE;
    private static final int ALL = Integer.MAX_VALUE;

    private final Counters counters = new Counters();
    private final FlowTable table = new FlowTable(new DirectMemory(), new FlowTableConfig(100, 4, 1), counters);
    private final FlowImage image = new FlowImage();
    private final FlowImage read = new FlowImage();

    @Test
    void shouldRefuseAFlowWithoutKey() {
        assertEquals(REFUSED_KEY, table.apply(image.clear().mark(1), EVENT, 0));
        assertEquals(REFUSED_KEY, table.apply(image.clear().family(3).markPresent(FlowImage.ORIG), EVENT, 0));
        assertEquals(UNKNOWN, table.remove(image));
        assertEquals(-1, table.find(image));
        assertEquals(-1, table.appliedSlot());
        assertEquals(3, counters.value("flow_table_refused_key_total"));
        assertEquals(0, table.size());
    }

    @Test
    void shouldRefuseWhenFullAndTakeAgainWhenADeadFlowIsOut() {
        for (int n = 0; n < 100; n++) {
            assertEquals(CREATED, table.apply(flow(n), EVENT, 0));
        }
        assertEquals(REFUSED_FULL, table.apply(flow(100), EVENT, 0));
        assertEquals(UNCHANGED, table.apply(flow(5), EVENT, 0), "a known flow needs no room");
        assertEquals(REMOVED, table.remove(flow(0)));
        assertEquals(REFUSED_FULL, table.apply(flow(100), EVENT, 0));
        table.release(table.takeDirty());
        assertEquals(CREATED, table.apply(flow(100), EVENT, 0));
        assertEquals(2, counters.value("flow_table_refused_full_total"));
    }

    @Test
    void shouldQueueAFlowOnceWithItsNewestState() {
        table.apply(flow(1).mark(1), EVENT, 0);
        table.apply(flow(2), EVENT, 0);
        assertEquals(CHANGED, table.apply(flow(1).mark(2), EVENT, 0));
        assertEquals(2, table.dirtyCount());
        table.read(table.takeDirty(), read);
        assertEquals(2, read.mark());
        assertEquals(1, table.dirtyCount());
    }

    @Test
    void shouldNotCallTimesIdsAndCountersAChange() {
        table.apply(flow(1), EVENT, 1_000);
        table.release(table.takeDirty());
        image.timeoutSeconds(431_000).startNs(7).countersOrig(1, 2);
        assertEquals(UNCHANGED, table.apply(image, EVENT, 2_000));
        assertEquals(-1, table.takeDirty());
        int slot = table.find(image);
        table.read(slot, read);
        assertEquals(2, read.bytesOrig());
    }

    @Test
    void shouldKeepWhatItBelievesOfATimeoutUntilThatIsOffByAMinuteOrASixteenth() {
        table.apply(flow(1).timeoutSeconds(30), EVENT, 1_000);
        table.release(table.takeDirty());
        int slot = table.find(image);
        assertEquals(31_000, table.deadlineMs(slot));
        // Packets begin the 30 seconds anew again and again, and the belief ends: still near enough.
        assertEquals(UNCHANGED, table.apply(flow(1).timeoutSeconds(30), EVENT, 31_000));
        assertEquals(31_000, table.deadlineMs(slot));
        assertEquals(0, table.remainingMs(slot, 99_000));
        assertEquals(30, table.timeoutSeconds(slot));
        // What is believed cannot be less than no time: a minute more than that is near, more is not.
        assertEquals(UNCHANGED, table.apply(flow(1).timeoutSeconds(60), DUMP, 99_000));
        assertEquals(CHANGED | TIMEOUT_MOVED, table.apply(flow(1).timeoutSeconds(61), DUMP, 99_000));
        assertEquals(160_000, table.deadlineMs(slot));
        table.release(table.takeDirty());

        assertEquals(CHANGED | TIMEOUT_MOVED, table.apply(flow(1).timeoutSeconds(432_000), EVENT, 100_000));
        table.release(table.takeDirty());
        long deadlineMs = table.deadlineMs(slot);
        long stepMs = 1_000_000;
        long told = 0;
        for (long nowMs = 100_000; nowMs < 100_000_000; nowMs += stepMs) {
            told += (table.apply(flow(1).timeoutSeconds(432_000), DUMP, nowMs) & TIMEOUT_MOVED) != 0 ? 1 : 0;
            long off = nowMs + 432_000_000L - table.deadlineMs(slot);
            assertTrue(off <= 27_000_000, "off by " + off + " ms");
        }
        assertEquals(3, told, "a delta each seven hours and a half");
        assertTrue(table.deadlineMs(slot) > deadlineMs);
    }

    @Test
    void shouldTakeATimeoutThatIsTold() {
        table.apply(flow(1).timeoutSeconds(30), DELTA, 1_000);
        table.release(table.takeDirty());
        int slot = table.find(image);
        assertEquals(UNCHANGED, table.apply(flow(1).timeoutSeconds(32), DELTA | TIMEOUT_TOLD, 1_000));
        assertEquals(CHANGED | TIMEOUT_MOVED, table.apply(flow(1).timeoutSeconds(36), DELTA | TIMEOUT_TOLD, 1_000));
        assertEquals(37_000, table.deadlineMs(slot));
    }

    @Test
    void shouldNoteWhatTheKernelWasSeenToHold() {
        table.apply(flow(1), DELTA, 0);
        int slot = table.takeDirty();
        assertFalse(table.takeChecked(slot));
        assertTrue(table.isUnderWay(slot));
        table.inKernel(slot, true);
        table.release(slot);
        assertFalse(table.isUnderWay(slot));
        assertTrue(table.takeChecked(slot));
        assertFalse(table.takeChecked(slot));
        table.checked(slot);
        assertTrue(table.takeChecked(slot));
        table.remove(flow(1));
        assertTrue(table.knows(image), "its end is under way");
        table.release(table.takeDirty());
        assertFalse(table.knows(image));
    }

    @Test
    void shouldKeepWhatAnEventOmitsAndResetWhatADeltaOmits() {
        table.apply(flow(1).helper("ftp").mark(9), EVENT, 0);
        flow(1);
        image.buffer().putInt(0, image.present() & ~FlowImage.MARK);
        assertEquals(UNCHANGED, table.apply(image, EVENT, 0));
        assertEquals(RECREATED | CHANGED, table.apply(image, DELTA, 0), "the helper is gone");
        table.read(table.find(image), read);
        assertFalse(read.has(FlowImage.HELPER));
        assertEquals(0, read.mark());
        assertEquals(0, table.memory().chunks());
    }

    @Test
    void shouldRecreateWhatAnUpdateCannotChange() {
        UnsafeBuffer other = new UnsafeBuffer(new byte[32]);
        recreates(() -> image.reply(other, 0, 16, 1, 2));
        recreates(() -> image.status(0xe | 0x10));
        recreates(() -> image.status(0xa));
        recreates(() -> image.helper("ftp"));
        recreates(() -> image.master(other, 0, 4, 1, 2, 6));
        recreates(() -> image.zone(5, FlowImage.ZONE_DIR_REPLY));
        recreates(() -> image.id(image.id() + 2));
    }

    private void recreates(Runnable change) {
        table.clear();
        table.apply(flow(1), EVENT, 0);
        table.release(table.takeDirty());
        change.run();
        assertEquals(RECREATED | CHANGED, table.apply(image, EVENT, 0));
        int slot = table.takeDirty();
        assertTrue(table.needsRecreate(slot));
        table.release(slot);
        assertFalse(table.needsRecreate(slot));
    }

    @Test
    void shouldReplaceAKnownFlowWholeOnNew() {
        table.apply(flow(1).helper("ftp"), EVENT, 0);
        assertEquals(RECREATED | CHANGED, table.apply(flow(1), EVENT | NEW, 0));
        table.read(table.find(image), read);
        assertFalse(read.has(FlowImage.HELPER));
    }

    @Test
    void shouldRecreateAFlowThatEndedAndCameBackBeforeItsEndWasOut() {
        table.apply(flow(1), EVENT, 0);
        table.release(table.takeDirty());
        int slot = table.find(image);
        table.inKernel(slot, true);
        table.remove(image);
        assertTrue(table.isDead(slot));
        assertEquals(1, table.deadCount());
        assertEquals(RECREATED | CHANGED, table.apply(flow(1), EVENT | NEW, 0));
        assertEquals(slot, table.takeDirty());
        assertFalse(table.isDead(slot));
        assertTrue(table.needsRecreate(slot));
        assertTrue(table.inKernel(slot));
    }

    @Test
    void shouldNotFreeASlotWhileSomeoneHoldsIt() {
        table.apply(flow(1), EVENT, 0);
        int held = table.takeDirty();
        table.remove(image);
        assertEquals(held, table.takeDirty());
        table.release(held);
        assertEquals(1, table.deadCount());
        table.release(held);
        assertEquals(0, table.deadCount());
        assertThrows(BugError.class, () -> table.release(held));
        assertThrows(BugError.class, () -> table.read(held, read));
    }

    @Test
    void shouldKeepTheRecreationWhenATakenSlotIsPutBack() {
        table.apply(flow(1), EVENT, 0);
        table.apply(flow(1), EVENT | NEW, 0);
        table.markDirty(table.takeDirty());
        int slot = table.takeDirty();
        assertTrue(table.needsRecreate(slot));
        table.release(slot);
        table.markDirty(slot);
        assertEquals(slot, table.takeDirty());
        assertFalse(table.needsRecreate(slot));
    }

    @Test
    void shouldHoldButNotReplicateAFlowThatIsNotEligible() {
        assertEquals(CREATED, table.apply(flow(1), MERGE, 0));
        int slot = table.find(image);
        assertEquals(0, table.dirtyCount());
        assertEquals(0, table.count(table.bucketOf(slot)));
        assertEquals(CHANGED, table.apply(flow(1), EVENT, 0));
        assertFalse(table.isDead(table.takeDirty()));
        assertEquals(1, table.count(table.bucketOf(slot)));
        assertEquals(CHANGED, table.apply(flow(1), MERGE, 0));
        assertTrue(table.isDead(table.takeDirty()));
        assertEquals(0, table.digest(table.bucketOf(slot)));
        assertEquals(1, table.size());
    }

    @Test
    void shouldLeaveALaterFlowAloneWhenAnEarlierIsDestroyed() {
        table.apply(flow(1).id(10), EVENT, 0);
        assertEquals(STALE, table.remove(flow(1).id(9)));
        assertEquals(REMOVED, table.remove(flow(1).id(10)));
        assertEquals(UNKNOWN, table.remove(flow(1).id(10)));
        assertEquals(1, counters.value("flow_table_stale_destroys_total"));
    }

    @Test
    void shouldRemoveInAnAuditWhatNeitherDumpNorEventShowed() {
        for (int n = 0; n < 9; n++) {
            table.apply(flow(n), EVENT, 0);
        }
        table.beginAudit();
        for (int n = 0; n < 6; n += 2) {
            table.apply(flow(n), DUMP, 0);
        }
        table.apply(flow(1), EVENT, 0);
        int[] doomed = {0};
        assertTrue(table.sweepAudit(ALL, slot -> ++doomed[0] > 0));
        assertEquals(5, doomed[0]);
        assertEquals(4, table.size());
        assertFalse(table.auditing());
    }

    @Test
    void shouldPassOverInAnAuditWhatIsSpared() {
        for (int n = 1; n < 6; n++) {
            table.apply(flow(n), EVENT, 0);
        }
        table.beginAudit();
        table.spare(table.find(flow(1)));
        int unwilling = table.find(flow(2));
        assertTrue(table.sweepAudit(ALL, slot -> slot != unwilling));
        assertEquals(2, table.size());
        assertTrue(table.find(flow(1)) >= 0, "as if the dump had shown it");
        assertEquals(unwilling, table.find(flow(2)), "spared by the sweep's owner");
    }

    /** A flow that is kept over an audit may come back meanwhile; what earlier events told of it is no newer than that. */
    @Test
    void shouldLearnFromTheDumpTheNewLifeOfAFlowThatWasSpared() {
        table.beginAudit();
        table.apply(flow(1).id(4).mark(1), EVENT, 0);
        table.sweepAudit(ALL, null);
        table.beginAudit();
        table.spare(table.find(flow(1)));
        assertEquals(RECREATED | CHANGED, table.apply(flow(1).id(5).mark(2), DUMP, 0));
        assertEquals(5, table.id(table.find(flow(1))));
    }

    @Test
    void shouldCountTheFlowsThatTheKernelRefusesAsLongAsItDoes() {
        for (int n = 0; n < 4; n++) {
            table.apply(flow(n), EVENT, 0);
            table.refused(table.find(flow(n)));
        }
        table.refused(table.find(flow(0)));
        assertEquals(4, table.refusedCount());
        table.apply(flow(0).mark(7), EVENT, 0);
        assertEquals(4, table.refusedCount(), "a change alone puts nothing into the kernel");
        table.inKernel(table.find(flow(0)), true);
        table.remove(flow(1));
        table.apply(flow(2), MERGE, 0);
        assertEquals(1, table.refusedCount());
        table.clear();
        assertEquals(0, table.refusedCount());
    }

    @Test
    void shouldNotBringBackAFlowThatWasDestroyedDuringTheDump() {
        table.apply(flow(1), EVENT, 0);
        table.beginAudit();
        table.remove(flow(1));
        table.remove(flow(2));
        assertEquals(GHOST, table.apply(flow(1), DUMP, 0));
        table.release(table.takeDirty());
        assertEquals(GHOST, table.apply(flow(1), DUMP, 0), "also when its end is out");
        assertEquals(GHOST, table.apply(flow(2), DUMP, 0), "also when it was never known");
        assertEquals(2, table.tombCount());
        assertEquals(CREATED, table.apply(flow(2), EVENT | NEW, 0));
        table.sweepAudit(ALL, null);
        assertEquals(0, table.tombCount());
        assertEquals(1, table.size());
        assertEquals(CREATED, table.apply(flow(1), DUMP, 0));
        assertEquals(3, counters.value("flow_table_ghosts_total"));
    }

    @Test
    void shouldForgetTombstonesWhenAnAuditIsCancelled() {
        table.apply(flow(1), EVENT, 0);
        table.beginAudit();
        table.remove(flow(2));
        table.cancelAudit();
        assertEquals(0, table.tombCount());
        assertEquals(1, table.size());
        assertThrows(BugError.class, () -> table.sweepAudit(ALL, null));
    }

    @Test
    void shouldNotLetAnOlderDumpMessageUndoAnEvent() {
        table.apply(flow(1).mark(1).helper("old"), EVENT, 0);
        table.beginAudit();
        FlowImage event = new FlowImage().copyFrom(flow(1).mark(2));
        event.buffer().putInt(0, FlowImage.ORIG | FlowImage.MARK);
        table.apply(event, EVENT, 0);
        table.apply(flow(1).mark(1).helper("new").tcp(4, 7, 7, 3, 3), DUMP, 0);
        table.read(table.find(image), read);
        assertEquals(2, read.mark(), "told by the event");
        assertEquals(4, read.tcpState(), "told by the dump alone");
        assertEquals(UNCHANGED, table.apply(flow(1).id(77), DUMP, 0), "an earlier life");
    }

    @Test
    void shouldNotTakeALateNewEventForANewFlow() {
        table.beginAudit();
        table.apply(flow(1).id(5), DUMP, 0);
        assertEquals(UNCHANGED, table.apply(flow(1).id(5), EVENT | NEW, 0));
        assertEquals(RECREATED | CHANGED, table.apply(flow(1).id(6), EVENT | NEW, 0));
    }

    @Test
    void shouldSweepABucketOnly() {
        for (int n = 0; n < 90; n++) {
            table.apply(flow(n), DELTA, 0);
        }
        int bucket = table.bucketOf(flow(3));
        int held = table.count(bucket);
        table.beginBucket(bucket);
        table.beginBucket((bucket + 1) & 15);
        table.apply(flow(3), DELTA, 0);
        assertEquals(held - 1, table.endBucket(bucket, null));
        assertEquals(1, table.count(bucket));
        assertEquals(91 - held, table.size());
        assertTrue(table.endBucket((bucket + 1) & 15, null) > 0);
    }

    @Test
    void shouldDigestEqualContentEquallyWhateverItsOrder() {
        FlowTable other = new FlowTable(new DirectMemory(), new FlowTableConfig(300, 4, 1), new Counters());
        FlowTable foreign = new FlowTable(new DirectMemory(), new FlowTableConfig(100, 4, 2), new Counters());
        for (int n = 0; n < 80; n++) {
            table.apply(flow(n).id(n + 1), DELTA, 0);
            other.apply(flow(200 - n).helper("ftp"), DELTA, 5);
            foreign.apply(flow(n), DELTA, 0);
        }
        for (int n = 79; n >= 0; n--) {
            other.remove(flow(200 - n));
            other.apply(flow(n).id(n + 2).timeoutSeconds(n).status(0x100e), DELTA, 9);
        }
        long foreignSum = 0;
        for (int b = 0; b < table.buckets(); b++) {
            assertEquals(table.digest(b), other.digest(b));
            assertEquals(table.count(b), other.count(b));
            foreignSum += table.digest(b) - foreign.digest(b);
        }
        assertNotEquals(0, foreignSum, "the seed decides");
        other.apply(flow(1).mark(6), DELTA, 0);
        assertNotEquals(table.digest(table.bucketOf(image)), other.digest(other.bucketOf(image)));
    }

    @Test
    void shouldMeetEveryFlowOnceThatLivesThroughoutAWalk() {
        for (int n = 0; n < 60; n++) {
            table.apply(flow(n), EVENT, 0);
        }
        int[] seen = new int[200];
        SlotCursor cursor = table.cursor();
        int step = 0;
        while (!cursor.done()) {
            cursor.advance(5, slot -> seen[slot]++);
            table.apply(flow(60 + step), EVENT, 0);
            table.remove(flow(40 + step));
            step++;
        }
        for (int n = 0; n < 40; n++) {
            assertEquals(1, seen[table.find(flow(n))]);
        }
        cursor.restart();
        assertEquals(table.size(), cursor.advance(1000, slot -> {}));
    }

    @Test
    void shouldTellAWatcherOfEveryChangeAndOfNothingElse() {
        List<String> told = new ArrayList<>();
        table.watch(new TableWatcher() {
            @Override
            public void changed(int slot, boolean created) {
                told.add((created ? "begins " : "changes ") + mark(slot) + (table.isEligible(slot) ? "" : " apart"));
            }

            @Override
            public void ending(int slot) {
                told.add("ends " + mark(slot) + (table.isLive(slot) ? "" : " already"));
            }
        });
        table.apply(flow(1).mark(1), EVENT, 0);
        int slot = table.find(image);
        table.apply(flow(1).mark(1), EVENT, 0);
        table.apply(flow(1).mark(2), EVENT, 0);
        table.replicate(slot, true);
        table.replicate(slot, false);
        table.replicate(slot, true);
        table.remove(flow(9));
        table.remove(flow(1).id(99));
        table.remove(flow(1));
        table.remove(flow(1));
        assertEquals(List.of("begins 1", "changes 2", "changes 2 apart", "changes 2", "ends 2"), List.copyOf(told));
        told.clear();
        table.apply(flow(1).mark(3), EVENT, 0);
        table.apply(flow(2).mark(4), MERGE, 0);
        table.beginAudit();
        table.apply(flow(2).mark(4), MERGE | FROM_DUMP, 0);
        table.sweepAudit(ALL, null);
        int bucket = table.bucketOf(flow(2));
        table.apply(flow(2).mark(5), DELTA, 0);
        table.beginBucket(bucket);
        table.endBucket(bucket, null);
        assertEquals(List.of("changes 3", "begins 4 apart", "ends 3", "changes 5", "ends 5"), List.copyOf(told));
    }

    private int mark(int slot) {
        table.read(slot, read);
        return read.mark();
    }

    @Test
    void shouldCopyFromTheImageAndLendNothing() {
        table.apply(flow(1).helper("ftp"), EVENT, 0);
        table.read(table.takeDirty(), read);
        String before = Content.all(read);
        image.buffer().setMemory(0, FlowImage.BYTES, (byte) 0xa5);
        read.buffer().setMemory(0, FlowImage.BYTES, (byte) 0x5a);
        int slot = table.find(flow(1));
        table.read(slot, read);
        assertEquals(before, Content.all(read));
    }

    private FlowImage flow(int n) {
        return Flows.plain(image, n, n % 2 == 0);
    }
}
