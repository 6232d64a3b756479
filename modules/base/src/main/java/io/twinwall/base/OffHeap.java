/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Source of large off-heap memory: zeroed, page aligned, and resident only where touched, so that a table sized for
 * millions of flows costs an idle pair nothing. The implementation for production is {@code AnonymousMapping} of the
 * module {@code linux}.
 */
@FunctionalInterface
public interface OffHeap {
    /**
     * Maps {@code bytes} (1..2^31-1 rounded up to a page) of zeroed memory that lives until the process ends or the
     * owner of this source closes it.
     *
     * @throws Fatal with {@link ExitCode#ENVIRONMENT} when the kernel refuses
     */
    UnsafeBuffer map(long bytes);
}
