/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel knows of the clock of day. C names and conventions; any thread may call.
 *
 * <pre>
 *   struct timex, 208 bytes; modes 0 asks and changes nothing
 *   0       8        16      24         32         40
 *   | modes | offset | freq  | maxerror | esterror | status ...
 * </pre>
 */
public final class KernelClock {
    /** Nobody keeps the clock in time with others: no time service runs, or has not found a server yet. */
    public static final int STA_UNSYNC = 0x40;

    static final int TIMEX_BYTES = 208;
    static final int STATUS_OFFSET = 40;

    private KernelClock() {}

    /** The clock's {@code STA_*}, as adjtimex(2) tells them, or {@code -errno}. Allocates. */
    public static int adjtimexStatus() {
        ThreadMemory memory = ThreadMemory.current();
        try (Arena arena = Arena.ofConfined()) {
            var timex = arena.allocate(TIMEX_BYTES, Long.BYTES);
            int state = (int) Libc.ADJTIMEX.invokeExact(memory.errnoState(), timex.address());
            return state < 0 ? memory.negativeErrno() : timex.get(ValueLayout.JAVA_INT, STATUS_OFFSET);
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }
}
