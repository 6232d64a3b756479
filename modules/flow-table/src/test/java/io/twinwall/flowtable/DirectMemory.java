/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.OffHeap;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Memory for small tables in tests, freed by the collector. */
final class DirectMemory implements OffHeap {
    @Override
    public UnsafeBuffer map(long bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(Math.toIntExact(bytes)));
    }
}
