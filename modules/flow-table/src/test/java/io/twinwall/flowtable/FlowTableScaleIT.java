/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.linux.AnonymousMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Four million flows on real memory: that they fit the budget by resident pages, and are all right. Prints ns per call. */
class FlowTableScaleIT {
    private static final int FLOWS = 4_000_000;
    private static final int BUCKET_BITS = 12;

    private final FlowImage image = new FlowImage();

    @Test
    void shouldHoldFourMillionIpv4FlowsIn160BytesEach() throws IOException {
        assertTrue(residentBytesEach(false) <= 160);
    }

    @Test
    void shouldHoldFourMillionIpv6FlowsIn224BytesEach() throws IOException {
        assertTrue(residentBytesEach(true) <= 224);
    }

    @Test
    void shouldTouchNextToNothingWhenEmpty() throws IOException {
        try (AnonymousMapping memory = new AnonymousMapping()) {
            long before = residentBytes();
            FlowTable table = table(memory);
            table.clear();
            long touched = residentBytes() - before;
            assertTrue(touched < 2_000_000, "touched " + touched);
        }
    }

    @Test
    void shouldBeFastAtAQuarterAndAtFourMillion() {
        measure(250_000);
        measure(250_000);
        measure(FLOWS);
    }

    private double residentBytesEach(boolean isIpv6) throws IOException {
        try (AnonymousMapping memory = new AnonymousMapping()) {
            long before = residentBytes();
            FlowTable table = table(memory);
            for (int n = 0; n < FLOWS; n++) {
                Flows.plain(image, n, isIpv6);
                assertEquals(FlowTable.CREATED, table.apply(image, FlowTable.REPLICATE, n));
            }
            double each = (double) (residentBytes() - before) / FLOWS;
            System.out.printf("resident bytes per %s flow: %.1f%n", isIpv6 ? "IPv6" : "IPv4", each);
            assertEquals(
                    FlowTable.REFUSED_FULL, table.apply(Flows.plain(image, FLOWS, isIpv6), FlowTable.REPLICATE, 0));
            verify(table, isIpv6);
            return each;
        }
    }

    /** Every flow is there, dirty once and in order, and the digests return to nothing when all have gone. */
    private void verify(FlowTable table, boolean isIpv6) {
        for (int n = 0; n < FLOWS; n++) {
            int slot = table.takeDirty();
            table.read(slot, image);
            table.release(slot);
            if (image.id() != (n | 1) || image.origSrcPort() != (n & 0xffff)) {
                throw new AssertionError("flow " + n + " is " + image);
            }
        }
        long counted = 0;
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            counted += table.count(bucket);
        }
        assertEquals(FLOWS, counted);
        for (int n = 0; n < FLOWS; n++) {
            if (table.remove(Flows.plain(image, n, isIpv6)) != FlowTable.REMOVED) {
                throw new AssertionError("flow " + n + " is missing");
            }
            table.release(table.takeDirty());
        }
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            assertEquals(0, table.digest(bucket));
        }
        assertEquals(0, table.memory().slotsIpv4() + table.memory().slotsIpv6());
    }

    private void measure(int flows) {
        try (AnonymousMapping memory = new AnonymousMapping()) {
            FlowTable table = table(memory);
            long fill = time(flows, n -> Flows.plain(image, n, false));
            long create = time(flows, n -> table.apply(Flows.plain(image, n, false), FlowTable.REPLICATE, n)) - fill;
            long take = time(flows, n -> {
                int slot = table.takeDirty();
                table.read(slot, image);
                table.release(slot);
            });
            // In an order that the caches cannot foresee: 7919 is coprime to both sizes.
            long update = time(flows, n -> {
                int m = (int) (n * 7919L % flows);
                table.apply(Flows.plain(image, m, false).mark(6), FlowTable.REPLICATE, n);
            });
            long same = time(flows, n -> {
                int m = (int) (n * 7919L % flows);
                table.apply(Flows.plain(image, m, false).mark(6), FlowTable.REPLICATE, n);
            });
            long remove = time(flows, n -> table.remove(Flows.plain(image, (int) (n * 7919L % flows), false)));
            assertEquals(0, table.size());
            System.out.printf(
                    "%d flows, ns each: create %d, take+read+release %d, update %d, same again %d, remove %d (image: %d)%n",
                    flows, create, take, update - fill, same - fill, remove - fill, fill);
        }
    }

    private interface Operation {
        void on(int n);
    }

    private static long time(int count, Operation operation) {
        long begin = System.nanoTime();
        for (int n = 0; n < count; n++) {
            operation.on(n);
        }
        return (System.nanoTime() - begin) / count;
    }

    private static FlowTable table(AnonymousMapping memory) {
        return new FlowTable(memory, new FlowTableConfig(FLOWS, BUCKET_BITS, 42), new Counters());
    }

    /** Anonymous memory of this process that is resident: the heap is small and fixed beside what is measured. */
    private static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new AssertionError("/proc/self/status has no RssAnon");
    }
}
