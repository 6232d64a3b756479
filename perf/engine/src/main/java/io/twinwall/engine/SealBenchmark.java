/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.wire.FrameKind;
import io.twinwall.wire.FrameSealer;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A payload is sealed: a full one, and one that holds a single plain flow. */
@State(Scope.Thread)
public class SealBenchmark {
    @Param({"1332", "35"})
    public int payloadBytes;

    private UnsafeBuffer payload;
    private FrameSealer sealer;

    @Setup
    public void open() {
        payload = new UnsafeBuffer(BufferUtil.allocateDirectAligned(payloadBytes, 64));
        sealer = FixedSession.sealer();
    }

    @Benchmark
    public int seal() {
        return sealer.seal(FrameKind.STATE, FixedSession.TERM, payload, 0, payloadBytes);
    }

    @TearDown
    public void close() {
        sealer.close();
    }
}
