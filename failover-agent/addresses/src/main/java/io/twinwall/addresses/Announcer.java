/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static io.twinwall.linux.Const.AF_PACKET;
import static io.twinwall.linux.Const.SOCK_CLOEXEC;
import static io.twinwall.linux.Const.SOCK_RAW;

import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtLinks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells the neighbours where the virtual addresses live now, through one packet socket. Frames are built when an interface
 * is first seen, or seen with another hardware address; sending them is a system call each. When to repeat is the caller's
 * to say. One thread.
 */
public final class Announcer implements AutoCloseable {
    private record Frame(UnsafeBuffer bytes, UnsafeBuffer destination, Vip vip) {}

    private final List<Vip> vips;
    private final RtLinks links;
    private final int socket;
    private List<Frame> frames = List.of();
    private List<String> builtFor = List.of();

    private Announcer(List<Vip> vips, RtLinks links, int socket) {
        this.vips = List.copyOf(vips);
        this.links = links;
        this.socket = socket;
    }

    /** Opens the sockets in the calling thread's network namespace and prepares the frames; sends nothing. */
    public static Announcer open(List<Vip> vips) {
        // Protocol 0: it sends, and receives nothing.
        int socket = Posix.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            throw Errno.fatal("open a packet socket for gratuitous ARP", socket);
        }
        Announcer announcer = new Announcer(vips, RtLinks.open(), socket);
        announcer.prepare();
        return announcer;
    }

    /** Sends one round for every address. Returns what failed, or "". */
    public String announce() {
        List<String> problems = new ArrayList<>(prepare());
        for (Frame frame : frames) {
            int sent = Posix.sendto(
                    socket,
                    frame.bytes(),
                    0,
                    frame.bytes().capacity(),
                    0,
                    frame.destination(),
                    0,
                    frame.destination().capacity());
            if (sent < 0) {
                problems.add(frame.vip() + ": " + Errno.text(sent));
            }
        }
        return String.join("; ", problems);
    }

    @Override
    public void close() {
        Posix.close(socket);
        links.close();
    }

    /** Builds the frames anew when an interface or its hardware address is not what it was. */
    private List<String> prepare() {
        List<String> problems = new ArrayList<>();
        List<RtLink> interfaces;
        try {
            interfaces = links.list();
        } catch (NlException e) {
            // What was prepared is still the best guess.
            return List.of(e.getMessage());
        }
        List<Optional<RtLink>> found = new ArrayList<>();
        List<String> key = new ArrayList<>();
        for (Vip vip : vips) {
            Optional<RtLink> link = vip.on(interfaces);
            if (link.isEmpty()) {
                problems.add(vip + ": no such interface");
            }
            found.add(link);
            key.add(link.map(there -> there.ifIndex() + " " + there.hardwareAddress())
                    .orElse(""));
        }
        if (!key.equals(builtFor)) {
            builtFor = key;
            frames = build(found);
        }
        return problems;
    }

    private List<Frame> build(List<Optional<RtLink>> found) {
        List<Frame> built = new ArrayList<>();
        for (int i = 0; i < vips.size(); i++) {
            if (found.get(i).isEmpty()) {
                continue;
            }
            RtLink link = found.get(i).get();
            byte[] mac = link.hardwareAddressBytes();
            if (mac.length != 6) {
                // Without hardware addresses (loopback, point to point) there is nobody to tell.
                continue;
            }
            for (byte[] frame : AnnouncementFrames.of(vips.get(i).address().getAddress(), mac)) {
                UnsafeBuffer bytes = offHeap(frame.length);
                bytes.putBytes(0, frame);
                UnsafeBuffer destination = offHeap(SockAddr.BYTES_MAX);
                int length = SockAddr.linkLayer(
                        destination, 0, ByteBuffer.wrap(frame).getShort(12) & 0xffff, link.ifIndex());
                built.add(new Frame(bytes, new UnsafeBuffer(destination, 0, length), vips.get(i)));
            }
        }
        return List.copyOf(built);
    }

    private static UnsafeBuffer offHeap(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }
}
