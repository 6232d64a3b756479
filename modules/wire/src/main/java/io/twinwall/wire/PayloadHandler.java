/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/**
 * Receives the messages of one payload in their order. Each decoder is wrapped around bytes that were checked to lie
 * within the payload; it is valid only during the call. An end that does not expect a message leaves it be.
 */
public interface PayloadHandler {
    void onFlows4(Flows4Decoder flows);

    void onFlows6(Flows6Decoder flows);

    void onDeletes4(Deletes4Decoder deletes);

    void onDeletes6(Deletes6Decoder deletes);

    void onDigests(DigestsDecoder digests);

    void onRoundEnd(RoundEndDecoder end);

    void onBucketRequest(BucketRequestDecoder request);

    void onBucketBegin(BucketBeginDecoder begin);

    void onBucketEnd(BucketEndDecoder end);

    void onBarrier(BarrierDecoder barrier);

    void onHello(HelloDecoder hello);

    void onAck(AckDecoder ack);

    void onExpects(ExpectsDecoder expects);

    void onExpectDigest(ExpectDigestDecoder digest);

    void onExpectRequest(ExpectRequestDecoder request);

    void onExpectSweep(ExpectSweepDecoder sweep);
}
