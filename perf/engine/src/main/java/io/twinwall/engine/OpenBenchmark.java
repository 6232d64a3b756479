/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Check;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.FrameOpener;
import io.twinwall.wire.FrameSealer;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A frame is judged by its header and opened. No frame opens twice, so a batch is sealed before each time. */
@State(Scope.Thread)
public class OpenBenchmark {
    /** What the agent takes off the link in one cycle. */
    private static final int FRAMES = 64;

    @Param({"1332", "35"})
    public int payloadBytes;

    private final UnsafeBuffer arrived =
            new UnsafeBuffer(BufferUtil.allocateDirectAligned(FRAMES * FixedSession.FRAME_BYTES_MAX, 64));
    private UnsafeBuffer payload;
    private FrameSealer sealer;
    private FrameOpener opener;
    private int frameBytes;

    @Setup(Level.Trial)
    public void begin() {
        payload = new UnsafeBuffer(BufferUtil.allocateDirectAligned(payloadBytes, 64));
        sealer = FixedSession.sealer();
        opener = FixedSession.opener();
    }

    @Setup(Level.Invocation)
    public void seal() {
        for (int i = 0; i < FRAMES; i++) {
            frameBytes = sealer.seal(FrameKind.STATE, FixedSession.TERM, payload, 0, payloadBytes);
            arrived.putBytes(i * FixedSession.FRAME_BYTES_MAX, sealer.buffer(), 0, frameBytes);
        }
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int open() {
        int sum = 0;
        for (int i = 0; i < FRAMES; i++) {
            sum += opener.open(arrived, i * FixedSession.FRAME_BYTES_MAX, frameBytes);
        }
        Check.that(sum == FRAMES * payloadBytes, "bytes opened", sum);
        return sum;
    }

    @TearDown(Level.Trial)
    public void end() {
        sealer.close();
        opener.close();
    }
}
