/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.Check;
import io.twinwall.base.OffHeap;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Off-heap memory from mmap(2): private, anonymous, not reserved, so that a page is resident only once it is touched.
 * Huge pages are declined: a hash table touches its pages at random, and one touched word would make 2 MiB resident.
 *
 * <p>The mappings live until {@link #close}; whoever closes must know that no thread still uses them. Any thread may
 * map.
 */
public final class AnonymousMapping implements OffHeap, AutoCloseable {
    private record Mapping(long address, long bytes) {}

    private static final long MAP_FAILED = -1;

    private final List<Mapping> mappings = new ArrayList<>();

    /** {@inheritDoc} The buffer's capacity is exactly {@code bytes}. */
    @Override
    public synchronized UnsafeBuffer map(long bytes) {
        Check.inRange(bytes, 1, Integer.MAX_VALUE, "bytes to map");
        long pageBytes = pageBytes();
        long rounded = (bytes + pageBytes - 1) / pageBytes * pageBytes;
        long address = mmap(rounded);
        mappings.add(new Mapping(address, rounded));
        return new UnsafeBuffer(address, (int) bytes);
    }

    /** Gives all memory back to the kernel. A buffer used after this kills the process. */
    @Override
    public synchronized void close() {
        ThreadMemory memory = ThreadMemory.current();
        for (Mapping mapping : mappings) {
            try {
                int result = (int) Libc.MUNMAP.invokeExact(memory.errnoState(), mapping.address(), mapping.bytes());
                Check.that(result == 0, "munmap", memory.negativeErrno());
            } catch (Throwable t) {
                throw Native.bug(t);
            }
        }
        mappings.clear();
    }

    private static long mmap(long bytes) {
        ThreadMemory memory = ThreadMemory.current();
        long address;
        try {
            address = (long) Libc.MMAP.invokeExact(
                    memory.errnoState(),
                    0L,
                    bytes,
                    Const.PROT_READ | Const.PROT_WRITE,
                    Const.MAP_PRIVATE | Const.MAP_ANONYMOUS | Const.MAP_NORESERVE,
                    -1,
                    0L);
            if (address != MAP_FAILED) {
                // Refused by kernels without huge pages, where it is not needed either.
                int ignored =
                        (int) Libc.MADVISE.invokeExact(memory.errnoState(), address, bytes, Const.MADV_NOHUGEPAGE);
            }
        } catch (Throwable t) {
            throw Native.bug(t);
        }
        if (address == MAP_FAILED) {
            throw Errno.fatal("mmap of " + bytes + " bytes", memory.negativeErrno(), "CAP_IPC_LOCK");
        }
        return address;
    }

    private static long pageBytes() {
        try {
            return (int) Libc.GETPAGESIZE.invokeExact();
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }
}
