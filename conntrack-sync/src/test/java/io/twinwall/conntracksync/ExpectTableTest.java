/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.AllocationMeter;
import io.twinwall.wire.ExpectationEncoder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ExpectTableTest {
    private final ExpectTable table = table();
    private final UnsafeBuffer record = new UnsafeBuffer(new byte[ExpectTable.RECORD_BYTES]);
    private final ExpectationEncoder encoder = new ExpectationEncoder();

    private static ExpectTable table() {
        return new ExpectTable(new UnsafeBuffer(new byte[ExpectTable.bytes()]), 42);
    }

    @Test
    void shouldComeToTheSameWhateverTheWay() {
        apply(1, 0, 10);
        apply(2, 0, 10);
        apply(3, 7, 10);
        end(2);
        ExpectTable other = table();
        for (int port : new int[] {3, 1}) {
            fill(port, port == 3 ? 7 : 0);
            other.apply(record, 0, 99, 5_000);
        }
        assertEquals(other.digest(), table.digest(), "timeouts left out");
        assertEquals(2, table.count());
        apply(1, 1, 10);
        assertNotEquals(other.digest(), table.digest());
        end(1);
        end(3);
        assertEquals(0, table.digest());
        assertEquals(0, table.count());
    }

    @Test
    void shouldBeDirtyByNewsOnly() {
        int slot = apply(1, 0, 100);
        assertTrue(table.anyDirty() && table.isRenewed(slot));
        table.done(slot);
        assertEquals(slot, apply(1, 0, 98));
        assertFalse(table.anyDirty(), "the same, but for the grain of time");
        apply(1, 0, 300);
        assertTrue(table.anyDirty(), "prolonged");
        assertFalse(table.isRenewed(slot), "but else the same");
        table.done(slot);
        apply(1, 2, 300);
        assertTrue(table.isRenewed(slot));
    }

    @Test
    void shouldTellOfSmallChangesOnceTheyAddUp() {
        int slot = apply(1, 0, 100);
        table.done(slot);
        for (int seconds = 101; seconds <= 105; seconds++) {
            apply(1, 0, seconds);
            assertFalse(table.anyDirty(), "so far the peer's copy is right enough");
        }
        apply(1, 0, 106);
        assertTrue(table.anyDirty());
    }

    @Test
    void shouldTakeAsManyAsItHasRoomForAndForgetEndsOnlyWhenTold() {
        for (int port = 1; port <= ExpectTable.CAPACITY; port++) {
            assertTrue(apply(port, 0, 10) >= 0);
        }
        assertEquals(-1, apply(ExpectTable.CAPACITY + 1, 0, 10));
        end(1);
        assertEquals(-1, apply(ExpectTable.CAPACITY + 1, 0, 10), "an end is still to be brought about");
        table.forgetGone();
        assertTrue(apply(ExpectTable.CAPACITY + 1, 0, 10) >= 0);
        assertEquals(ExpectTable.CAPACITY, table.count());
    }

    @Test
    void shouldAllocateNothing() {
        AllocationMeter.assertSteady(0, 5, () -> {
            for (int port = 1; port < 2_000; port++) {
                apply(port, 0, 10);
            }
            for (int port = 1; port < 2_000; port++) {
                end(port);
            }
            table.settle();
        });
    }

    private int apply(int port, int flags, long seconds) {
        fill(port, flags);
        return table.apply(record, 0, seconds, 0);
    }

    private void end(int port) {
        fill(port, 0);
        table.remove(table.find(record, 0));
    }

    private void fill(int port, int flags) {
        encoder.wrap(record, 0).family((short) 2).proto((short) 6).dport(port).flags(flags);
    }
}
