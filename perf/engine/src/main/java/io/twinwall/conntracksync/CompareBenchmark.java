/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.engine.HeldFlows;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The mirror reads the digests of all buckets and compares them with its own, which are equal: as in peace. */
@State(Scope.Thread)
public class CompareBenchmark {
    private static final int FLOWS = 10_000;
    private static final int BUCKETS = 1 << SyncConfig.DEFAULT_BUCKET_BITS;

    private final Payloads payloads = new Payloads();
    private HeldFlows held;
    private LoneMirror mirror;

    @Setup
    public void hold() {
        held = new HeldFlows(FLOWS);
        mirror = new LoneMirror(held);
        payloads.addRound(held.table());
    }

    @Benchmark
    @OperationsPerInvocation(BUCKETS)
    public int compare() {
        payloads.tell(mirror);
        return payloads.count();
    }

    @TearDown
    public void close() {
        Check.that(mirror.equal(), "the mirror differs from itself");
        held.close();
    }
}
