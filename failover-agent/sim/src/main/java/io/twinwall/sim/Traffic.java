/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packets, as the kernel that forwards them sees them: flows that begin, go through their states, change their mark and
 * end, over few keys, so that keys come back soon. TCP and UDP, IPv4 and IPv6, plain and translated. Whoever forwards last
 * gets the packets; a flow that its kernel does not know begins anew there.
 */
final class Traffic {
    static final int KEYS = 24;
    static final int FIRST_PORT = 1000;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ENDED = -1;
    private static final int LAST_STATE = 8;
    private static final int SEEN = CtConst.IPS_CONFIRMED | CtConst.IPS_SEEN_REPLY;

    private final World world;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[8192]);
    private final CtEncoder encoder = new CtEncoder();
    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[64]);
    private final int[] states = new int[KEYS];
    private final boolean[] seen = new boolean[KEYS];
    private final long[] bornNs = new long[KEYS];
    private final long[] settledNs = new long[KEYS];
    private final long[] changedNs = new long[KEYS];
    private final Host[] changedOn = new Host[KEYS];
    private Host on;
    boolean resting;

    Traffic(World world) {
        this.world = world;
        Arrays.fill(states, ENDED);
    }

    void begin() {
        world.in(world.plan.changeEveryNs(), this::beat);
    }

    private void beat() {
        if (!resting) {
            one();
        }
        world.in(world.between(0, 2 * world.plan.changeEveryNs()), this::beat);
    }

    /** The host whose kernel had the last packets; null before the first. */
    Host on() {
        return on;
    }

    /** When the flow of {@code key} began. */
    long bornNs(int key) {
        return bornNs[key];
    }

    /** When it became one that is replicated; {@link Long#MAX_VALUE} before. */
    long settledNs(int key) {
        return settledNs[key];
    }

    /** Whether its last change was in {@code host}'s kernel, at {@code sinceNs} or later. */
    boolean changedOn(Host host, int key, long sinceNs) {
        return changedOn[key] == host && changedNs[key] >= sinceNs;
    }

    boolean alive(int key) {
        return states[key] != ENDED;
    }

    /** {@code host} forwards again, perhaps with another kernel than the one that had the packets. */
    void reopened(Host host) {
        if (host == on && host.kernelLost) {
            moved(host);
        }
    }

    /** One change of one flow, wherever it is forwarded. */
    void one() {
        Host now = forwarding();
        if (now == null) {
            return;
        }
        if (now != on || now.kernelLost) {
            moved(now);
        }
        int key = world.random.nextInt(KEYS);
        world.trace.line(world.now(), "lan", () -> "packet of flow " + key + " through node " + now.number());
        encoder.wrap(buffer, 0, buffer.capacity());
        if (states[key] == ENDED) {
            create(key);
        } else if (world.random.nextInt(100) < 20) {
            // Its time runs out first: one destroyed with time left would be one that the kernel tore.
            begin(key, false);
            encoder.timeoutS(0);
            encoder.end();
            now.kernel().packetPath(buffer, 0, encoder.length());
            encoder.wrap(buffer, 0, buffer.capacity());
            begin(key, true);
            states[key] = ENDED;
            world.checks.flows.ended(key);
        } else {
            update(key);
        }
        changedNs[key] = world.now();
        changedOn[key] = now;
        encoder.end();
        now.kernel().packetPath(buffer, 0, encoder.length());
        world.node(now.number()).kernelChanged();
    }

    /** The one that opened its gate last, of those that forward. */
    private Host forwarding() {
        Host a = forwards(world.a.host);
        Host b = forwards(world.b.host);
        if (a != null && b != null) {
            return on;
        }
        return a != null ? a : b;
    }

    private static Host forwards(Host host) {
        return host.gateOpen() && host.vips() ? host : null;
    }

    /** Packets come to another kernel now: what it does not hold begins anew. */
    private void moved(Host now) {
        on = now;
        now.kernelLost = false;
        now.view().read();
        for (int key = 0; key < KEYS; key++) {
            if (states[key] != ENDED && !now.view().holds(key)) {
                states[key] = ENDED;
                world.checks.flows.ended(key);
            } else if (states[key] == ENDED && now.view().holds(key)) {
                // It ended over there, and the news did not get here.
                boolean settled = now.view().settled(key);
                states[key] = settled ? 3 : 1;
                seen[key] = settled;
                bornNs[key] = world.now();
                settledNs[key] = settled ? world.now() : Long.MAX_VALUE;
            }
        }
    }

    /** Removes the flow from {@code host}'s kernel, as nothing a packet does. */
    void forget(Host host, int key) {
        encoder.wrap(buffer, 0, buffer.capacity());
        begin(key, true);
        encoder.end();
        host.kernel().packetPath(buffer, 0, encoder.length());
    }

    private void create(int key) {
        int family = family(key);
        encoder.beginCreate(0, 0, family);
        tuples(key, true);
        encoder.status(CtConst.IPS_CONFIRMED).timeoutS(120);
        states[key] = 1;
        seen[key] = false;
        bornNs[key] = world.now();
        settledNs[key] = isTcp(key) ? Long.MAX_VALUE : world.now();
        world.checks.flows.began(key);
        if (isTcp(key)) {
            encoder.tcp(1, 7, 7, 3, 3);
        }
        if (key % 5 == 0) {
            // Translated, each time to another port: the same key with another reply is another life.
            int port = 20_000 + key * 100 + world.random.nextInt(50);
            encoder.natSrc(family, addresses, 32, addresses, 32, port, port);
        }
        if (world.random.chance(3)) {
            encoder.mark(1 + world.random.nextInt(1000));
        }
    }

    private void update(int key) {
        begin(key, false);
        seen[key] |= world.random.chance(2);
        encoder.status(seen[key] ? SEEN : CtConst.IPS_CONFIRMED).timeoutS(60 + world.random.nextInt(400));
        if (isTcp(key)) {
            states[key] = Math.min(LAST_STATE, states[key] + 1);
            encoder.tcp(states[key], 7, 7, 3, 3);
            settledNs[key] = Math.min(settledNs[key], world.now());
        }
        if (world.random.chance(4)) {
            encoder.mark(1 + world.random.nextInt(1000));
        }
    }

    private void begin(int key, boolean delete) {
        if (delete) {
            encoder.beginDelete(0, 0, family(key));
        } else {
            encoder.beginUpdate(0, 0, family(key));
        }
        tuples(key, false);
    }

    private void tuples(int key, boolean both) {
        int family = family(key);
        addresses.setMemory(0, 64, (byte) (key + 1));
        addresses.setMemory(16, 16, (byte) 0x66);
        addresses.setMemory(32, 16, (byte) 0x55);
        int proto = isTcp(key) ? TCP : UDP;
        int port = FIRST_PORT + key;
        int none = CtEncoder.NONE;
        encoder.tuple(CtConst.CTA_TUPLE_ORIG, family, addresses, 0, addresses, 16, proto, port, 80, none);
        if (both) {
            encoder.tuple(CtConst.CTA_TUPLE_REPLY, family, addresses, 16, addresses, 0, proto, 80, port);
        }
    }

    private static int family(int key) {
        return key % 3 == 0 ? NlConst.AF_INET6 : NlConst.AF_INET;
    }

    private static boolean isTcp(int key) {
        return key % 4 < 2;
    }
}
