/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Heartbeats to datagrams and back (drawn in the schema). A datagram that is not a heartbeat of our peer, of our
 * cluster, under one of our keys, is refused and counted by reason; whether it is fresh is the {@link
 * SessionTracker}'s to say. Control plane, so it may allocate. One thread.
 */
public final class HeartbeatCodec {
    static final int MAC_BYTES = 32;
    private static final int HEADER = MessageHeaderEncoder.ENCODED_LENGTH;
    /** Of version 2, which ends before the first field appended since. */
    private static final int BLOCK_MIN = HeartbeatDecoder.newestKeyIdEncodingOffset();

    private static final int MORE_SINCE = HeartbeatDecoder.newestKeyIdSinceVersion();
    /** Length of the datagrams this version sends. */
    public static final int BYTES = HEADER + HeartbeatEncoder.BLOCK_LENGTH + MAC_BYTES;
    /** Longest datagram read; a newer peer's may be longer than ours. */
    public static final int BYTES_MAX = 512;

    private final LinkIdentity identity;
    private final KeyOfferCodec offers;
    private final ReportPieceCodec pieces;
    private ClusterKey key;
    private final Mac[] macs = new Mac[256];
    private final byte[] scratch = new byte[BYTES_MAX];
    private final byte[] tag = new byte[MAC_BYTES];
    private final byte[] foundTag = new byte[MAC_BYTES];
    private final LinkIdentity peer;
    private final UnsafeBuffer scratchBuffer = new UnsafeBuffer(scratch);
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final HeartbeatEncoder encoder = new HeartbeatEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final HeartbeatDecoder decoder = new HeartbeatDecoder();
    private final Counter accepted;
    private final RefuseCounters refused;
    private RefuseReason lastRefusal;

    public HeartbeatCodec(LinkIdentity identity, ClusterKey key, Counters counters) {
        this.identity = identity;
        peer = identity.mirrored();
        offers = new KeyOfferCodec(identity);
        pieces = new ReportPieceCodec(identity);
        accepted = counters.counter("wire_heartbeats_accepted_total", "Heartbeats with a good tag.");
        refused = new RefuseCounters(counters, "heartbeats");
        key(key);
    }

    /** From now on datagrams under these keys are accepted, and no others. */
    public void key(ClusterKey newKey) {
        key = newKey;
        for (int id = 1; id < macs.length; id++) {
            macs[id] = key.accepts(id) ? mac(id) : null;
        }
    }

    private Mac mac(int keyId) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key.heartbeatKey(identity.clusterId(), keyId));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new BugError("every JDK has HmacSHA256", e);
        }
    }

    /** Writes {@code heartbeat}, which is from us, at {@code offset}; returns {@link #BYTES}. */
    public int encode(Heartbeat heartbeat, MutableDirectBuffer buffer, int offset) {
        Check.that(heartbeat.from().equals(identity), "a heartbeat of somebody else");
        encoder.wrapAndApplyHeader(scratchBuffer, 0, headerEncoder)
                .clusterId((short) identity.clusterId())
                .nodeId((short) identity.nodeId())
                .peerId((short) identity.peerId())
                .keyId((short) heartbeat.keyId())
                .role(heartbeat.role())
                .readiness(heartbeat.readiness())
                .priority((short) heartbeat.priority())
                .health((short) heartbeat.health())
                .handover(heartbeat.handover())
                .reason(heartbeat.reason())
                .session(heartbeat.session())
                .peerSession(heartbeat.peerSession())
                .counter(heartbeat.counter())
                .peerCounter(heartbeat.peerCounter())
                .term(heartbeat.term())
                .tenureMs(heartbeat.tenureMs())
                .sentNanoTime(heartbeat.sentNanoTime())
                .handoverTerm(heartbeat.handoverTerm())
                .handoverToken(heartbeat.handoverToken())
                .newestKeyId((short) heartbeat.newestKeyId())
                .newestKeyTag(heartbeat.newestKeyTag() & 0xffff_ffffL)
                .versionTag(heartbeat.likeness().versionTag() & 0xffff_ffffL)
                .pairTag(heartbeat.likeness().pairTag() & 0xffff_ffffL)
                .wallMs(heartbeat.likeness().wallMs());
        encoder.flags()
                .clear()
                .gateOpen(heartbeat.gateOpen())
                .hearsPeer(heartbeat.hearsPeer())
                .alone(heartbeat.alone())
                .maintenance(heartbeat.maintenance())
                .urgent(heartbeat.urgent())
                .blind(heartbeat.blind());
        return finish(heartbeat.keyId(), BYTES - MAC_BYTES, buffer, offset);
    }

    private int finish(int keyId, int signed, MutableDirectBuffer buffer, int offset) {
        sign(keyId, signed);
        buffer.putBytes(offset, scratch, 0, signed);
        buffer.putBytes(offset + signed, tag);
        return signed + MAC_BYTES;
    }

    /** Writes an offer of the newest key, signed and sealed under the other one, for the peer of that session. */
    public int encodeOffer(long session, long peerSession, MutableDirectBuffer buffer, int offset) {
        int signed = offers.encode(key, session, peerSession, scratchBuffer);
        return finish(key.olderKeyId(), signed, buffer, offset);
    }

    /** True when the datagram claims to be a {@link KeyOffer}, for {@link #decodeOffer}, and not a heartbeat. */
    public static boolean claimsOffer(DirectBuffer buffer, int offset, int length) {
        return claims(KeyOfferDecoder.TEMPLATE_ID, buffer, offset, length);
    }

    /** True when the datagram claims to be a piece of a report, for {@link #decodePiece}, and not a heartbeat. */
    public static boolean claimsPiece(DirectBuffer buffer, int offset, int length) {
        return claims(ReportPieceDecoder.TEMPLATE_ID, buffer, offset, length);
    }

    private static boolean claims(int template, DirectBuffer buffer, int offset, int length) {
        return length >= HEADER && buffer.getByte(offset + 2) == template;
    }

    /**
     * Reads an offer of a key.
     *
     * @return null when it was refused, also since it is not of this very session, with the reason in {@link
     *     #lastRefusal()}; the caller counts
     */
    public KeyOffer decodeOffer(DirectBuffer buffer, int offset, int length, long session, long peerSession) {
        RefuseReason reason = take(buffer, offset, length, KeyOfferDecoder.BLOCK_LENGTH);
        if (reason == null) {
            reason = offers.judge(scratchBuffer, length - MAC_BYTES, session, peerSession);
        }
        if (reason == null) {
            reason = judgeTag(offers.keyId(), length);
        }
        KeyOffer offer = reason == null ? offers.open(key) : null;
        if (offer == null) {
            lastRefusal = reason == null ? RefuseReason.TAG : reason;
        }
        return offer;
    }

    /** Writes a piece of {@code report}, signed under the key that it is sealed under; 0 when that is in use no more. */
    public int encodePiece(SealedReport report, int piece, MutableDirectBuffer buffer, int offset) {
        if (macs[report.keyId()] == null) {
            return 0;
        }
        return finish(report.keyId(), pieces.encode(report, piece, scratchBuffer), buffer, offset);
    }

    /**
     * Reads a piece of a report.
     *
     * @return null when it was refused, also since it is not of this very session, with the reason in {@link
     *     #lastRefusal()}; the caller counts
     */
    public ReportPiece decodePiece(DirectBuffer buffer, int offset, int length, long session, long peerSession) {
        RefuseReason reason = take(buffer, offset, length, ReportPieceDecoder.BLOCK_LENGTH);
        if (reason == null) {
            reason = pieces.judge(scratchBuffer, length - MAC_BYTES, session, peerSession);
        }
        if (reason == null) {
            reason = judgeTag(pieces.keyId(), length);
        }
        if (reason != null) {
            lastRefusal = reason;
            return null;
        }
        return pieces.read();
    }

    /** Leaves the tag of the first bytes of {@link #scratch} in {@link #tag}. */
    private void sign(int keyId, int signedBytes) {
        Mac mac = macs[keyId];
        Check.that(mac != null, "no key of id", keyId);
        mac.update(scratch, 0, signedBytes);
        try {
            mac.doFinal(tag, 0);
        } catch (ShortBufferException e) {
            throw new BugError("HmacSHA256 has 32 bytes", e);
        }
    }

    /**
     * Reads a datagram.
     *
     * @return null when it was refused, with the reason in {@link #lastRefusal()}
     */
    public Heartbeat decode(DirectBuffer buffer, int offset, int length) {
        RefuseReason reason = judge(buffer, offset, length);
        if (reason != null) {
            return refuse(reason);
        }
        Heartbeat heartbeat = read();
        if (heartbeat.role() == WireRole.SBE_UNKNOWN
                || heartbeat.readiness() == WireReadiness.SBE_UNKNOWN
                || heartbeat.handover() == WireHandover.SBE_UNKNOWN
                || heartbeat.session() == 0
                || heartbeat.counter() <= 0) {
            return refuse(RefuseReason.VALUE);
        }
        accepted.increment();
        return heartbeat;
    }

    private RefuseReason judge(DirectBuffer buffer, int offset, int length) {
        RefuseReason reason = take(buffer, offset, length, BLOCK_MIN);
        if (reason != null) {
            return reason;
        }
        header.wrap(scratchBuffer, 0);
        if (header.schemaId() != HeartbeatDecoder.SCHEMA_ID || header.templateId() != HeartbeatDecoder.TEMPLATE_ID) {
            return RefuseReason.VERSION;
        }
        int block = header.blockLength();
        int blockMin = header.version() < MORE_SINCE ? BLOCK_MIN : HeartbeatDecoder.BLOCK_LENGTH;
        if (block < blockMin || HEADER + block + MAC_BYTES != length) {
            return RefuseReason.TRUNCATED;
        }
        decoder.wrap(scratchBuffer, HEADER, block, header.version());
        if (decoder.clusterId() != identity.clusterId()) {
            return RefuseReason.CLUSTER;
        }
        if (decoder.nodeId() != identity.peerId() || decoder.peerId() != identity.nodeId()) {
            return RefuseReason.NODE;
        }
        return judgeTag(decoder.keyId(), length);
    }

    /** Copies a datagram to {@link #scratch}, unless it is too short for such a block, or too long. */
    private RefuseReason take(DirectBuffer buffer, int offset, int length, int blockMin) {
        if (length < HEADER + blockMin + MAC_BYTES) {
            return RefuseReason.TRUNCATED;
        }
        if (length > BYTES_MAX) {
            return RefuseReason.TOO_LONG;
        }
        buffer.getBytes(offset, scratch, 0, length);
        return null;
    }

    private RefuseReason judgeTag(int keyId, int length) {
        if (macs[keyId] == null) {
            return RefuseReason.KEY_ID;
        }
        return tagIsGood(keyId, length) ? null : RefuseReason.TAG;
    }

    private boolean tagIsGood(int keyId, int length) {
        sign(keyId, length - MAC_BYTES);
        System.arraycopy(scratch, length - MAC_BYTES, foundTag, 0, MAC_BYTES);
        return MessageDigest.isEqual(tag, foundTag);
    }

    private Heartbeat read() {
        HeartbeatFlagsDecoder flags = decoder.flags();
        boolean tellsMore = header.version() >= MORE_SINCE;
        return new Heartbeat(
                peer,
                decoder.keyId(),
                decoder.role(),
                decoder.readiness(),
                decoder.priority(),
                decoder.health(),
                flags.gateOpen(),
                flags.hearsPeer(),
                flags.alone(),
                flags.maintenance(),
                flags.urgent(),
                flags.blind(),
                decoder.handover(),
                decoder.reason(),
                decoder.session(),
                decoder.peerSession(),
                decoder.counter(),
                decoder.peerCounter(),
                decoder.term(),
                decoder.tenureMs(),
                decoder.sentNanoTime(),
                decoder.handoverTerm(),
                decoder.handoverToken(),
                tellsMore ? decoder.newestKeyId() : 0,
                tellsMore ? (int) decoder.newestKeyTag() : 0,
                tellsMore
                        ? new Likeness((int) decoder.versionTag(), (int) decoder.pairTag(), decoder.wallMs())
                        : Likeness.UNTOLD);
    }

    private Heartbeat refuse(RefuseReason reason) {
        lastRefusal = reason;
        refused.count(reason);
        return null;
    }

    /** Why the last refused datagram was refused; null when none was. */
    public RefuseReason lastRefusal() {
        return lastRefusal;
    }

    /** Datagrams refused so far for {@code reason}. */
    public long refused(RefuseReason reason) {
        return refused.get(reason);
    }

    /** Datagrams refused so far. */
    public long refused() {
        return refused.sum();
    }
}
