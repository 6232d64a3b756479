/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.BugError;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.agrona.DirectBuffer;

/**
 * Links C functions. Pointers travel as {@code long}: the calling conventions of x86_64 and aarch64 pass both in the
 * same registers, and no {@link MemorySegment} is made per call.
 */
@SuppressWarnings("restricted") // linking C is what this class is for
final class Native {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;

    private static final Linker LINKER = Linker.nativeLinker();

    private Native() {}

    /** A function that may block and sets errno: its handle takes {@link ThreadMemory#errnoState()} first. */
    static MethodHandle withErrno(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                symbol(LINKER.defaultLookup(), name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"));
    }

    /** As {@link #withErrno}, for a C function whose arguments from {@code firstVariadic} on are variadic. */
    static MethodHandle withErrnoVariadic(
            String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                symbol(LINKER.defaultLookup(), name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    /**
     * A function that never blocks and sets no errno. The thread stays in Java's state during the call, which saves the
     * two transitions but holds up a safepoint: for calls of at most a few microseconds.
     */
    static MethodHandle brief(SymbolLookup library, String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(symbol(library, name), type, Linker.Option.critical(false));
    }

    static SymbolLookup libc() {
        return LINKER.defaultLookup();
    }

    /** The address of {@code buffer[offset]}, after checking that {@code length} bytes from there are off-heap. */
    static long address(DirectBuffer buffer, int offset, int length) {
        buffer.boundsCheck(offset, length);
        if (buffer.byteArray() != null) {
            throw new BugError("a buffer handed to the kernel must be off-heap");
        }
        return buffer.addressOffset() + offset;
    }

    /** Downcalls declare Throwable but throw nothing of their own: whatever arrives here is a bug. */
    static BugError bug(Throwable thrown) {
        return new BugError("downcall failed: " + thrown, thrown);
    }

    private static MemorySegment symbol(SymbolLookup library, String name) {
        return library.find(name).orElseThrow(() -> new BugError("no symbol " + name));
    }

    static {
        // All struct offsets of this module assume 8-byte pointers.
        if (ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            throw new BugError("this module knows 64-bit platforms only");
        }
    }
}
