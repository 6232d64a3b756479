/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.flowtable.FlowImage;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** Images of a batch of flows, side by side off the heap: what a stage is given, made before its time is taken. */
public final class ImageBatch {
    /** So many that reading the clock does not count, so few that they do not drive the table out of the caches. */
    public static final int FLOWS = 256;

    private final UnsafeBuffer buffer = new UnsafeBuffer(BufferUtil.allocateDirectAligned(FLOWS * FlowImage.BYTES, 64));
    private final FlowImage image = new FlowImage();
    private final FlowMix mix = new FlowMix();

    /** Makes image {@code index} that of flow {@code number}. */
    public void set(int index, int number, int mark) {
        mix.image(at(index), number, mark);
    }

    /** Image {@code index}, until the next call. */
    public FlowImage at(int index) {
        return image.wrap(buffer, index * FlowImage.BYTES);
    }
}
