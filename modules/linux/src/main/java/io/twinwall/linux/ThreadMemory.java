/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Each thread's own piece of native memory: where the linker puts errno, and a few words for out-parameters. Made at a
 * thread's first call, freed by the collector after the thread has ended, so that calls allocate nothing and no
 * thread reads another's errno.
 *
 * <pre>
 *   0        8                 64
 *   | errno  | scratch         |
 * </pre>
 */
final class ThreadMemory {
    static final int SCRATCH_OFFSET = 8;
    static final int BYTES = 64;

    private static final ThreadLocal<ThreadMemory> CURRENT = ThreadLocal.withInitial(ThreadMemory::new);
    private static final MemoryLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE_LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private final MemorySegment memory = Arena.ofAuto().allocate(BYTES, Long.BYTES);

    private ThreadMemory() {}

    static ThreadMemory current() {
        return CURRENT.get();
    }

    /** The first argument of every handle made by {@link Native#withErrno}. */
    MemorySegment errnoState() {
        return memory;
    }

    /** {@code -errno} of the thread's last failed call. */
    int negativeErrno() {
        return -memory.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** Address of the {@code index}th 4-byte word of scratch space. */
    long wordAddress(int index) {
        return memory.address() + SCRATCH_OFFSET + 4L * index;
    }

    int word(int index) {
        return memory.get(ValueLayout.JAVA_INT, SCRATCH_OFFSET + 4L * index);
    }

    void word(int index, int value) {
        memory.set(ValueLayout.JAVA_INT, SCRATCH_OFFSET + 4L * index, value);
    }
}
