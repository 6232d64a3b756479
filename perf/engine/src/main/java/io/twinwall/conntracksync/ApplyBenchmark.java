/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.engine.FlowMix;
import io.twinwall.engine.HeldFlows;
import io.twinwall.engine.ImageBatch;
import io.twinwall.engine.Scattered;
import io.twinwall.flowtable.FlowImage;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The mirror reads opened payloads full of changed flows into its table, where each is marked for the injector. With few
 * flows all lies in the caches, with many next to nothing does.
 */
@State(Scope.Thread)
public class ApplyBenchmark {
    @Param({"1000", "250000"})
    public int flows;

    private final Payloads payloads = new Payloads();
    private final FlowMix mix = new FlowMix();
    private final FlowImage image = new FlowImage();
    private HeldFlows held;
    private LoneMirror mirror;
    private Scattered numbers;
    private int mark;

    @Setup(Level.Trial)
    public void hold() {
        held = new HeldFlows(flows);
        mirror = new LoneMirror(held);
        numbers = new Scattered(flows);
    }

    @Setup(Level.Invocation)
    public void change() {
        mark++;
        payloads.clear();
        for (int i = 0; i < ImageBatch.FLOWS; i++) {
            mix.image(image, numbers.next(), mark);
            payloads.add(image);
        }
        payloads.end();
    }

    @Benchmark
    @OperationsPerInvocation(ImageBatch.FLOWS)
    public int apply() {
        payloads.tell(mirror);
        return held.table().dirtyCount();
    }

    @TearDown(Level.Invocation)
    public void settle() {
        int changed = held.table().dirtyCount();
        Check.that(changed == ImageBatch.FLOWS, "flows changed", changed);
        held.settle();
    }

    @TearDown(Level.Trial)
    public void close() {
        held.close();
    }
}
