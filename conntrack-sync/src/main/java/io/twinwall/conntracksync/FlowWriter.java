/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.wire.Deletes6Encoder;
import io.twinwall.wire.Flows4Encoder;
import io.twinwall.wire.Flows6Encoder;
import io.twinwall.wire.PayloadWriter;

/** Appends flows to a frame's payload, each as its newest state or as its end. */
final class FlowWriter {
    private final PayloadWriter payload;
    private final FlowEncoder parts = new FlowEncoder();

    FlowWriter(PayloadWriter payload) {
        this.payload = payload;
    }

    /** False when the frame has no room left; nothing was written then. */
    boolean upsert(FlowImage image, long timeoutSeconds) {
        parts.encode(image);
        boolean v6 = image.family() != FlowImage.AF_INET;
        if (!payload.hasRoomForFlow(v6, parts.present())) {
            return false;
        }
        long timeout = Math.min(timeoutSeconds, Integer.MAX_VALUE);
        if (v6) {
            Flows6Encoder.FlowsEncoder flow = payload.flow6();
            flow.putOrigSrc(image.buffer(), image.origSrcOffset(), 16)
                    .putOrigDst(image.buffer(), image.origDstOffset(), 16)
                    .origSport(image.origSrcPort())
                    .origDport(image.origDstPort())
                    .proto((short) image.l4proto())
                    .parts(parts.present())
                    .status(image.status())
                    .timeout(timeout)
                    .putExt(parts.buffer(), 0, parts.length());
        } else {
            Flows4Encoder.FlowsEncoder flow = payload.flow4();
            flow.origSrc(FlowEncoder.address4(image, image.origSrcOffset()))
                    .origDst(FlowEncoder.address4(image, image.origDstOffset()))
                    .origSport(image.origSrcPort())
                    .origDport(image.origDstPort())
                    .proto((short) image.l4proto())
                    .parts(parts.present())
                    .status(image.status())
                    .timeout(timeout)
                    .putExt(parts.buffer(), 0, parts.length());
        }
        return true;
    }

    /** False when the frame has no room left; nothing was written then. */
    boolean delete(FlowImage image) {
        boolean v6 = image.family() != FlowImage.AF_INET;
        if (!payload.hasRoomForDelete(v6)) {
            return false;
        }
        if (v6) {
            Deletes6Encoder.FlowsEncoder flow = payload.delete6();
            flow.putOrigSrc(image.buffer(), image.origSrcOffset(), 16)
                    .putOrigDst(image.buffer(), image.origDstOffset(), 16)
                    .origSport(image.origSrcPort())
                    .origDport(image.origDstPort())
                    .proto((short) image.l4proto())
                    .zone(image.zoneOrig());
        } else {
            payload.delete4()
                    .origSrc(FlowEncoder.address4(image, image.origSrcOffset()))
                    .origDst(FlowEncoder.address4(image, image.origDstOffset()))
                    .origSport(image.origSrcPort())
                    .origDport(image.origDstPort())
                    .proto((short) image.l4proto())
                    .zone(image.zoneOrig());
        }
        return true;
    }
}
