/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Check;
import io.twinwall.base.Counters;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.protocol.Handover;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.HeartbeatCodec;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.SessionKeys;
import io.twinwall.wire.SessionTracker;
import io.twinwall.wire.WireHandover;
import io.twinwall.wire.WireReadiness;
import io.twinwall.wire.WireRole;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.IntSupplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Between the protocol's heartbeats and the wire's: adds and judges sessions, translates, and begins the stream's session
 * when the peer's boot changes. On the role agent's thread.
 */
final class PeerSession {
    private final LinkIdentity identity;
    private final KeyKeeper keys;
    private final HeartbeatCodec codec;
    private final SessionTracker tracker;
    private final IntSupplier priority;
    private final PairLikeness likeness;
    private final PeerReports reports;
    private ClusterKey tagged;
    private int tagOfNewest;
    private final Queue<SyncCommand> told = new ArrayDeque<>();

    PeerSession(
            LinkIdentity identity,
            KeyKeeper keys,
            IntSupplier priority,
            PairLikeness likeness,
            PeerReports reports,
            Counters counters) {
        this.identity = identity;
        this.keys = keys;
        this.priority = priority;
        this.likeness = likeness;
        this.reports = reports;
        codec = new HeartbeatCodec(identity, keys.key(), counters);
        tracker = new SessionTracker(SessionTracker.newSession(), counters);
    }

    /** The other node. */
    int peer() {
        return identity.peerId();
    }

    /** What the datagram says; null unless it is an authentic heartbeat of the peer, and fresh on its path. */
    RoleEvent.HeartbeatHeard hear(int path, DirectBuffer buffer, int length, long nowNs) {
        if (HeartbeatCodec.claimsOffer(buffer, 0, length)) {
            keys.onOffer(codec.decodeOffer(buffer, 0, length, tracker.ownSession(), tracker.peerSession()), nowNs);
            return null;
        }
        if (HeartbeatCodec.claimsPiece(buffer, 0, length)) {
            long own = tracker.ownSession();
            long peers = tracker.peerSession();
            reports.onPiece(codec.decodePiece(buffer, 0, length, own, peers), own, peers, nowNs);
            return null;
        }
        io.twinwall.wire.Heartbeat heard = codec.decode(buffer, 0, length);
        if (heard == null) {
            return null;
        }
        return switch (tracker.onHeartbeat(path, heard)) {
            case UNPROVEN, REPLAY -> null;
            case BEGAN -> {
                begin(heard);
                keys.onHeartbeat(heard, nowNs);
                likeness.heard(heard.likeness());
                yield event(path, heard);
            }
            case HEARD -> {
                keys.onHeartbeat(heard, nowNs);
                likeness.heard(heard.likeness());
                yield event(path, heard);
            }
        };
    }

    private void begin(io.twinwall.wire.Heartbeat heard) {
        ClusterKey key = keys.key();
        // Reports came with the version that tells of its newest key.
        reports.began(tracker.ownSession(), tracker.peerSession(), heard.newestKeyId() != 0);
        told.clear();
        told.add(new SyncCommand.SessionUp(derive(key, key.sendKeyId()), heard.term()));
        // The peer may be a step of a rotation before or behind.
        key.ids().stream()
                .filter(id -> id != key.sendKeyId())
                .forEach(id -> told.add(new SyncCommand.Rekey(derive(key, id), SyncCommand.Rekey.Use.ACCEPT)));
    }

    private SessionKeys derive(ClusterKey key, int keyId) {
        return SessionKeys.derive(key, keyId, identity, tracker.ownSession(), tracker.peerSession());
    }

    /** Puts the keys in use that a rotation or a reload brought since the last call. */
    void work(long nowNs) {
        ClusterKey before = keys.key();
        ClusterKey key = keys.work(nowNs);
        if (key == null) {
            return;
        }
        codec.key(key);
        if (tracker.established()) {
            rekey(before, key);
        }
    }

    private void rekey(ClusterKey before, ClusterKey key) {
        // One of the same id may be another: of two keys drawn at once, one takes the other's place.
        key.ids().stream()
                .filter(id -> !before.holds(id, key.tag(id)))
                .forEach(id -> told.add(new SyncCommand.Rekey(derive(key, id), SyncCommand.Rekey.Use.ACCEPT)));
        int sendId = key.sendKeyId();
        if (sendId != before.sendKeyId()) {
            told.add(new SyncCommand.Rekey(derive(key, sendId), SyncCommand.Rekey.Use.SEND));
        }
        if (!key.rolling()) {
            told.add(new SyncCommand.Rekey(derive(key, sendId), SyncCommand.Rekey.Use.ONLY));
        }
    }

    /** Encodes an offer of a new key at the start of {@code buffer}; returns its length, 0: none is due. */
    int encodeOffer(long nowNs, MutableDirectBuffer buffer) {
        return keys.offerDue(nowNs) ? codec.encodeOffer(tracker.ownSession(), tracker.peerSession(), buffer, 0) : 0;
    }

    /** Encodes a piece of a report for the peer's people at the start of {@code buffer}; returns its length, 0: none is due. */
    int encodeReport(MutableDirectBuffer buffer, long nowNs) {
        return reports.encode(codec, buffer, nowNs);
    }

    /** What the sync agent is to know next of the stream's session: one to begin after the peer's boot, new keys. */
    Optional<SyncCommand> take() {
        return Optional.ofNullable(told.poll());
    }

    /** Encodes {@code heartbeat} at the start of {@code buffer}; returns its length. */
    int encode(Heartbeat heartbeat, long nowNs, MutableDirectBuffer buffer) {
        long counter = tracker.nextCounter();
        Check.that(counter == heartbeat.counter(), "the protocol and the session count heartbeats alike", counter);
        Handover handover = heartbeat.handover();
        ClusterKey key = keys.key();
        int newest = key.newestKeyId();
        return codec.encode(
                new io.twinwall.wire.Heartbeat(
                        identity,
                        keys.heartbeatKeyId(counter, nowNs),
                        wire(heartbeat.role()),
                        wire(heartbeat.readiness()),
                        priority.getAsInt(),
                        heartbeat.priority(),
                        heartbeat.gateOpen(),
                        heartbeat.hearsPeer(),
                        heartbeat.alone(),
                        heartbeat.role() == Role.MAINTENANCE,
                        heartbeat.urgent(),
                        heartbeat.blind(),
                        wire(handover.kind()),
                        handover.reason(),
                        tracker.ownSession(),
                        tracker.echoSession(),
                        counter,
                        tracker.echoCounter(),
                        heartbeat.term(),
                        heartbeat.tenureMs(),
                        nowNs,
                        handover.term(),
                        handover.token(),
                        newest,
                        newestTag(key),
                        likeness.own()),
                buffer,
                0);
    }

    /** Asked for with each heartbeat, and made anew only with each key. */
    private int newestTag(ClusterKey key) {
        if (key != tagged) {
            tagged = key;
            tagOfNewest = key.tag(key.newestKeyId());
        }
        return tagOfNewest;
    }

    private RoleEvent.HeartbeatHeard event(int path, io.twinwall.wire.Heartbeat heard) {
        // What is acknowledged of another boot of ours says nothing of this one.
        long acknowledged = heard.peerSession() == tracker.ownSession() ? heard.peerCounter() : 0;
        return new RoleEvent.HeartbeatHeard(
                identity.peerId(),
                heard.session(),
                path,
                new Heartbeat(
                        heard.counter(),
                        acknowledged,
                        heard.term(),
                        role(heard.role()),
                        readiness(heard.readiness()),
                        heard.health(),
                        heard.hearsPeer(),
                        heard.gateOpen(),
                        heard.alone(),
                        heard.urgent(),
                        heard.blind(),
                        heard.tenureMs(),
                        new Handover(
                                handover(heard.handover()),
                                heard.handoverTerm(),
                                heard.handoverToken(),
                                heard.reason())));
    }

    private static WireRole wire(Role role) {
        return switch (role) {
            case INIT -> WireRole.INIT;
            case BACKUP -> WireRole.BACKUP;
            case MASTER -> WireRole.MASTER;
            case FAULT -> WireRole.FAULT;
            case MAINTENANCE -> WireRole.MAINTENANCE;
        };
    }

    private static WireReadiness wire(Readiness readiness) {
        return switch (readiness) {
            case COLD -> WireReadiness.COLD;
            case SYNCING -> WireReadiness.SYNCING;
            case READY -> WireReadiness.READY;
        };
    }

    private static WireHandover wire(Handover.Kind kind) {
        return switch (kind) {
            case NONE -> WireHandover.NONE;
            case ASK -> WireHandover.ASK;
            case GRANT -> WireHandover.GRANT;
            case CLAIMED -> WireHandover.CLAIMED;
            case REFUSE -> WireHandover.REFUSE;
        };
    }

    private static Role role(WireRole role) {
        return switch (role) {
            case INIT -> Role.INIT;
            case BACKUP -> Role.BACKUP;
            case MASTER -> Role.MASTER;
            case FAULT -> Role.FAULT;
            case MAINTENANCE -> Role.MAINTENANCE;
            // A role of a newer version: it claims nothing that this one knows.
            case SBE_UNKNOWN, NULL_VAL -> Role.INIT;
        };
    }

    private static Readiness readiness(WireReadiness readiness) {
        return switch (readiness) {
            case SYNCING -> Readiness.SYNCING;
            case READY -> Readiness.READY;
            case COLD, SBE_UNKNOWN, NULL_VAL -> Readiness.COLD;
        };
    }

    private static Handover.Kind handover(WireHandover handover) {
        return switch (handover) {
            case ASK -> Handover.Kind.ASK;
            case GRANT -> Handover.Kind.GRANT;
            case CLAIMED -> Handover.Kind.CLAIMED;
            case REFUSE -> Handover.Kind.REFUSE;
            case NONE, SBE_UNKNOWN, NULL_VAL -> Handover.Kind.NONE;
        };
    }
}
