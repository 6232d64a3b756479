/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static java.lang.ref.Reference.reachabilityFence;

import io.twinwall.base.Check;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A classic BPF program that lets the kernel throw away what a socket does not want, before it wakes anyone ({@code
 * linux/filter.h}, {@code SO_ATTACH_FILTER}). Written in order; jumps are counted in instructions, or lead to a {@link
 * Place} further on. Control plane.
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

    /** Words in which a program keeps what it has found ({@code BPF_MEMWORDS}). */
    public static final int MEMORY_WORDS = 16;

    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_DETACH_FILTER = 27;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int INSTRUCTIONS_MAX = 4096;
    private static final int SOCK_FPROG_BYTES = 16;

    private static final int BPF_LD_W_ABS = 0x20;
    private static final int BPF_LD_H_ABS = 0x28;
    private static final int BPF_LD_B_ABS = 0x30;
    private static final int BPF_JMP_JEQ_K = 0x15;
    private static final int BPF_RET_K = 0x06;

    private static final int BPF_LD_IMM = 0x00;
    private static final int BPF_LD_MEM = 0x60;
    private static final int BPF_LD_W_IND = 0x40;
    private static final int BPF_LD_H_IND = 0x48;
    private static final int BPF_LD_B_IND = 0x50;
    private static final int BPF_LDX_IMM = 0x01;
    private static final int BPF_LDX_MEM = 0x61;
    private static final int BPF_ST = 0x02;
    private static final int BPF_ALU_AND_K = 0x54;
    private static final int BPF_JMP_JA = 0x05;
    private static final int BPF_JMP_JGT_K = 0x25;
    private static final int BPF_JMP_JGE_K = 0x35;
    private static final int BPF_MISC_TAX = 0x07;

    /** {@code SKF_AD_OFF + SKF_AD_NLATTR}, {@code SKF_AD_OFF + SKF_AD_NLATTR_NEST}. */
    private static final int ATTRIBUTE = -0x1000 + 12;

    private static final int ATTRIBUTE_NESTED = -0x1000 + 16;

    /** A place further on in the program, to which instructions before it jump. */
    public static final class Place {
        private int[] jumps = new int[8];
        private int count;

        private void add(int instruction) {
            jumps = count == jumps.length ? Arrays.copyOf(jumps, 2 * count) : jumps;
            jumps[count++] = instruction;
        }
    }

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

    /** Loads the 32 bits at {@code offset} from what {@link #pointTo} named, big endian. */
    public SocketFilter loadWordThere(int offset) {
        return add(BPF_LD_W_IND, 0, 0, offset);
    }

    public SocketFilter loadHalfThere(int offset) {
        return add(BPF_LD_H_IND, 0, 0, offset);
    }

    public SocketFilter loadByteThere(int offset) {
        return add(BPF_LD_B_IND, 0, 0, offset);
    }

    /** Loads {@code value} itself. */
    public SocketFilter loadValue(int value) {
        return add(BPF_LD_IMM, 0, 0, value);
    }

    /** Loads what was stored in word {@code word} (0..15), which must have been stored on every way here. */
    public SocketFilter load(int word) {
        return add(BPF_LD_MEM, 0, 0, word);
    }

    /** Stores what was loaded in word {@code word} (0..15). */
    public SocketFilter store(int word) {
        return add(BPF_ST, 0, 0, word);
    }

    /** Makes what was loaded the offset that {@code load...There} adds to. */
    public SocketFilter pointToLoaded() {
        return add(BPF_MISC_TAX, 0, 0, 0);
    }

    /** Makes what is stored in word {@code word} the offset that {@code load...There} adds to. */
    public SocketFilter pointTo(int word) {
        return add(BPF_LDX_MEM, 0, 0, word);
    }

    /**
     * From the offset that was loaded on, looks for the netlink attribute {@code type}, and loads its offset, or 0 when
     * there is none ({@code SKF_AD_NLATTR}).
     */
    public SocketFilter findAttribute(int type) {
        return add(BPF_LDX_IMM, 0, 0, type).add(BPF_LD_B_ABS, 0, 0, ATTRIBUTE);
    }

    /** Looks for {@code type} inside of the attribute whose offset was loaded ({@code SKF_AD_NLATTR_NEST}). */
    public SocketFilter findNested(int type) {
        return add(BPF_LDX_IMM, 0, 0, type).add(BPF_LD_B_ABS, 0, 0, ATTRIBUTE_NESTED);
    }

    /** Keeps only the bits of {@code mask} of what was loaded. */
    public SocketFilter and(int mask) {
        return add(BPF_ALU_AND_K, 0, 0, mask);
    }

    /** Goes to {@code otherwise}, which is at most 255 instructions away, unless what was loaded equals {@code value}. */
    public SocketFilter unlessEqual(int value, Place otherwise) {
        otherwise.add(instructions);
        return add(BPF_JMP_JEQ_K, 0, 0, value);
    }

    /** Goes to {@code then} if what was loaded equals {@code value}. */
    public SocketFilter ifEqual(int value, Place then) {
        return unlessEqualSkip(value, 1).jump(then);
    }

    /** Goes to {@code otherwise} unless what was loaded, unsigned, is {@code min..max}. */
    public SocketFilter unlessWithin(int min, int max, Place otherwise) {
        add(BPF_JMP_JGE_K, 0, 1, min);
        return add(BPF_JMP_JGT_K, 0, 1, max).jump(otherwise);
    }

    /** Goes to {@code place}. */
    public SocketFilter jump(Place place) {
        place.add(instructions);
        return add(BPF_JMP_JA, 0, 0, 0);
    }

    /** What is written next is at {@code place}. */
    public SocketFilter place(Place place) {
        for (int i = 0; i < place.count; i++) {
            int at = place.jumps[i] * INSTRUCTION_BYTES;
            int skipped = instructions - place.jumps[i] - 1;
            if (program.getShort(at) == BPF_JMP_JA) {
                program.putInt(at + 4, skipped);
            } else {
                Check.inRange(skipped, 0, 255, "instructions to skip");
                program.putByte(at + 3, (byte) skipped);
            }
        }
        return this;
    }

    /** The length so far. */
    public int instructions() {
        return instructions;
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

    /** Keeps the first {@code bytes} of the packet. */
    public SocketFilter keepBytes(int bytes) {
        return add(BPF_RET_K, 0, 0, bytes);
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

    /** Takes the program off that is attached, if there is one. */
    public static void detach(int fd) {
        int result = Posix.setsockoptInt(fd, Const.SOL_SOCKET, SO_DETACH_FILTER, 0);
        Check.that(result == 0 || result == -Errno.ENOENT, "SO_DETACH_FILTER", result);
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
