/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Datagram, netlink and packet sockets against the real kernel, each test in a namespace of its own. */
class SocketIT {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int TYPE = Const.SOCK_DGRAM | Const.SOCK_CLOEXEC;

    private final UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(8192));

    @Test
    void shouldCarryDatagramsInBatches() throws Exception {
        FreshNetNs.run(() -> {
            int receiver = boundUdp();
            int port = SockAddr.port(address, 0);
            int sender = boundUdp();
            int senderPort = SockAddr.port(address, 0);
            int length = SockAddr.inet(address, 0, LOOPBACK, port);
            try (SendBatch out = new SendBatch(8, 100);
                    RecvBatch in = new RecvBatch(16, 64, true)) {
                for (int i = 0; i < 8; i++) {
                    out.buffer().setMemory(out.offset(i), 100, (byte) i);
                    out.length(i, 60 + i);
                    out.destination(i, address, 0, length);
                }
                assertEquals(8, out.send(sender, 8, 0));
                for (int round = 0; round < 2; round++) {
                    assertEquals(round == 0 ? 8 : -Errno.EAGAIN, in.receive(receiver, Const.MSG_DONTWAIT));
                }
                assertEquals(2, out.send(sender, 6, 2, 0));
                assertEquals(2, in.receive(receiver, Const.MSG_DONTWAIT));
                assertEquals(64, in.length(0));
                assertTrue(in.truncated(0));
                assertEquals(6, in.buffer().getByte(in.offset(0)));
                assertEquals(SockAddr.INET_BYTES, in.addressLength(1));
                assertEquals(senderPort, SockAddr.port(in.buffer(), in.addressOffset(1)));
                out.length(0, 10);
                assertEquals(1, out.send(sender, 1, 0));
                assertEquals(1, in.receive(receiver, Const.MSG_DONTWAIT));
                assertEquals(10, in.length(0));
                assertFalse(in.truncated(0));
            }
            Posix.close(sender);
            Posix.close(receiver);
        });
    }

    @Test
    void shouldReportTrueErrnoOfTheCallingThread() throws Exception {
        assertEquals(-Errno.EBADF, Posix.close(1 << 20));
        assertEquals(-Errno.EAFNOSUPPORT, Posix.socket(200, Const.SOCK_DGRAM, 0));
        assertEquals(-Errno.ENODEV, Posix.ifNameToIndex("tw-absent"));
        assertEquals(-Errno.ENOENT, Posix.open("/absent", Const.O_RDONLY));
        assertEquals(-Errno.ESRCH, Posix.kill(0x3ffffff, 0));
        assertEquals((int) ProcessHandle.current().pid(), Posix.getpid());
    }

    private int boundUdp() {
        int fd = Posix.socket(Const.AF_INET, TYPE, 0);
        assertTrue(fd >= 0, () -> Errno.text(fd));
        assertEquals(0, Posix.bind(fd, address, 0, SockAddr.inet(address, 0, LOOPBACK, 0)));
        assertEquals(SockAddr.INET_BYTES, Posix.getsockname(fd, address, 0, SockAddr.BYTES_MAX));
        return fd;
    }

    @Test
    void shouldSendAndReceiveSingleDatagrams() throws Exception {
        FreshNetNs.run(() -> {
            int receiver = boundUdp();
            int sender = boundUdp();
            assertEquals(0, Posix.poll(receiver, Const.POLLIN, 0));
            assertEquals(SockAddr.INET_BYTES, Posix.getsockname(receiver, address, 0, SockAddr.BYTES_MAX));
            buffer.putLong(0, 0x1122334455667788L);
            assertEquals(8, Posix.sendto(sender, buffer, 0, 8, 0, address, 0, SockAddr.INET_BYTES));
            assertEquals(Const.POLLIN, Posix.poll(receiver, Const.POLLIN, 5_000));
            assertEquals(8, Posix.recv(receiver, buffer, 100, 100, 0));
            assertEquals(0x1122334455667788L, buffer.getLong(100));
            assertEquals(0, Posix.connect(sender, address, 0, SockAddr.INET_BYTES));
            assertEquals(3, Posix.send(sender, buffer, 0, 3, Const.MSG_NOSIGNAL));
            assertEquals(3, Posix.recv(receiver, buffer, 100, 2, Const.MSG_TRUNC));
            Posix.close(receiver);
            Posix.close(sender);
        });
    }

    @Test
    void shouldRefuseBuffersThatAreNotOffHeap() {
        UnsafeBuffer heap = new UnsafeBuffer(new byte[64]);
        assertThrows(BugError.class, () -> Posix.send(0, heap, 0, 8, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> Posix.recv(0, buffer, 8190, 3, 0));
    }

    @Test
    void shouldForceReceiveBufferBeyondTheSysctl() throws Exception {
        FreshNetNs.run(() -> {
            int fd = Posix.socket(Const.AF_NETLINK, Const.SOCK_RAW | Const.SOCK_CLOEXEC, Const.NETLINK_ROUTE);
            assertEquals(0, Posix.setsockoptInt(fd, Const.SOL_SOCKET, Const.SO_RCVBUFFORCE, 64 << 20));
            // socket(7): the kernel doubles the value
            assertEquals(128 << 20, Posix.getsockoptInt(fd, Const.SOL_SOCKET, Const.SO_RCVBUF));
            assertEquals(0, Posix.setsockoptInt(fd, Const.SOL_NETLINK, Const.NETLINK_EXT_ACK, 1));
            assertEquals(0, Posix.setsockoptInt(fd, Const.SOL_NETLINK, Const.NETLINK_CAP_ACK, 1));
            Posix.close(fd);
        });
    }

    @Test
    void shouldBeAnsweredByTheKernelOverNetlink() throws Exception {
        FreshNetNs.run(() -> {
            int fd = Posix.socket(Const.AF_NETLINK, Const.SOCK_RAW | Const.SOCK_CLOEXEC, Const.NETLINK_ROUTE);
            assertEquals(0, Posix.bind(fd, address, 0, SockAddr.netlink(address, 0, 0, 0)));
            assertEquals(SockAddr.NETLINK_BYTES, Posix.getsockname(fd, address, 0, SockAddr.BYTES_MAX));
            int portId = SockAddr.netlinkPortId(address, 0);
            // nlmsghdr: NLMSG_NOOP with NLM_F_REQUEST | NLM_F_ACK; answered by NLMSG_ERROR 0 that quotes it
            buffer.setMemory(0, 16, (byte) 0);
            buffer.putInt(0, 16);
            buffer.putShort(4, (short) 1);
            buffer.putShort(6, (short) 5);
            buffer.putInt(8, 4711);
            SockAddr.netlink(address, 0, 0, 0);
            assertEquals(16, Posix.sendto(fd, buffer, 0, 16, 0, address, 0, SockAddr.NETLINK_BYTES));
            try (RecvBatch in = new RecvBatch(4, 4096, true)) {
                assertEquals(1, in.receive(fd, Const.MSG_DONTWAIT));
                int at = in.offset(0);
                assertEquals(2, in.buffer().getShort(at + 4));
                assertEquals(4711, in.buffer().getInt(at + 8));
                assertEquals(portId, in.buffer().getInt(at + 12));
                assertEquals(0, in.buffer().getInt(at + 16));
                assertEquals(0, SockAddr.netlinkPortId(in.buffer(), in.addressOffset(0)));
            }
            Posix.close(fd);
        });
    }

    @Test
    void shouldCarryRawFramesOverVeth() throws Exception {
        FreshNetNs.run(() -> {
            FreshNetNs.exec("ip", "link", "add", "one", "type", "veth", "peer", "name", "two");
            FreshNetNs.exec("ip", "link", "set", "one", "up");
            FreshNetNs.exec("ip", "link", "set", "two", "up");
            int experimental = 0x88b5; // IEEE 802 local experimental ethertype
            int one = packetSocket(experimental, Posix.ifNameToIndex("one"));
            int two = packetSocket(experimental, Posix.ifNameToIndex("two"));
            buffer.setMemory(0, 6, (byte) 0xff);
            byte[] payload = "twinwall".getBytes(StandardCharsets.US_ASCII);
            buffer.putBytes(100, payload);
            int length = SockAddr.linkLayerTo(address, 0, experimental, Posix.ifNameToIndex("one"), buffer, 0);
            assertEquals(payload.length, Posix.sendto(one, buffer, 100, payload.length, 0, address, 0, length));
            assertEquals(Const.POLLIN, Posix.poll(two, Const.POLLIN, 5_000));
            assertEquals(payload.length, Posix.recv(two, buffer, 200, 64, 0));
            assertEquals("twinwall", buffer.getStringWithoutLengthAscii(200, payload.length));
            Posix.close(one);
            Posix.close(two);
        });
    }

    private int packetSocket(int protocol, int ifIndex) {
        int networkOrder = Short.toUnsignedInt(Short.reverseBytes((short) protocol));
        int fd = Posix.socket(Const.AF_PACKET, Const.SOCK_DGRAM | Const.SOCK_CLOEXEC, networkOrder);
        assertTrue(fd >= 0, () -> Errno.text(fd));
        assertEquals(0, Posix.bind(fd, address, 0, SockAddr.linkLayer(address, 0, protocol, ifIndex)));
        return fd;
    }

    @Test
    void shouldBindToDevice() throws Exception {
        FreshNetNs.run(() -> {
            int fd = Posix.socket(Const.AF_INET, TYPE, 0);
            assertEquals(0, Posix.setsockoptString(fd, Const.SOL_SOCKET, Const.SO_BINDTODEVICE, "lo"));
            assertEquals(
                    -Errno.ENODEV, Posix.setsockoptString(fd, Const.SOL_SOCKET, Const.SO_BINDTODEVICE, "tw-absent"));
            Posix.close(fd);
        });
    }
}
