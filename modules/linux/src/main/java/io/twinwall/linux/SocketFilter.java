/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static java.lang.ref.Reference.reachabilityFence;

import io.twinwall.base.Check;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A classic BPF program that lets the kernel throw away what a socket does not want, before it wakes anyone ({@code
 * linux/filter.h}, {@code SO_ATTACH_FILTER}). Written in order; jumps are counted in instructions. Control plane.
 *
 * <pre>
 *   struct sock_filter (8)     struct sock_fprog (16)
 *   0 code 2                   0 len     2 (+6)
 *   2 jt   1                   8 filter  8
 *   3 jf   1
 *   4 k    4
 * </pre>
 */
public final class SocketFilter {
    /** Added to an offset: from the network header on, wherever the socket's data begins ({@code SKF_NET_OFF}). */
    public static final int NETWORK_HEADER = -0x100000;

    private static final int SO_ATTACH_FILTER = 26;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int INSTRUCTIONS_MAX = 4096;
    private static final int SOCK_FPROG_BYTES = 16;

    private static final int BPF_LD_W_ABS = 0x20;
    private static final int BPF_LD_H_ABS = 0x28;
    private static final int BPF_LD_B_ABS = 0x30;
    private static final int BPF_JMP_JEQ_K = 0x15;
    private static final int BPF_RET_K = 0x06;

    private final UnsafeBuffer program =
            new UnsafeBuffer(ByteBuffer.allocateDirect(INSTRUCTIONS_MAX * INSTRUCTION_BYTES));
    private int instructions;

    /** Loads the 32 bits at {@code offset}, big endian. A packet too short for it is thrown away. */
    public SocketFilter loadWord(int offset) {
        return add(BPF_LD_W_ABS, 0, 0, offset);
    }

    /** Loads the 16 bits at {@code offset}, big endian. */
    public SocketFilter loadHalf(int offset) {
        return add(BPF_LD_H_ABS, 0, 0, offset);
    }

    /** Loads the byte at {@code offset}. */
    public SocketFilter loadByte(int offset) {
        return add(BPF_LD_B_ABS, 0, 0, offset);
    }

    /** Skips {@code otherwise} instructions (0..255) unless what was loaded equals {@code value}. */
    public SocketFilter unlessEqualSkip(int value, int otherwise) {
        Check.inRange(otherwise, 0, 255, "instructions to skip");
        return add(BPF_JMP_JEQ_K, 0, otherwise, value);
    }

    /** Skips {@code then} instructions (0..255) if what was loaded equals {@code value}. */
    public SocketFilter skipIfEqual(int value, int then) {
        Check.inRange(then, 0, 255, "instructions to skip");
        return add(BPF_JMP_JEQ_K, then, 0, value);
    }

    /** Keeps the packet. */
    public SocketFilter keep() {
        return add(BPF_RET_K, 0, 0, -1);
    }

    /** Throws the packet away. */
    public SocketFilter drop() {
        return add(BPF_RET_K, 0, 0, 0);
    }

    /** Attaches the program in place of one attached before; {@code -ENOMEM} beyond {@code net.core.optmem_max}. */
    public int attach(int fd) {
        UnsafeBuffer head = new UnsafeBuffer(ByteBuffer.allocateDirect(SOCK_FPROG_BYTES));
        head.putShort(0, (short) instructions);
        head.putLong(8, program.addressOffset());
        try {
            return Posix.setsockopt(fd, Const.SOL_SOCKET, SO_ATTACH_FILTER, head, 0, SOCK_FPROG_BYTES);
        } finally {
            reachabilityFence(program);
        }
    }

    private SocketFilter add(int code, int jumpTrue, int jumpFalse, int k) {
        Check.that(instructions < INSTRUCTIONS_MAX, "a socket filter too long");
        int at = instructions++ * INSTRUCTION_BYTES;
        program.putShort(at, (short) code);
        program.putByte(at + 2, (byte) jumpTrue);
        program.putByte(at + 3, (byte) jumpFalse);
        program.putInt(at + 4, k);
        return this;
    }
}
