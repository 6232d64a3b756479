/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.engine.HeldFlows;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.netlink.CtEncoder;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes one batch of the injector's: for each of so many flows of the table the request that creates it. */
final class CreateRequests {
    /** As many as the injector sends at once. */
    static final int FLOWS = 128;

    private final UnsafeBuffer buffer =
            new UnsafeBuffer(BufferUtil.allocateDirectAligned(FLOWS * CtEncoder.MESSAGE_BYTES_MAX, 64));
    private final CtEncoder encoder = new CtEncoder();
    private final EntryEncoder entries = new EntryEncoder(encoder);
    private final FlowImage image = new FlowImage();

    /** Of the flows in {@code slots} from {@code first} on. Returns the bytes written. */
    int write(FlowTable table, int[] slots, int first) {
        encoder.wrap(buffer, 0, buffer.capacity());
        for (int i = 0; i < FLOWS; i++) {
            int slot = slots[(first + i) % slots.length];
            table.read(slot, image);
            long seconds = table.remainingMs(slot, HeldFlows.NOW_MS) / 1000 + Injector.HOLD_SECONDS;
            entries.create(image, i + 1, seconds, false);
        }
        return encoder.length();
    }

    UnsafeBuffer buffer() {
        return buffer;
    }
}
