/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.Tty;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A path over a serial line. A line is slow, and the kernel would queue seconds of it: so a frame is given to it only when
 * the one before must have left, by the line's speed, and of those that wait meanwhile only the newest is kept. On the
 * role agent's thread.
 */
final class HeartbeatSerial extends HeartbeatPort {
    /** Start bit, 8 bits, stop bit. */
    private static final long BITS_PER_BYTE = 10;

    private static final int READ_MAX = 256;

    /** A line that brings nothing but noise, and fast, must not keep the thread. */
    private static final int READS_MAX = 16;

    private final HeartbeatPaths.PathSpec.Serial spec;
    private final SerialFraming.Decoder decoder = new SerialFraming.Decoder();
    private final UnsafeBuffer in = new UnsafeBuffer(ByteBuffer.allocateDirect(READ_MAX));
    private final Counter dropped;
    private final Counter damaged;
    private UnsafeBuffer out = frame();
    private UnsafeBuffer next = frame();
    private int outAt;
    private int outLength;
    private int nextLength;
    private int inAt;
    private int inLength;
    private long freeAtNs;

    HeartbeatSerial(int index, HeartbeatPaths.PathSpec.Serial spec, Counters counters) {
        super(index, spec.name(), spec.device() + " at " + spec.baud() + " baud", counters);
        this.spec = spec;
        dropped = counters.counter(
                "heartbeat_path_" + index + "_dropped_total",
                "Heartbeats a newer one overtook before the line \"" + spec.name() + "\" was free.",
                series(
                        "heartbeat_path_dropped_total",
                        "Heartbeats a newer one overtook before the serial line was free, by path."));
        damaged = counters.counter(
                "heartbeat_path_" + index + "_damaged_total",
                "Cut frames and noise between frames on the line \"" + spec.name() + "\".",
                series("heartbeat_path_damaged_total", "Cut frames and noise on the serial line, by path."));
    }

    private static UnsafeBuffer frame() {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(SerialFraming.FRAME_MAX));
    }

    @Override
    int open() {
        decoder.reset();
        outAt = 0;
        outLength = 0;
        nextLength = 0;
        inAt = 0;
        inLength = 0;
        freeAtNs = 0;
        return Tty.openRaw(spec.device(), spec.baud());
    }

    @Override
    boolean takesMore() {
        return false;
    }

    @Override
    String explain(int errno) {
        String what = spec.device() + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")";
        return switch (-errno) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO, Errno.EIO -> what + ". Is the line plugged in?";
            case Errno.ENOTTY -> what + ". This is no serial line";
            case Errno.EACCES, Errno.EPERM -> what + "; let the agent's user read and write it (group dialout)";
            default -> what;
        };
    }

    @Override
    int send(UnsafeBuffer buffer, int length, long nowNs) {
        if (nextLength > 0) {
            dropped.increment();
        }
        nextLength = SerialFraming.encode(buffer, length, next);
        int result = advance(nowNs);
        return result < 0 ? result : length;
    }

    @Override
    void flush(long nowNs) {
        int result = advance(nowNs);
        if (result < 0) {
            lose(result, nowNs);
        }
    }

    /** Writes what the line takes now; 0, or {@code -errno} of a line that is gone. */
    private int advance(long nowNs) {
        int result = write();
        if (result == 0 && outAt == outLength && nextLength > 0 && (freeAtNs == 0 || nowNs - freeAtNs >= 0)) {
            UnsafeBuffer written = out;
            out = next;
            next = written;
            outAt = 0;
            outLength = nextLength;
            nextLength = 0;
            freeAtNs = nowNs + outLength * BITS_PER_BYTE * 1_000_000_000L / spec.baud();
            result = write();
        }
        return result;
    }

    private int write() {
        while (outAt < outLength) {
            int written = Posix.write(fd(), out, outAt, outLength - outAt);
            if (written == 0 || written == -Errno.EAGAIN || written == -Errno.EINTR) {
                return 0;
            }
            if (written < 0) {
                return written;
            }
            outAt += written;
        }
        return 0;
    }

    @Override
    long flushAtNs() {
        return nextLength > 0 && outAt == outLength ? freeAtNs : Long.MAX_VALUE;
    }

    @Override
    boolean waitsForRoom() {
        return outAt < outLength;
    }

    @Override
    int receive(UnsafeBuffer buffer) {
        for (int reads = 0; reads < READS_MAX; reads++) {
            while (inAt < inLength) {
                if (decoder.take(in.getByte(inAt++))) {
                    return decoder.payload(buffer);
                }
            }
            damaged.set(decoder.damaged());
            int read = Posix.read(fd(), in, 0, READ_MAX);
            if (read <= 0) {
                return read == 0 ? -Errno.EIO : read;
            }
            inAt = 0;
            inLength = read;
        }
        return -Errno.EAGAIN;
    }

    @Override
    boolean isLost(int errno) {
        return true;
    }

    @Override
    boolean hasCarrier() {
        return true; // a line of three wires has no signal for it
    }

    @Override
    void beforeClose() {
        Tty.discardOutput(fd());
    }
}
