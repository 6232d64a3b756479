/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static io.twinwall.linux.Const.AF_INET6;
import static io.twinwall.linux.Const.AF_PACKET;
import static io.twinwall.linux.Const.IPPROTO_ICMPV6;
import static io.twinwall.linux.Const.MSG_DONTWAIT;
import static io.twinwall.linux.Const.SOCK_CLOEXEC;
import static io.twinwall.linux.Const.SOCK_NONBLOCK;
import static io.twinwall.linux.Const.SOCK_RAW;

import io.twinwall.linux.EpollSet;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.RecvBatch;
import io.twinwall.linux.SockAddr;
import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtLink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Hears whether another host has one of the virtual addresses. Before a claim {@link #ask} puts the question (RFC 5227, RFC
 * 4862) and {@link #poll} brings the answer; while this node is the active one, {@link #poll} alone watches for anyone who
 * claims or uses one of them. What was heard before it counted is dropped by {@link #forget}.
 *
 * <p>ARP comes by a packet socket bound to that protocol, neighbour advertisements by a raw socket of ICMPv6; the kernel hands
 * over only what passes {@link ClaimFilter}, so that other traffic costs nothing. Both lie behind one descriptor, {@link
 * #fd}. One thread. Polling allocates nothing unless something comes.
 */
public final class VipProbe implements AutoCloseable {
    private static final int MESSAGES = 16;
    private static final int BYTES_EACH = 128;
    private static final int NONE = -1;

    private static final int ARP_BYTES = 42;
    private static final int ARP_SENDER_MAC = 22;
    private static final int ARP_SENDER_IP = 28;
    private static final int SLL_IFINDEX = 4;
    private static final int ND_TARGET = 8;
    private static final int ND_OPTIONS = 24;

    private final List<Vip> vips;
    private final Places places;
    private final EpollSet set = EpollSet.open();
    private final RecvBatch received = new RecvBatch(MESSAGES, BYTES_EACH, true);
    private final int arp;
    private final int icmpv6;
    private FrameTrain train = new FrameTrain(List.of());
    private List<String> builtFor = List.of();

    private VipProbe(List<Vip> vips) {
        this.vips = List.copyOf(vips);
        this.places = new Places(vips);
        this.arp = openArp(addresses(4));
        // Where nothing is to be heard by IPv6 there need not even be any.
        List<byte[]> six = addresses(16);
        this.icmpv6 = six.isEmpty() ? NONE : openIcmpv6(six);
    }

    /** Opens the sockets in the calling thread's network namespace; asks nothing yet, but hears from now on. */
    public static VipProbe open(List<Vip> vips) {
        return new VipProbe(vips);
    }

    /** Readable while {@link #poll} has something to look at. */
    public int fd() {
        return set.fd();
    }

    /**
     * Asks for every address on every interface that has carrier, and does not wait.
     *
     * @return what could not be asked, or ""; an interface without carrier is nothing to tell
     */
    public String ask() {
        List<String> problems = new ArrayList<>(prepare());
        train.send(arp, 0, train.size(), problems);
        return String.join("; ", problems);
    }

    /** Drops what was heard so far: to be called before the first question, and when this node has become the active one. */
    public void forget() {
        while (receive(arp) > 0 || receive(icmpv6) > 0) {
            // Unread.
        }
    }

    /**
     * Looks at what has come, and does not wait. One who answers is enough: what else came with that is dropped.
     *
     * @return who has one of the addresses, such as {@code 10.10.0.254 is answered by 02:00:00:00:00:01 on lan0}, or null
     */
    public String poll() {
        String heard = pollArp();
        return heard != null ? heard : pollIcmpv6();
    }

    @Override
    public void close() {
        set.close();
        Posix.close(arp);
        if (icmpv6 != NONE) {
            Posix.close(icmpv6);
        }
        train.close();
        received.close();
        places.close();
    }

    private String pollArp() {
        int count = receive(arp);
        UnsafeBuffer buffer = received.buffer();
        String heard = null;
        for (int i = 0; i < count && heard == null; i++) {
            int at = received.offset(i);
            if (received.length(i) >= ARP_BYTES) {
                int ifIndex = buffer.getInt(received.addressOffset(i) + SLL_IFINDEX);
                heard = judge(bytes(at + ARP_SENDER_IP, 4), bytes(at + ARP_SENDER_MAC, 6), ifIndex);
            }
        }
        return heard;
    }

    private String pollIcmpv6() {
        int count = icmpv6 == NONE ? 0 : receive(icmpv6);
        UnsafeBuffer buffer = received.buffer();
        String heard = null;
        for (int i = 0; i < count && heard == null; i++) {
            int at = received.offset(i);
            int length = received.length(i);
            // The target's hardware address is the first option where it is given; answers to all nodes must give it.
            boolean named = length >= ND_OPTIONS + 8
                    && buffer.getByte(at + ND_OPTIONS) == NeighbourFrames.TARGET_LINK_LAYER_ADDRESS;
            if (named) {
                heard = judge(bytes(at + ND_TARGET, 16), bytes(at + ND_OPTIONS + 2, 6), 0);
            }
        }
        return heard;
    }

    /** {@code ifIndex}: where it was heard, or 0 where the socket does not tell. */
    private String judge(byte[] address, byte[] mac, int ifIndex) {
        try {
            String sender = HexFormat.ofDelimiter(":").formatHex(mac);
            boolean own = places.links().stream()
                    .anyMatch(link -> link.hardwareAddress().equals(sender));
            if (own) {
                return null;
            }
            for (VipPlace place : places.now()) {
                boolean there = place.link()
                        .map(link -> ifIndex == 0 || link.ifIndex() == ifIndex)
                        .orElse(false);
                if (there && Arrays.equals(place.vip().address().getAddress(), address)) {
                    return place.vip().address().getHostAddress() + " is answered by " + sender + " on "
                            + place.link().get().name();
                }
            }
            return null;
        } catch (NlException e) {
            // Without knowing which hardware addresses are our own nobody is accused.
            return null;
        }
    }

    private byte[] bytes(int offset, int length) {
        byte[] copy = new byte[length];
        received.buffer().getBytes(offset, copy);
        return copy;
    }

    private int receive(int fd) {
        return fd == NONE ? 0 : received.receive(fd, MSG_DONTWAIT);
    }

    private List<String> prepare() {
        List<VipPlace> found;
        try {
            found = places.now();
        } catch (NlException e) {
            // What was prepared is still the best guess.
            return List.of(e.getMessage());
        }
        List<String> key = found.stream().map(VipProbe::key).toList();
        if (!key.equals(builtFor)) {
            builtFor = key;
            train.close();
            train = new FrameTrain(frames(found));
        }
        return found.stream()
                .map(VipPlace::problem)
                .filter(problem -> !problem.isEmpty())
                .toList();
    }

    private static String key(VipPlace place) {
        return place.link()
                .filter(RtLink::usable)
                .map(link -> link.ifIndex() + " " + link.hardwareAddress())
                .orElse("");
    }

    private static List<FrameTrain.Frame> frames(List<VipPlace> found) {
        List<FrameTrain.Frame> frames = new ArrayList<>();
        for (VipPlace place : found) {
            place.link().filter(RtLink::usable).filter(Announcer::isEthernet).ifPresent(link -> {
                byte[] address = place.vip().address().getAddress();
                frames.add(FrameTrain.Frame.of(
                        NeighbourFrames.probe(address, link.hardwareAddressBytes()),
                        link.ifIndex(),
                        place.vip().toString()));
            });
        }
        return frames;
    }

    private List<byte[]> addresses(int bytes) {
        return vips.stream()
                .map(vip -> vip.address().getAddress())
                .filter(address -> address.length == bytes)
                .toList();
    }

    private int openArp(List<byte[]> addresses) {
        // Protocol 0 hears nothing: the filter must stand before the first packet comes.
        int fd = Posix.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            throw Errno.fatal("open a packet socket for ARP probes", fd);
        }
        must("attach a filter to the packet socket", ClaimFilter.arp(addresses).attach(fd));
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
        int length = SockAddr.linkLayer(address, 0, NeighbourFrames.ETH_P_ARP, 0);
        must("bind the packet socket to ARP", Posix.bind(fd, address, 0, length));
        must("epoll_ctl", set.add(fd));
        return fd;
    }

    private int openIcmpv6(List<byte[]> addresses) {
        int fd = Posix.socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6);
        if (fd < 0) {
            throw Errno.fatal("open a raw socket for neighbour advertisements", fd);
        }
        must("attach a filter to the raw socket", ClaimFilter.icmpv6(addresses).attach(fd));
        must("epoll_ctl", set.add(fd));
        // What came before the filter stood.
        while (received.receive(fd, MSG_DONTWAIT) > 0) {
            // Unread.
        }
        return fd;
    }

    private static void must(String operation, int result) {
        if (result < 0) {
            throw Errno.fatal(operation, result);
        }
    }
}
