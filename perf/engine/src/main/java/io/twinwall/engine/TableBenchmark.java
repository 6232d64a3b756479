/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Check;
import io.twinwall.flowtable.FlowTable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The source's table takes in what an event says: finds the flow or makes it, writes what is told, keeps its bucket's
 * digest and marks it for the publisher. With few flows all lies in the caches, with many next to nothing does.
 */
public class TableBenchmark {
    /** Flows that begin, and are gone again before the next batch. */
    @State(Scope.Thread)
    public static class Beginnings {
        private static final int NUMBERS = 1 << 20;

        @Param({"1000", "250000"})
        public int flows;

        private final ImageBatch images = new ImageBatch();
        private HeldFlows held;
        private int next;

        @Setup(Level.Trial)
        public void hold() {
            held = new HeldFlows(flows);
        }

        @Setup(Level.Invocation)
        public void choose() {
            for (int i = 0; i < ImageBatch.FLOWS; i++) {
                images.set(i, flows + next + i, 0);
            }
            next = (next + ImageBatch.FLOWS) % NUMBERS;
        }

        @TearDown(Level.Invocation)
        public void end() {
            FlowTable table = held.table();
            Check.that(table.size() == flows + ImageBatch.FLOWS, "flows begun", table.size());
            held.settle();
            for (int i = 0; i < ImageBatch.FLOWS; i++) {
                table.remove(images.at(i));
            }
            held.settle();
        }

        @TearDown(Level.Trial)
        public void release() {
            held.close();
        }
    }

    /** Flows that are held, from all over the table; in each batch they change their mark. */
    @State(Scope.Thread)
    public static class Changes {
        @Param({"1000", "250000"})
        public int flows;

        private final ImageBatch images = new ImageBatch();
        private HeldFlows held;
        private Scattered numbers;
        private int mark;

        @Setup(Level.Trial)
        public void hold() {
            held = new HeldFlows(flows);
            numbers = new Scattered(flows);
        }

        @Setup(Level.Invocation)
        public void choose() {
            mark++;
            for (int i = 0; i < ImageBatch.FLOWS; i++) {
                images.set(i, numbers.next(), mark);
            }
        }

        @TearDown(Level.Invocation)
        public void settle() {
            Check.that(
                    held.table().dirtyCount() == ImageBatch.FLOWS,
                    "flows changed",
                    held.table().dirtyCount());
            held.settle();
        }

        @TearDown(Level.Trial)
        public void release() {
            held.close();
        }
    }

    @Benchmark
    @OperationsPerInvocation(ImageBatch.FLOWS)
    public int create(Beginnings batch) {
        return apply(batch.held.table(), batch.images, FlowTable.NEW | FlowTable.REPLICATE);
    }

    @Benchmark
    @OperationsPerInvocation(ImageBatch.FLOWS)
    public int update(Changes batch) {
        return apply(batch.held.table(), batch.images, FlowTable.MERGE | FlowTable.REPLICATE);
    }

    private static int apply(FlowTable table, ImageBatch images, int how) {
        int results = 0;
        for (int i = 0; i < ImageBatch.FLOWS; i++) {
            results |= table.apply(images.at(i), how, HeldFlows.NOW_MS);
        }
        return results;
    }
}
