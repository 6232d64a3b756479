/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The classic BPF program of the captures: ARP, neighbour advertisements and transit questions pass, all other traffic
 * is never copied, so that busy flows cost the measure nothing.
 */
final class CaptureFilter {
    private static final int SO_ATTACH_FILTER = 26;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;

    /** BPF_LD|BPF_H|BPF_ABS, BPF_LD|BPF_B|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K and BPF_RET|BPF_K of linux/bpf_common.h. */
    private static final int LOAD_HALF = 0x28;

    private static final int LOAD_BYTE = 0x30;
    private static final int JUMP_EQUAL = 0x15;
    private static final int RETURN = 0x06;

    /** Code, instructions to skip when equal and when not, operand. */
    private static final int[][] PROGRAM = {
        {LOAD_HALF, 0, 0, 12},
        {JUMP_EQUAL, 8, 0, Const.ETH_P_ARP},
        {JUMP_EQUAL, 3, 0, Const.ETH_P_IPV6},
        {JUMP_EQUAL, 0, 5, Const.ETH_P_IP},
        {LOAD_BYTE, 0, 0, GateFrames.TOS_OFFSET},
        {JUMP_EQUAL, 4, 3, GateFrames.TOS},
        {LOAD_BYTE, 0, 0, GateFrames.NEXT_HEADER_OFFSET},
        {JUMP_EQUAL, 0, 1, GateFrames.ICMP6},
        {LOAD_BYTE, 0, 0, GateFrames.ICMP6_OFFSET},
        {JUMP_EQUAL, 0, 1, GateFrames.NEIGHBOUR_ADVERTISEMENT},
        {RETURN, 0, 0, GateFrames.BYTES_MAX},
        {RETURN, 0, 0, 0},
    };

    private CaptureFilter() {}

    /** Attaches the program to a raw packet socket. */
    static void attach(int fd) {
        UnsafeBuffer code = new UnsafeBuffer(ByteBuffer.allocateDirect(PROGRAM.length * INSTRUCTION_BYTES));
        for (int i = 0; i < PROGRAM.length; i++) {
            code.putShort(i * INSTRUCTION_BYTES, (short) PROGRAM[i][0]);
            code.putByte(i * INSTRUCTION_BYTES + 2, (byte) PROGRAM[i][1]);
            code.putByte(i * INSTRUCTION_BYTES + 3, (byte) PROGRAM[i][2]);
            code.putInt(i * INSTRUCTION_BYTES + 4, PROGRAM[i][3]);
        }
        UnsafeBuffer program = new UnsafeBuffer(ByteBuffer.allocateDirect(PROGRAM_BYTES));
        program.putShort(0, (short) PROGRAM.length);
        program.putLong(8, code.addressOffset());
        try {
            int result = Posix.setsockopt(fd, Const.SOL_SOCKET, SO_ATTACH_FILTER, program, 0, PROGRAM_BYTES);
            if (result < 0) {
                throw Errno.fatal("SO_ATTACH_FILTER", result, "CAP_NET_RAW");
            }
        } finally {
            Reference.reachabilityFence(code);
        }
    }
}
