/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.OffHeap;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Off-heap memory that is used again by the next agent, since mapping anew costs more than a life. One thread; whoever
 * took memory gives it back with {@link Lease#close} when its agent is gone.
 */
final class Memory {
    private static final int ALIGNMENT = 64;

    private final Map<Long, ArrayDeque<UnsafeBuffer>> free = new HashMap<>();

    /** What one agent holds. */
    final class Lease implements OffHeap {
        private final ArrayDeque<UnsafeBuffer> taken = new ArrayDeque<>();

        @Override
        public UnsafeBuffer map(long bytes) {
            UnsafeBuffer buffer =
                    free.computeIfAbsent(bytes, size -> new ArrayDeque<>()).poll();
            if (buffer == null) {
                buffer = new UnsafeBuffer(BufferUtil.allocateDirectAligned(Math.toIntExact(bytes), ALIGNMENT));
            }
            buffer.setMemory(0, buffer.capacity(), (byte) 0);
            taken.add(buffer);
            return buffer;
        }

        void close() {
            for (UnsafeBuffer buffer : taken) {
                free.get((long) buffer.capacity()).add(buffer);
            }
            taken.clear();
        }
    }

    Lease lease() {
        return new Lease();
    }
}
