/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.SeededRandom;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlTransport;
import io.twinwall.netlink.ScriptedKernel;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packets as the scripted kernel sees them: flows that begin, go through their states, change their mark and end, over few
 * keys, so that keys come back soon. IPv4 and IPv6, TCP and UDP, plain and translated, with and without zone.
 */
final class SimTraffic {
    private static final int KEYS = 48;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ENDED = -1;
    private static final int LAST_STATE = 8;
    private static final int DAYS_S = 432_000;
    private static final int SEEN = CtConst.IPS_CONFIRMED | CtConst.IPS_SEEN_REPLY;
    private static final int ASSURED = SEEN | CtConst.IPS_ASSURED;

    private final SeededRandom random;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[8192]);
    private final CtEncoder encoder = new CtEncoder();
    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[64]);
    private final int[] states = new int[KEYS];
    private final boolean[] seen = new boolean[KEYS];

    SimTraffic(SeededRandom random) {
        this.random = random;
        Arrays.fill(states, ENDED);
    }

    /** Empties {@code kernel}. */
    static void flush(ScriptedKernel kernel) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
        CtEncoder encoder = new CtEncoder().wrap(buffer, 0, buffer.capacity()).beginFlush(0, 0, 0);
        encoder.end();
        kernel.packetPath(buffer, 0, encoder.length());
    }

    /** One change of one flow in {@code kernel}. */
    void one(ScriptedKernel kernel) {
        int key = random.nextInt(KEYS);
        encoder.wrap(buffer, 0, buffer.capacity());
        if (states[key] == ENDED) {
            create(key);
        } else if (random.nextInt(100) < 25) {
            // Its time runs out first: one destroyed with time left would be a torn one.
            begin(key, false);
            encoder.timeoutS(0);
            encoder.end();
            kernel.packetPath(buffer, 0, encoder.length());
            encoder.wrap(buffer, 0, buffer.capacity());
            begin(key, true);
            states[key] = ENDED;
        } else {
            update(key);
        }
        encoder.end();
        kernel.packetPath(buffer, 0, encoder.length());
    }

    /**
     * What another program does to one flow of {@code kernel}: it ends it, marks it, or makes one that there is not. No flow
     * of the source's begins here, so that the mirror's kernel may be changed too.
     */
    void foreign(NlTransport program) {
        int key = random.nextInt(KEYS);
        encoder.wrap(buffer, 0, buffer.capacity());
        if (random.chance(3)) {
            begin(key, true);
        } else if (states[key] != ENDED || random.chance(2)) {
            begin(key, false);
            encoder.mark(5000 + random.nextInt(1000));
        } else {
            encoder.beginCreate(0, 0, isV6(key) ? 10 : 2);
            tuples(key, true);
            encoder.status(ASSURED).timeoutS(900);
            if (isTcp(key)) {
                encoder.tcp(3, 7, 7, 3, 3);
            }
        }
        encoder.end();
        program.send(buffer, 0, encoder.length());
        program.poll((datagram, offset, length) -> {});
    }

    /** A change of a flow that is the node's own, and no business of the pair's. */
    void own(ScriptedKernel kernel) {
        boolean begins = kernel.entries() == 0 || random.chance(2);
        encoder.wrap(buffer, 0, buffer.capacity());
        addresses.setMemory(0, 64, (byte) 127);
        if (begins) {
            encoder.beginCreate(0, 0, 2);
        } else {
            encoder.beginDelete(0, 0, 2);
        }
        encoder.tuple(CtConst.CTA_TUPLE_ORIG, 2, addresses, 0, addresses, 16, UDP, 53, 53);
        encoder.tuple(CtConst.CTA_TUPLE_REPLY, 2, addresses, 16, addresses, 0, UDP, 53, 53);
        encoder.status(CtConst.IPS_CONFIRMED).timeoutS(30);
        encoder.end();
        kernel.packetPath(buffer, 0, encoder.length());
    }

    private void create(int key) {
        boolean v6 = isV6(key);
        encoder.beginCreate(0, 0, v6 ? 10 : 2);
        tuples(key, true);
        encoder.status(CtConst.IPS_CONFIRMED).timeoutS(120);
        states[key] = 1;
        seen[key] = false;
        if (isTcp(key)) {
            encoder.tcp(1, 7, 7, 3, 3);
        }
        if (key % 5 == 0) {
            // Translated, each time to another port: the same key with another reply is another life.
            int port = 20_000 + key * 100 + random.nextInt(50);
            encoder.natSrc(v6 ? 10 : 2, addresses, 32, addresses, 32, port, port);
        } else if (key % 7 == 0) {
            encoder.natDst(v6 ? 10 : 2, addresses, 32, addresses, 32, 8080, 8080);
        }
        if (random.chance(3)) {
            encoder.mark(1 + random.nextInt(1000));
        }
    }

    private void update(int key) {
        begin(key, false);
        seen[key] |= random.chance(2);
        // Established TCP has days left: no renewal touches it.
        int timeoutS = isTcp(key) && random.chance(2) ? DAYS_S : 60 + random.nextInt(400);
        encoder.status(seen[key] ? key % 2 == 0 ? ASSURED : SEEN : CtConst.IPS_CONFIRMED)
                .timeoutS(timeoutS);
        if (isTcp(key)) {
            states[key] = Math.min(LAST_STATE, states[key] + 1);
            encoder.tcp(states[key], 7, 7, 3, 3);
        }
        if (random.chance(4)) {
            encoder.mark(random.chance(2) ? 0 : 1 + random.nextInt(1000));
        }
        if (random.chance(8)) {
            encoder.labels(random.nextLong(), 0);
        }
        if (isTcp(key) && random.chance(10)) {
            encoder.seqAdj(CtConst.CTA_SEQ_ADJ_ORIG, 5, 0, random.nextInt(100));
        }
    }

    private void begin(int key, boolean delete) {
        int family = isV6(key) ? 10 : 2;
        if (delete) {
            encoder.beginDelete(0, 0, family);
        } else {
            encoder.beginUpdate(0, 0, family);
        }
        tuples(key, false);
    }

    private void tuples(int key, boolean both) {
        int family = isV6(key) ? 10 : 2;
        addresses.setMemory(0, 64, (byte) (key + 1));
        addresses.setMemory(16, 16, (byte) 0x66);
        addresses.setMemory(32, 16, (byte) 0x55);
        int proto = isTcp(key) ? TCP : UDP;
        int zone = zone(key);
        int origZone = zone != 0 && key % 2 == 0 ? zone : CtEncoder.NONE;
        encoder.tuple(CtConst.CTA_TUPLE_ORIG, family, addresses, 0, addresses, 16, proto, 1000 + key, 80, origZone);
        if (both) {
            encoder.tuple(CtConst.CTA_TUPLE_REPLY, family, addresses, 16, addresses, 0, proto, 80, 1000 + key);
        }
        if (zone != 0 && key % 2 != 0) {
            encoder.zone(zone);
        }
    }

    private static boolean isV6(int key) {
        return key % 3 == 0;
    }

    private static boolean isTcp(int key) {
        return key % 4 < 2;
    }

    private static int zone(int key) {
        return key % 11 == 0 ? 1 + key : 0;
    }
}
