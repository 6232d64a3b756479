/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.engine.FixedSession;
import io.twinwall.engine.HeldFlows;
import io.twinwall.engine.ImageBatch;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.wire.FrameSealer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The publisher takes flows off the dirty queue and fills frames with them, which are sealed as they get full. The flows
 * lie in the caches, for the event that changed them has just written them.
 */
@State(Scope.Thread)
public class EncodeBenchmark {
    private static final int FLOWS = 1000;
    private static final int FRAMES_MAX = 64;
    private static final long NOW_NS = HeldFlows.NOW_MS * 1_000_000;
    private static final NanoClock CLOCK = () -> NOW_NS;

    private final int[] slots = new int[FLOWS];
    private HeldFlows held;
    private FlowTable table;
    private FrameSealer sealer;
    private DeltaPublisher publisher;
    private int next;

    @Setup(Level.Trial)
    public void hold() {
        held = new HeldFlows(FLOWS);
        table = held.table();
        for (int number = 0; number < FLOWS; number++) {
            slots[number] = held.slot(number);
        }
        Counters counters = new Counters();
        sealer = FixedSession.sealer();
        FrameSender sender = new FrameSender(new NoLink(), counters);
        sender.session(sealer);
        publisher =
                new DeltaPublisher(table, SyncConfig.DEFAULT_BUCKET_BITS, sender, new Proof(CLOCK, counters), counters);
        publisher.reset(FixedSession.TERM);
    }

    /** All that was sent before is confirmed, and others have changed. */
    @Setup(Level.Invocation)
    public void change() {
        publisher.confirmed(sealer.frameNumber(), 0);
        for (int i = 0; i < ImageBatch.FLOWS; i++) {
            table.markDirty(slots[next]);
            next = (next + 1) % FLOWS;
        }
    }

    @Benchmark
    @OperationsPerInvocation(ImageBatch.FLOWS)
    public int encode() {
        return publisher.step(FRAMES_MAX, NOW_NS, false, false);
    }

    @TearDown(Level.Invocation)
    public void check() {
        Check.that(table.dirtyCount() == 0, "flows not sent", table.dirtyCount());
    }

    @TearDown(Level.Trial)
    public void close() {
        sealer.close();
        held.close();
    }
}
