/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.SendBatch;
import io.twinwall.linux.SockAddr;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Ethernet frames made once and sent often, hundreds with one system call. Sending allocates nothing unless it fails. One
 * thread; owns its memory, not the socket.
 */
final class FrameTrain implements AutoCloseable {
    private static final int CAR_FRAMES = 256;

    /** A frame, the interface it leaves by, and whom to name when it cannot. */
    record Frame(DirectBuffer bytes, int ifIndex, String name) {
        static Frame of(byte[] bytes, int ifIndex, String name) {
            return new Frame(new UnsafeBuffer(bytes), ifIndex, name);
        }
    }

    private final List<Frame> frames;
    private final List<SendBatch> cars = new ArrayList<>();

    FrameTrain(List<Frame> frames) {
        this.frames = List.copyOf(frames);
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
        for (int i = 0; i < frames.size(); i++) {
            if (i % CAR_FRAMES == 0) {
                int count = Math.min(CAR_FRAMES, frames.size() - i);
                cars.add(new SendBatch(count, NeighbourFrames.BYTES_MAX));
            }
            SendBatch car = cars.getLast();
            int at = i % CAR_FRAMES;
            DirectBuffer bytes = frames.get(i).bytes();
            car.buffer().putBytes(car.offset(at), bytes, 0, bytes.capacity());
            car.length(at, bytes.capacity());
            int protocol = bytes.getShort(12, ByteOrder.BIG_ENDIAN) & 0xffff;
            int length = SockAddr.linkLayer(address, 0, protocol, frames.get(i).ifIndex());
            car.destination(at, address, 0, length);
        }
    }

    int size() {
        return frames.size();
    }

    /**
     * Sends the frames {@code from..to-1} without waiting; one that cannot go is passed over and told.
     *
     * @param problems what failed is added to it, once for each name
     */
    void send(int fd, int from, int to, List<String> problems) {
        int at = from;
        while (at < to) {
            int place = at % CAR_FRAMES;
            int count = Math.min(to - at, CAR_FRAMES - place);
            int sent = cars.get(at / CAR_FRAMES).send(fd, place, count, Const.MSG_DONTWAIT);
            if (sent > 0) {
                at += sent;
            } else {
                String problem = frames.get(at).name() + ": " + Errno.text(sent);
                if (!problems.contains(problem)) {
                    problems.add(problem);
                }
                at++;
            }
        }
    }

    @Override
    public void close() {
        cars.forEach(SendBatch::close);
    }
}
