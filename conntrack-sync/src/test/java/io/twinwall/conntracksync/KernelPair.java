/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.NanoClock;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.Link;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.MemoryLink;
import io.twinwall.wire.SessionKeys;
import java.time.Duration;
import org.agrona.DirectBuffer;

/**
 * Two firewalls with kernels of their own (a network namespace each), joined by a link in memory: {@code a} is the source
 * at first, {@code b} the mirror. Everything between the two conntrack tables is the product's.
 */
final class KernelPair implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(10);
    static final int EVENT_BUFFER_BYTES = 8 << 20;

    private static final int KEY_ID = 1;
    private static final int KEY_BYTES = 32;
    private static final LinkIdentity IDENTITY = new LinkIdentity(7, 1, 2);
    private static final int FRAMES_UNDER_WAY = 4096;
    private static final SyncConfig CONFIG = new SyncConfig(1 << 16, 8, 0x5eed);

    /** Made anew by {@link #restartA}. */
    PairNode a;

    final PairNode b;
    private final Link linkOfA;
    private final int eventBufferBytes;
    private final ClusterKey key;
    private final SyncConfig config;
    private long session = 1;
    private long term = 1;

    KernelPair(String netNsA, String netNsB, int eventBufferBytes) {
        this(netNsA, netNsB, eventBufferBytes, CONFIG.withExpectations());
    }

    /** As above, with expectations mirrored or not. */
    static KernelPair withoutExpectations(String netNsA, String netNsB) {
        return new KernelPair(netNsA, netNsB, EVENT_BUFFER_BYTES, CONFIG);
    }

    private KernelPair(String netNsA, String netNsB, int eventBufferBytes, SyncConfig config) {
        this.config = config;
        byte[] secret = new byte[KEY_BYTES];
        new SeededRandom(1).nextBytes(secret);
        key = ClusterKey.of(KEY_ID, secret);
        MemoryLink link =
                new MemoryLink(NanoClock.SYSTEM, new SeededRandom(1), MemoryLink.Faults.NONE, FRAMES_UNDER_WAY);
        Object lock = new Object();
        this.eventBufferBytes = eventBufferBytes;
        linkOfA = new ReopenedLink(new LockedLink(link.a(), lock));
        a = new PairNode(netNsA, config, eventBufferBytes, linkOfA);
        b = new PairNode(netNsB, config, eventBufferBytes, new LockedLink(link.b(), lock));
    }

    /** A namespace whose kernel tracks connections: hooks of a ruleset make it begin to, {@code ct label} makes room. */
    static String firewall(TestNet net, String ruleset) {
        String netNs = net.namespace();
        Cmd.inWithInput(netNs, ruleset, "nft", "-f", "-");
        net.sysctl(netNs, "net/netfilter/nf_conntrack_events", "1");
        net.sysctl(netNs, "net/netfilter/nf_conntrack_tcp_loose", "0");
        return netNs;
    }

    /** Both roles taken, a session made, and the tables equal. */
    void start() {
        a.becomeSource(term);
        b.becomeMirror(term);
        newSession();
        awaitReady();
    }

    /** A session with new keys, as after a restart of either node. */
    void newSession() {
        long ofA = session++;
        long ofB = session++;
        a.session(SessionKeys.derive(key, KEY_ID, IDENTITY, ofA, ofB), term);
        b.session(SessionKeys.derive(key, KEY_ID, IDENTITY.mirrored(), ofB, ofA), term);
    }

    void awaitReady() {
        Await.until("mirror ready", DEADLINE, b::ready);
    }

    /** What the role agent does at a takeover after the loss of {@code a}: all but addresses. */
    void takeOver() {
        a.endSession();
        b.drain();
        b.endSession();
        b.becomeSource(++term);
    }

    /** The old active comes back as mirror, and is equal. */
    void rejoin() {
        a.becomeMirror(term);
        newSession();
        Await.until("mirror ready", DEADLINE, a::ready);
    }

    /** The agent of {@code a} ends and another starts; its kernel keeps what it has. */
    void restartA() {
        String netNs = a.netNs;
        a.close();
        a = new PairNode(netNs, config, eventBufferBytes, linkOfA);
    }

    /** The role goes back to {@code a}, which rejoined: all but addresses. */
    void takeBack() {
        b.barrier();
        b.endSession();
        a.drain();
        a.endSession();
        a.becomeSource(++term);
        b.becomeMirror(term);
    }

    @Override
    public void close() {
        try {
            a.close();
        } finally {
            b.close();
        }
    }

    /** {@link MemoryLink} knows one thread; here two use it. */
    private record LockedLink(Link link, Object lock) implements Link {
        @Override
        public long offer(DirectBuffer frame, int offset, int length) {
            synchronized (lock) {
                return link.offer(frame, offset, length);
            }
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            synchronized (lock) {
                return link.poll(handler, limit);
            }
        }

        @Override
        public boolean connected() {
            synchronized (lock) {
                return link.connected();
            }
        }

        @Override
        public int doWork() {
            synchronized (lock) {
                return link.doWork();
            }
        }

        @Override
        public int frameBytesMax() {
            return link.frameBytesMax();
        }

        @Override
        public void close() {
            synchronized (lock) {
                link.close();
            }
        }
    }
}
