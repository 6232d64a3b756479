/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.wire.AckDecoder;
import io.twinwall.wire.BarrierDecoder;
import io.twinwall.wire.BucketBeginDecoder;
import io.twinwall.wire.BucketEndDecoder;
import io.twinwall.wire.BucketRequestDecoder;
import io.twinwall.wire.Deletes4Decoder;
import io.twinwall.wire.Deletes6Decoder;
import io.twinwall.wire.DigestsDecoder;
import io.twinwall.wire.ExpectDigestDecoder;
import io.twinwall.wire.ExpectRequestDecoder;
import io.twinwall.wire.ExpectSweepDecoder;
import io.twinwall.wire.ExpectsDecoder;
import io.twinwall.wire.Flows4Decoder;
import io.twinwall.wire.Flows6Decoder;
import io.twinwall.wire.HelloDecoder;
import io.twinwall.wire.PayloadHandler;
import io.twinwall.wire.RoundEndDecoder;

/** Leaves every message be, so that each role states only what concerns it. */
class IgnoringHandler implements PayloadHandler {
    @Override
    public void onFlows4(Flows4Decoder flows) {}

    @Override
    public void onFlows6(Flows6Decoder flows) {}

    @Override
    public void onDeletes4(Deletes4Decoder deletes) {}

    @Override
    public void onDeletes6(Deletes6Decoder deletes) {}

    @Override
    public void onDigests(DigestsDecoder digests) {}

    @Override
    public void onRoundEnd(RoundEndDecoder end) {}

    @Override
    public void onBucketRequest(BucketRequestDecoder request) {}

    @Override
    public void onBucketBegin(BucketBeginDecoder begin) {}

    @Override
    public void onBucketEnd(BucketEndDecoder end) {}

    @Override
    public void onBarrier(BarrierDecoder barrier) {}

    @Override
    public void onHello(HelloDecoder hello) {}

    @Override
    public void onAck(AckDecoder ack) {}

    @Override
    public void onExpects(ExpectsDecoder expects) {}

    @Override
    public void onExpectDigest(ExpectDigestDecoder digest) {}

    @Override
    public void onExpectRequest(ExpectRequestDecoder request) {}

    @Override
    public void onExpectSweep(ExpectSweepDecoder sweep) {}
}
