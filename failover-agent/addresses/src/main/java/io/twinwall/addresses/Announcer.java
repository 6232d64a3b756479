/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static io.twinwall.linux.Const.AF_PACKET;
import static io.twinwall.linux.Const.SOCK_CLOEXEC;
import static io.twinwall.linux.Const.SOCK_RAW;

import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtLink;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells the neighbours where the virtual addresses live now, through one packet socket. When to repeat is the caller's to
 * say. The first round goes out at once: every frame of it ends a neighbour's outage. Later ones only mend what was
 * lost, so they begin with a small burst and go on at {@link #FRAMES_PER_S}, by {@link #pump}: a switch that learns in software,
 * or a host with a small ARP queue, keeps up. One thread.
 */
public final class Announcer implements AutoCloseable {
    /** The rate of whatever is not sent at once. */
    public static final int FRAMES_PER_S = 1000;

    private static final int FIRST_BURST_FRAMES = 512;
    private static final int LATER_BURST_FRAMES = 32;
    private static final long FRAME_NS = 1_000_000_000L / FRAMES_PER_S;

    private final Places places;
    private final int socket;
    private FrameTrain train = new FrameTrain(List.of());
    private List<String> builtFor = List.of();
    private int position;
    private boolean again;
    private boolean pumping;
    private long paidNs;

    private Announcer(Places places, int socket) {
        this.places = places;
        this.socket = socket;
    }

    /** Opens the sockets in the calling thread's network namespace and prepares the frames; sends nothing. */
    public static Announcer open(List<Vip> vips) {
        // Protocol 0: it sends, and receives nothing.
        int socket = Posix.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            throw Errno.fatal("open a packet socket for gratuitous ARP", socket);
        }
        Announcer announcer = new Announcer(new Places(vips), socket);
        announcer.prepare();
        announcer.position = announcer.train.size();
        return announcer;
    }

    /** As the first round of {@link #announce(int)}. */
    public String announce() {
        return announce(0);
    }

    /**
     * Begins a round for every address: sends what may go at once and leaves the rest to {@link #pump}. A later round that
     * begins before the last one's end follows it.
     *
     * @param round 0 for the first of a takeover, which also drops what is left of an earlier one
     * @return what failed, or ""
     */
    public String announce(int round) {
        if (round > 0 && position < train.size()) {
            again = true;
            return "";
        }
        List<String> problems = new ArrayList<>(prepare());
        again = false;
        pumping = false;
        position = 0;
        advance(round == 0 ? FIRST_BURST_FRAMES : LATER_BURST_FRAMES, problems);
        return String.join("; ", problems);
    }

    /**
     * Sends what is due of a round begun; to be called each millisecond or so while there is more.
     *
     * @return true while there is more to send
     */
    public boolean pump(long nowNs) {
        if (position == train.size() && again) {
            again = false;
            position = 0;
        }
        if (position == train.size()) {
            return false;
        }
        if (!pumping) {
            pumping = true;
            paidNs = nowNs;
        }
        // What a late caller missed is not made up for beyond one burst.
        long due = Math.min((nowNs - paidNs) / FRAME_NS, LATER_BURST_FRAMES);
        paidNs = due == LATER_BURST_FRAMES ? nowNs : paidNs + due * FRAME_NS;
        advance((int) due, new ArrayList<>());
        pumping = position < train.size() || again;
        return pumping;
    }

    /** Drops what is left of a round: the addresses are leaving this node. */
    public void stop() {
        position = train.size();
        again = false;
        pumping = false;
    }

    @Override
    public void close() {
        train.close();
        Posix.close(socket);
        places.close();
    }

    private void advance(int frames, List<String> problems) {
        int to = Math.min(train.size(), position + frames);
        train.send(socket, position, to, problems);
        position = to;
    }

    /** Builds the frames anew when an interface or its hardware address is not what it was. */
    private List<String> prepare() {
        List<VipPlace> found;
        try {
            found = places.now();
        } catch (NlException e) {
            // What was prepared is still the best guess.
            return List.of(e.getMessage());
        }
        List<String> key = found.stream()
                .map(place -> place.link()
                        .map(link -> link.ifIndex() + " " + link.hardwareAddress())
                        .orElse(""))
                .toList();
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

    private static List<FrameTrain.Frame> frames(List<VipPlace> found) {
        List<FrameTrain.Frame> frames = new ArrayList<>();
        for (VipPlace place : found) {
            // Without hardware addresses (loopback, point to point) there is nobody to tell.
            place.link().filter(Announcer::isEthernet).ifPresent(link -> {
                byte[] address = place.vip().address().getAddress();
                for (byte[] bytes : NeighbourFrames.announcement(address, link.hardwareAddressBytes())) {
                    frames.add(FrameTrain.Frame.of(
                            bytes, link.ifIndex(), place.vip().toString()));
                }
            });
        }
        return frames;
    }

    static boolean isEthernet(RtLink link) {
        return link.hardwareAddressBytes().length == 6;
    }
}
