/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.netlink.NftBaseChain;
import io.twinwall.netlink.NftBatch;
import io.twinwall.netlink.NftElement;
import io.twinwall.netlink.NftResult;
import io.twinwall.netlink.NftSocket;
import io.twinwall.netlink.NftTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The dead-man's switch in the kernel: a set element whose existence is this host's right to answer for the VIPs and to
 * forward. {@link #grant} lets a packet of our own make it and {@link #renew} refresh it; when renewals stop, for whatever
 * reason, the element expires and the kernel closes the gate by itself, and no renewal opens it again. Closed is also how {@link #install} leaves it; {@link #adopt} and
 * {@link #restore} put the tables in place with the gate as it was, in one transaction, so that no packet falls between.
 *
 * <p>The gate closes up to two jiffies before the time granted is over: the kernel counts whole jiffies, rounds down, and
 * judges at each packet. Later only by as long as the machine itself stood still.
 *
 * <p>{@link #grant} and {@link #renew} may be called by one thread and allocate nothing; everything else is control plane, takes turns,
 * and may be called by any. {@code flush ruleset} and rules of others do not reach owned tables; an operator's flowtable
 * does go past the forward chain, and so past {@code transit}: what is offloaded there passes without a lease, while the
 * VIPs stay guarded. Sockets belong to the network namespace of the thread that called {@link #open}.
 */
public final class Lease implements AutoCloseable {
    /** {@link #leftMs} of a gate that is closed. */
    public static final long CLOSED = -1;

    /** {@link #renew} of a lease that ran out before. */
    public static final int LAPSED = 1;

    private static final int BATCH_BYTES = 32 * 1024;

    private final LeaseConfig config;
    private final List<LeaseFeatures> preference;
    private final LeaseSecrets secrets = LeaseSecrets.random();
    private final NftSocket socket;
    private final LeaseSender sender;
    private final NftBatch batch = newBatch();
    private LeaseFeatures features;
    private LeaseRules rules;

    /** What {@link #restore} may open again: the end of the newest grant, or the moment it was taken back. */
    private volatile long grantedUntilNs = System.nanoTime();

    private Lease(LeaseConfig config, List<LeaseFeatures> preference) {
        this.config = config;
        this.preference = preference;
        this.socket = NftSocket.open();
        this.sender = LeaseSender.open(config.port(), secrets);
    }

    /** Opens what the lease needs and touches nothing; throws {@link io.twinwall.base.Fatal} for a missing capability. */
    public static Lease open(LeaseConfig config) {
        return new Lease(config, LeaseFeatures.PREFERENCE);
    }

    static Lease open(LeaseConfig config, LeaseFeatures only) {
        return new Lease(config, List.of(only));
    }

    /**
     * Puts the tables in place with the gate closed, in one transaction that also replaces what an earlier agent left.
     * After success it may be called again, to repair; the next {@link #grant} opens the gate. EPERM says a missing
     * CAP_NET_ADMIN or another agent that lives. A device that does not exist is guarded when it comes: by the kernel (since
     * Linux 6.16), else once {@link #present} told of it.
     */
    public synchronized NftResult install() {
        grantedUntilNs = System.nanoTime();
        return install(0);
    }

    /**
     * As {@link #install}, but takes over the gate that an earlier agent left as it is, for as long as it was granted:
     * one that was active alone and disarmed goes on, not one packet lost. Without tables, or with a closed gate, closed.
     */
    public synchronized NftResult adopt() {
        long nowNs = System.nanoTime();
        long leftMs = leftMs();
        boolean open = leftMs > 0 && leftMs != Long.MAX_VALUE;
        grantedUntilNs = nowNs + (open ? TimeUnit.MILLISECONDS.toNanos(leftMs) : 0);
        return installGranted();
    }

    /**
     * Puts back what others took away, with the gate open for no longer than what is left of the newest grant. To be
     * called by the thread that renews. A node that stood still past its grant comes back with the gate closed.
     */
    public synchronized NftResult restore() {
        return installGranted();
    }

    private NftResult installGranted() {
        NftResult result = install(TimeUnit.NANOSECONDS.toMillis(grantedUntilNs - System.nanoTime()));
        // What is left was reckoned before the kernel counted it: should this thread have stood still in between, the
        // gate must not stay open for it.
        if (result.ok() && grantedUntilNs - System.nanoTime() <= 0) {
            return release();
        }
        return result;
    }

    private NftResult install(long openMs) {
        NftResult result = NftResult.done();
        for (LeaseFeatures candidate : preference) {
            result = install(candidate, openMs);
            if (result.errno() == Errno.ENOENT && candidate.waits()) {
                result = install(candidate.withoutWaiting(), openMs);
            }
            if (result.errno() != Errno.EOPNOTSUPP && result.errno() != Errno.EINVAL) {
                return result;
            }
        }
        return result;
    }

    private NftResult install(LeaseFeatures candidate, long openMs) {
        List<String> devices = candidate.waits() ? config.devices() : existing();
        LeaseRules written = new LeaseRules(config, secrets, candidate, devices);
        written.write(socket.begin(batch), openMs);
        NftResult result = socket.commit(batch);
        if (result.ok()) {
            features = candidate;
            rules = written;
        }
        return result;
    }

    private List<String> existing() {
        return config.devices().stream()
                .filter(device -> Posix.ifNameToIndex(device) > 0)
                .toList();
    }

    /**
     * Opens the gate, or keeps it open, for the armed or the disarmed time from now. Costs a few microseconds and allocates
     * nothing. The kernel has normally acted on it when this returns, but under load may put it off for a moment: who must
     * know asks {@link #gateOpen}. Returns 0 or {@code -errno} ({@code -ENETDOWN}: {@code lo} is down).
     */
    public int grant(boolean armed) {
        return send(LeaseWord.open(armed), armed);
    }

    /**
     * As {@link #grant}, for a lease that lives: one that has run out stays so, however late this comes through, and by
     * this host's own reckoning the answer is then {@link #LAPSED}.
     */
    public int renew(boolean armed) {
        return grantedLeftNs() > 0 ? send(LeaseWord.renew(armed), armed) : LAPSED;
    }

    private int send(LeaseWord word, boolean armed) {
        long grantedMs = armed ? config.armedMs() : config.disarmedMs();
        // From before the send: what restore() reckons from it ends no later than the kernel's own end.
        long nowNs = System.nanoTime();
        int result = sender.send(word);
        if (result >= 0) {
            grantedUntilNs = nowNs + TimeUnit.MILLISECONDS.toNanos(grantedMs);
        }
        return result;
    }

    /** What is left of the newest grant, by this host's own reckoning: at most so long the kernel keeps the gate open. */
    public long grantedLeftNs() {
        return grantedUntilNs - System.nanoTime();
    }

    /**
     * Closes the gate at once, and asks the kernel whether it is closed. To be called by the thread that renews; should
     * the kernel have put off a last renewal on another core, that one still comes after: who releases asks {@link
     * #gateOpen} again a moment later.
     */
    public synchronized NftResult release() {
        grantedUntilNs = System.nanoTime();
        sender.send(LeaseWord.RELEASE);
        if (!anyOpen()) {
            return NftResult.done();
        }
        // The packet was lost, or the renewing chain is damaged: take the elements out by a transaction.
        socket.begin(batch);
        batch.flushSet(netdev(), LeaseRules.LEASE).flushSet(inet(), LeaseRules.LEASE);
        return socket.commit(batch);
    }

    /** Whether the kernel lets this host speak for the VIPs and forward, now. True too when no table is there. */
    public synchronized boolean gateOpen() {
        return leftMs() != CLOSED;
    }

    /** Milliseconds until the kernel closes the gate, or {@link #CLOSED}; {@code Long.MAX_VALUE} without tables. */
    public synchronized long leftMs() {
        return Math.min(leftMs(netdev()), leftMs(inet()));
    }

    /**
     * False when something of what {@link #install} made is gone or unbound ({@code nft flush ruleset}, a device), or a device
     * came that the kernel did not wait for.
     */
    public synchronized boolean present() {
        return rules != null
                && (features.waits() || rules.devices().equals(existing()))
                && present(netdev())
                && present(inet())
                && holds(LeaseRules.VIP4, rules.vips(4))
                && holds(LeaseRules.VIP6, rules.vips(16));
    }

    private boolean holds(String set, List<byte[]> vips) {
        List<NftElement> found = new ArrayList<>();
        return socket.elements(netdev(), set, found).ok() && found.size() == vips.size();
    }

    /** True when the tables are out of reach of {@code nft flush ruleset} and of everybody else's changes. */
    public synchronized boolean owned() {
        return features != null && features.owned();
    }

    /** True when what this host sends is guarded, not only what it hears. */
    public synchronized boolean egressGuarded() {
        return features != null && features.egress();
    }

    /** Deletes the tables, for a clean stop: from here on nothing is fenced. */
    public synchronized NftResult remove() {
        grantedUntilNs = System.nanoTime();
        // Tables of an earlier life may be owned ones that nobody owns now: those, only a destroy takes away.
        NftResult result = rules == null || owned()
                ? removeAny(socket, batch, config.table())
                : remove(socket, batch, config.table(), false);
        rules = null;
        features = null;
        return result;
    }

    /** Deletes what an earlier agent left of {@code table}, for one that fences nothing. EPERM: another agent lives. */
    public static NftResult sweep(String table) {
        try (NftSocket socket = NftSocket.open()) {
            return removeAny(socket, newBatch(), table);
        }
    }

    private static NftResult removeAny(NftSocket socket, NftBatch batch, String table) {
        NftResult result = remove(socket, batch, table, true);
        return result.errno() == Errno.EINVAL || result.errno() == Errno.EOPNOTSUPP
                ? remove(socket, batch, table, false)
                : result;
    }

    private static NftResult remove(NftSocket socket, NftBatch batch, String table, boolean destroy) {
        socket.begin(batch);
        LeaseRules.clear(batch, LeaseRules.netdevTable(table), destroy);
        LeaseRules.clear(batch, LeaseRules.inetTable(table), destroy);
        return socket.commit(batch);
    }

    /** Closes the sockets; the tables stay, and the gate closes when the lease runs out. */
    @Override
    public synchronized void close() {
        sender.close();
        socket.close();
    }

    private static NftBatch newBatch() {
        return new NftBatch(new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH_BYTES)));
    }

    private NftTable netdev() {
        return LeaseRules.netdevTable(config.table());
    }

    private NftTable inet() {
        return LeaseRules.inetTable(config.table());
    }

    private boolean anyOpen() {
        return leftMs(netdev()) != CLOSED || leftMs(inet()) != CLOSED;
    }

    private long leftMs(NftTable table) {
        List<NftElement> elements = new ArrayList<>();
        NftResult result = socket.elements(table, LeaseRules.LEASE, elements);
        if (!result.ok()) {
            return Long.MAX_VALUE;
        }
        long left = CLOSED;
        for (NftElement element : elements) {
            left = Math.max(left, element.leftMs());
        }
        return left;
    }

    private boolean present(NftTable table) {
        List<NftBaseChain> chains = new ArrayList<>();
        List<String> ruleChains = new ArrayList<>();
        if (!socket.baseChains(table, chains).ok()
                || !socket.ruleChains(table, ruleChains).ok()) {
            return false;
        }
        for (NftBaseChain wanted : rules.chains(table)) {
            long count = ruleChains.stream().filter(wanted.name()::equals).count();
            boolean bound = chains.stream().anyMatch(found -> same(wanted, found));
            if (!bound || count != rules.rules(table, wanted.name())) {
                return false;
            }
        }
        return true;
    }

    private static boolean same(NftBaseChain wanted, NftBaseChain found) {
        return wanted.name().equals(found.name())
                && wanted.hook() == found.hook()
                && wanted.priority() == found.priority()
                && new HashSet<>(wanted.devices()).equals(new HashSet<>(found.devices()));
    }
}
