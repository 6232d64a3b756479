/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.Json;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.HeartbeatCodec;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.ReportAssembler;
import io.twinwall.wire.ReportPiece;
import io.twinwall.wire.ReportSeal;
import io.twinwall.wire.SealedReport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.agrona.MutableDirectBuffer;

/**
 * What the two nodes tell each other of themselves, for people. Made and sealed on the housekeeping thread; the role agent's
 * carries it in pieces, a few at a time, so that no heartbeat waits; it is opened and read when somebody asks.
 */
final class PeerReports {
    /**
     * A report.
     *
     * @param atNs when its first piece came
     * @param ofThisLife its teller has not been started anew since
     */
    record Heard(PeerReport report, long atNs, boolean ofThisLife) {}

    private record Ends(long session, long peerSession) {}

    private record Arrived(SealedReport sealed, ClusterKey key, long atNs) {}

    /** Thirty times what a node with a hundred trackers tells: what is longer is no report. */
    private static final int TEXT_BYTES_MAX = 1 << 20;

    /** What does not change is told so often. */
    private static final long TELL_EVERY_NS = 10_000_000_000L;

    /** What has changed is told twice, as pieces are lost at times, and the first after a start comes too soon. */
    private static final long AGAIN_NS = 2_000_000_000L;

    /** Of a report at a time, after a pause of this thread: the heartbeats that are late come first. */
    static final int AT_ONCE_MAX = 4;

    /** In which time a report is sent, if the role agent's thread is awake as often. */
    private static final long SEND_NS = 500_000_000L;

    private final LinkIdentity identity;
    private final Supplier<ClusterKey> key;
    private final Counter sent;
    private final Counter tooLong;
    private final Counter received;
    private final Counter refused;
    private final Counter unreadable;
    private final ReportAssembler assembler = new ReportAssembler();
    private final AtomicReference<SealedReport> next = new AtomicReference<>();
    private volatile Ends ends;
    private volatile Arrived arrived;
    private long number;
    private List<Object> told = List.of();
    private long tellAgainNs;
    private Ends toldTo;
    private SealedReport sending;
    private long sendingSinceNs;
    private int piece;
    private long comingNumber;
    private long comingSinceNs;
    private Arrived opened;
    private Arrived readable;
    private PeerReport read;

    /** {@code key}: the one in use, asked on any thread. */
    PeerReports(LinkIdentity identity, Supplier<ClusterKey> key, Counters counters) {
        this.identity = identity;
        this.key = key;
        sent = counters.counter(
                "status_reports_sent_total", "Reports of this node's status sent to the peer's people.");
        tooLong = counters.counter(
                "status_reports_too_long_total", "Reports of this node's status that were too long to be sent.");
        received = counters.counter("status_reports_received_total", "Reports of the peer's status that came whole.");
        refused = counters.counter(
                "status_reports_refused_total",
                "Pieces of reports of the peer's status that were forged, malformed or of another session.");
        unreadable = counters.counter(
                "status_reports_unreadable_total",
                "Reports of the peer's status that came whole and could not be read.");
    }

    // ------------------------------------------------------------------ the role agent's thread

    /** A session with the peer began; {@code reads}: its version knows of reports. */
    void began(long session, long peerSession, boolean reads) {
        ends = reads ? new Ends(session, peerSession) : null;
        sending = null;
        comingNumber = 0;
    }

    /** Encodes the next piece that is due at the start of {@code buffer}; returns its length, 0: there is none. */
    int encode(HeartbeatCodec codec, MutableDirectBuffer buffer, long nowNs) {
        if (sending == null) {
            sending = next.get() == null ? null : next.getAndSet(null);
            sendingSinceNs = nowNs;
            piece = 0;
        }
        if (sending == null || piece > sending.pieces() * (nowNs - sendingSinceNs) / SEND_NS) {
            return 0;
        }
        Ends now = ends;
        boolean current =
                now != null && sending.session() == now.session() && sending.peerSession() == now.peerSession();
        int length = current ? codec.encodePiece(sending, piece, buffer, 0) : 0;
        piece++;
        if (length == 0) {
            sending = null;
        } else if (piece == sending.pieces()) {
            sending = null;
            sent.increment();
        }
        return length;
    }

    /** A piece of the session that began last; null: what came as one is none. */
    void onPiece(ReportPiece found, long session, long peerSession, long nowNs) {
        if (found == null) {
            refused.increment();
            return;
        }
        if (found.number() > comingNumber) {
            comingNumber = found.number();
            comingSinceNs = nowNs;
        }
        SealedReport whole = assembler.onPiece(found, peerSession, session);
        if (whole != null) {
            arrived = new Arrived(whole, key.get(), comingSinceNs);
            received.increment();
        }
    }

    // ------------------------------------------------------------------ the housekeeping thread

    /** Tells the peer when something has changed, or it is time to; takes the place of one that waits. */
    void tell(PeerReport report, long nowNs) {
        Ends now = ends;
        List<Object> standing = report.standing();
        boolean news = !standing.equals(told) || !Objects.equals(now, toldTo);
        if (now == null || (!news && nowNs - tellAgainNs < 0)) {
            return;
        }
        told = standing;
        tellAgainNs = nowNs + (news ? AGAIN_NS : TELL_EVERY_NS);
        toldTo = now;
        ClusterKey under = key.get();
        int keyId = under.sendKeyId();
        byte[] sealed = ReportSeal.of(under, keyId, identity, now.session(), now.peerSession())
                .seal(packed(report));
        if (sealed.length > SealedReport.BYTES_MAX) {
            tooLong.increment();
            return;
        }
        number++;
        next.set(new SealedReport(number, keyId, now.session(), now.peerSession(), sealed));
    }

    private static byte[] packed(PeerReport report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(Json.bytes(report));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    // ------------------------------------------------------------------ others

    /** The last that could be read. Any thread. */
    synchronized Optional<Heard> heard() {
        Arrived last = arrived;
        if (last == null) {
            return Optional.empty();
        }
        if (!last.equals(opened)) {
            opened = last;
            PeerReport report = read(last);
            if (report == null) {
                unreadable.increment();
            } else {
                read = report;
                readable = last;
            }
        }
        if (read == null) {
            return Optional.empty();
        }
        Ends now = ends;
        boolean ofThisLife =
                now != null && now.peerSession() == readable.sealed().session();
        return Optional.of(new Heard(read, readable.atNs(), ofThisLife));
    }

    private PeerReport read(Arrived from) {
        SealedReport sealed = from.sealed();
        ReportSeal seal =
                ReportSeal.of(from.key(), sealed.keyId(), identity.mirrored(), sealed.session(), sealed.peerSession());
        byte[] packed = sealed.open(seal);
        if (packed == null) {
            return null;
        }
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            byte[] text = gzip.readNBytes(TEXT_BYTES_MAX + 1);
            return text.length > TEXT_BYTES_MAX ? null : PeerReport.parse(text);
        } catch (IOException e) {
            return null;
        }
    }
}
