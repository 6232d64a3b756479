/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.engine.HeldFlows;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A flow of the mirror's table becomes the request that creates it in the kernel; sending it, and the kernel's share, is
 * {@link io.twinwall.engine.KernelFloor}'s. The flows lie in the caches, for the delta has just written them.
 */
@State(Scope.Thread)
public class InjectBenchmark {
    private static final int FLOWS = 1000;

    private final CreateRequests requests = new CreateRequests();
    private final int[] slots = new int[FLOWS];
    private HeldFlows held;
    private int next;

    @Setup
    public void hold() {
        held = new HeldFlows(FLOWS);
        for (int number = 0; number < FLOWS; number++) {
            slots[number] = held.slot(number);
        }
    }

    @Benchmark
    @OperationsPerInvocation(CreateRequests.FLOWS)
    public int inject() {
        int bytes = requests.write(held.table(), slots, next);
        next = (next + CreateRequests.FLOWS) % FLOWS;
        return bytes;
    }

    @TearDown
    public void close() {
        held.close();
    }
}
