/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Fatal;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.Heartbeat;
import io.twinwall.wire.KeyOffer;
import io.twinwall.wire.KeyRoll;
import io.twinwall.wire.LinkIdentity;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The cluster key in use, its file, and its rotation by {@link KeyRoll}. The role agent's thread decides and uses; the
 * disk is written by {@code disk}, and what it wrote is used only then. {@link #rotate}, {@link #reload} and {@link
 * #status} are for any other thread.
 */
final class KeyKeeper {
    private static final Logger LOG = System.getLogger("twinwall");
    private static final long OFFER_EVERY_NS = 100_000_000L;
    private static final long DISK_AGAIN_NS = 5_000_000_000L;

    /** Longer than the peer is judged dead by: it is not to be told of a key that nobody may be there to take. */
    private static final long HEARD_WITHIN_NS = 1_000_000_000L;

    private record Asked(CompletableFuture<CliKey.Answer> answer) {}

    private final Path file;
    private final LinkIdentity identity;
    private final long tableSeed;
    private final Executor disk;
    private final Counter rotated;
    private final Counter offersSent;
    private final Counter offersTaken;
    private final Counter offersRefused;
    private final Counter storeFailures;
    private final Counter sendId;
    private final AtomicReference<ClusterKey> stored = new AtomicReference<>();
    private final AtomicReference<Asked> asked = new AtomicReference<>();
    private volatile ClusterKey key;
    private volatile Heartbeat heard;
    private volatile boolean storing;
    private volatile boolean storeFailed;
    private boolean takingOffer;
    private long diskNotBeforeNs;
    private boolean began;
    private long heardNs;
    private long heardUnderSinceNs;
    private long offerAtNs;

    KeyKeeper(Path file, ClusterKey key, LinkIdentity identity, Executor disk, Counters counters) {
        this.file = file;
        this.key = key;
        this.identity = identity;
        this.disk = disk;
        tableSeed = key.tableHashSeed(identity.clusterId());
        rotated = counters.counter("keys_rotated_total", "Times an old cluster key was dropped for a newer one.");
        offersSent = counters.counter("keys_offers_sent_total", "Datagrams that offered the peer a new cluster key.");
        offersTaken = counters.counter("keys_offers_taken_total", "New cluster keys taken from the peer and stored.");
        offersRefused = counters.counter(
                "keys_offers_refused_total", "Offers of a key that were forged, of another session, or no step on.");
        storeFailures =
                counters.counter("keys_store_failures_total", "Times the key file could not be written; tried again.");
        sendId = counters.gauge("keys_send_id", "Id of the cluster key that this node sends under.");
        sendId.set(key.sendKeyId());
    }

    // ------------------------------------------------------------------ the role agent's thread

    /** Any thread may see a moment late what is in use. */
    ClusterKey key() {
        return key;
    }

    /** A fresh heartbeat of the peer; one that a slow path brings late says nothing new. */
    void onHeartbeat(Heartbeat heartbeat, long nowNs) {
        if (heard != null && heard.session() == heartbeat.session() && heartbeat.counter() <= heard.counter()) {
            return;
        }
        if (heard == null || heard.keyId() != heartbeat.keyId()) {
            heardUnderSinceNs = nowNs;
        }
        heard = heartbeat;
        heardNs = nowNs;
    }

    /** An offer of this session; null: one that is not, or not authentic. */
    void onOffer(KeyOffer offer, long nowNs) {
        if (offer == null) {
            offersRefused.increment();
            return;
        }
        if (storing || nowNs - diskNotBeforeNs < 0) {
            return; // it comes again
        }
        ClusterKey next = KeyRoll.offered(key, offer, identity);
        if (next != key) {
            LOG.log(Level.INFO, "the peer offers cluster key {0}", offer.keyId());
            takingOffer = true;
            store(next, problem -> {});
        } else if (!key.ids().contains(offer.keyId())) {
            offersRefused.increment();
        }
    }

    /** What is in use from now on, when that changed since the last call; else null. */
    ClusterKey work(long nowNs) {
        if (!began) {
            began = true;
            heardNs = nowNs;
        }
        ClusterKey before = key;
        answer(nowNs);
        takeStored(nowNs);
        if (!storing) {
            KeyRoll.Step step = step(nowNs);
            ClusterKey next = KeyRoll.after(key, step, identity.clusterId());
            if (next != key && step == KeyRoll.Step.SEND_OLD) {
                use(next);
            } else if (next != key && nowNs - diskNotBeforeNs >= 0) {
                store(next, problem -> {});
            }
        }
        return key == before ? null : key;
    }

    private void takeStored(long nowNs) {
        if (storeFailed) {
            storeFailed = false;
            takingOffer = false;
            diskNotBeforeNs = nowNs + DISK_AGAIN_NS;
            storing = false;
        }
        ClusterKey changed = stored.getAndSet(null);
        if (changed == null) {
            return;
        }
        if (takingOffer) {
            takingOffer = false;
            offersTaken.increment();
        }
        if (key.rolling() && !changed.rolling()) {
            rotated.increment();
        }
        use(changed);
        storing = false;
    }

    private void use(ClusterKey changed) {
        LOG.log(Level.INFO, "cluster keys {0}, sending under the first", changed.ids());
        key = changed;
        sendId.set(changed.sendKeyId());
    }

    /** The id of the key to send the {@code counter}-th heartbeat under. */
    int heartbeatKeyId(long counter, long nowNs) {
        boolean calling = key.rolling() && nowNs - heardNs > HEARD_WITHIN_NS;
        return calling ? KeyRoll.callingKeyId(key, counter) : key.sendKeyId();
    }

    /** Whether an offer of the newest key is to be sent now. */
    boolean offerDue(long nowNs) {
        if (!key.rolling() || storing || nowNs - offerAtNs < 0 || step(nowNs) != KeyRoll.Step.OFFER) {
            return false;
        }
        offerAtNs = nowNs + OFFER_EVERY_NS;
        offersSent.increment();
        return true;
    }

    private KeyRoll.Step step(long nowNs) {
        Heartbeat last = heard;
        if (last == null || nowNs - heardNs > HEARD_WITHIN_NS) {
            return KeyRoll.Step.REST;
        }
        return KeyRoll.next(key, peer(last, heardNs - heardUnderSinceNs));
    }

    private static KeyRoll.Peer peer(Heartbeat last, long underForNs) {
        return last == null
                ? new KeyRoll.Peer(0, 0, 0, 0)
                : new KeyRoll.Peer(last.keyId(), last.newestKeyId(), last.newestKeyTag(), underForNs);
    }

    private void answer(long nowNs) {
        Asked question = asked.getAndSet(null);
        if (question == null) {
            return;
        }
        String refusal = refusal(nowNs);
        if (refusal.isEmpty()) {
            ClusterKey next = key.withDrawnKey(identity.clusterId());
            LOG.log(Level.INFO, "rotating: cluster key {0} is to follow on {1}", next.newestKeyId(), key.sendKeyId());
            int from = key.sendKeyId();
            int to = next.newestKeyId();
            store(
                    next,
                    problem -> question.answer()
                            .complete(
                                    problem.isEmpty()
                                            ? new CliKey.Answer(true, null, from, to)
                                            : new CliKey.Answer(false, problem, from, 0)));
        } else {
            question.answer().complete(new CliKey.Answer(false, refusal, key.sendKeyId(), 0));
        }
    }

    private String refusal(long nowNs) {
        Heartbeat last = heard;
        if (last == null || nowNs - heardNs > HEARD_WITHIN_NS) {
            return "the peer is not heard: a key that it does not have would part the pair";
        }
        if (last.newestKeyId() == 0) {
            return "the peer runs a version that takes no key; upgrade it first, or add the key by hand";
        }
        if (key.rolling() || storing) {
            return "a rotation is under way";
        }
        return key.holds(last.newestKeyId(), last.newestKeyTag()) ? "" : "a rotation is under way at the peer";
    }

    // ------------------------------------------------------------------ the disk

    /** {@code done} hears, on the disk's thread, what went wrong, or "". */
    private void store(ClusterKey next, Consumer<String> done) {
        storing = true;
        try {
            disk.execute(() -> write(next, done));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.INFO, "the cluster key stays as it is, because the program ends");
            done.accept("the program ends");
        }
    }

    private void write(ClusterKey next, Consumer<String> done) {
        try {
            next.write(file);
            stored.set(next);
            done.accept("");
        } catch (IOException | RuntimeException e) {
            storeFailures.increment();
            LOG.log(
                    Level.WARNING,
                    "cannot write the cluster key {0}; it stays in use as it is: {1}",
                    file,
                    e.toString());
            storeFailed = true;
            done.accept("cannot write the key file " + file + ": " + e);
        }
    }

    // ------------------------------------------------------------------ others

    /** Begins a rotation, or says why not. Any thread; answered by the role agent's or, once it is written, the disk's. */
    CompletableFuture<CliKey.Answer> rotate() {
        Asked question = new Asked(new CompletableFuture<>());
        if (!asked.compareAndSet(null, question)) {
            question.answer().complete(new CliKey.Answer(false, "another request is under way", key.sendKeyId(), 0));
        }
        return question.answer();
    }

    /**
     * Reads the file again, on the disk's thread.
     *
     * @return null when it holds what is in use; "" when what it holds is taken; else why not
     */
    String reload() {
        String problem = readAgain();
        if (problem != null && !problem.isEmpty()) {
            // A signal has no other answer.
            LOG.log(Level.WARNING, "the cluster keys stay as they are: {0}", problem);
        }
        return problem;
    }

    private String readAgain() {
        ClusterKey read;
        try {
            read = ClusterKey.read(file);
        } catch (Fatal e) {
            return e.getMessage();
        }
        Heartbeat last = heard;
        ClusterKey wanted = KeyRoll.begin(read, peer(last, 0));
        if (storing || read.equalsKeys(key) || wanted.equalsKeys(key)) {
            return null;
        }
        if (last != null && !read.holds(last.keyId(), key.accepts(last.keyId()) ? key.tag(last.keyId()) : 0)) {
            return "the key file lacks the key that the peer sends under, " + last.keyId()
                    + "; add the new key as second line, and the pair does the rest";
        }
        for (int id : read.ids()) {
            if (key.accepts(id) && !read.holds(id, key.tag(id))) {
                return "key " + id
                        + " in the key file is another than the one in use; give the new key an id of its own";
            }
        }
        if (key.accepts(read.newestKeyId()) && !key.accepts(read.olderKeyId())) {
            // It would be dropped as the older of the two, and the key to be replaced would stay.
            return "key " + read.olderKeyId() + " in the key file counts as older than the one in use, "
                    + read.newestKeyId() + "; give the new key the next id, " + key.nextKeyId();
        }
        storing = true;
        stored.set(wanted.keepingTable(tableSeed));
        return "";
    }

    CliStatus.Keys status() {
        ClusterKey now = key;
        Heartbeat last = heard;
        return new CliStatus.Keys(now.sendKeyId(), now.ids(), last == null ? 0 : last.keyId(), now.rolling());
    }
}
