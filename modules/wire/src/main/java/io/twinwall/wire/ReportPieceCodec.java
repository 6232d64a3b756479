/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The {@link ReportPiece} on the wire, without its HMAC. */
final class ReportPieceCodec {
    private static final int HEADER = MessageHeaderEncoder.ENCODED_LENGTH;

    private final LinkIdentity identity;
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final ReportPieceEncoder encoder = new ReportPieceEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ReportPieceDecoder decoder = new ReportPieceDecoder();

    ReportPieceCodec(LinkIdentity identity) {
        this.identity = identity;
    }

    /** Writes a piece at the start of {@code buffer}; returns the length to be signed. */
    int encode(SealedReport report, int piece, UnsafeBuffer buffer) {
        byte[] bytes = report.piece(piece);
        encoder.wrapAndApplyHeader((MutableDirectBuffer) buffer, 0, headerEncoder)
                .clusterId((short) identity.clusterId())
                .nodeId((short) identity.nodeId())
                .peerId((short) identity.peerId())
                .keyId((short) report.keyId())
                .piece((short) piece)
                .pieces((short) report.pieces())
                .session(report.session())
                .peerSession(report.peerSession())
                .number(report.number())
                .putBytes(bytes, 0, bytes.length);
        return HEADER + encoder.encodedLength();
    }

    /** What is wrong with it but for its HMAC, or null: then {@link #keyId} and {@link #read} tell of it. */
    RefuseReason judge(UnsafeBuffer buffer, int signedBytes, long session, long peerSession) {
        header.wrap(buffer, 0);
        if (header.schemaId() != ReportPieceDecoder.SCHEMA_ID
                || header.templateId() != ReportPieceDecoder.TEMPLATE_ID) {
            return RefuseReason.VERSION;
        }
        int block = header.blockLength();
        int lengthAt = HEADER + block;
        int bytesAt = lengthAt + ReportPieceDecoder.bytesHeaderLength();
        if (block < ReportPieceDecoder.BLOCK_LENGTH || bytesAt > signedBytes) {
            return RefuseReason.TRUNCATED;
        }
        decoder.wrap(buffer, HEADER, block, header.version());
        if (bytesAt + decoder.bytesLength() != signedBytes) {
            return RefuseReason.TRUNCATED;
        }
        if (decoder.clusterId() != identity.clusterId()) {
            return RefuseReason.CLUSTER;
        }
        if (decoder.nodeId() != identity.peerId() || decoder.peerId() != identity.nodeId()) {
            return RefuseReason.NODE;
        }
        if (session == 0 || decoder.session() != peerSession || decoder.peerSession() != session) {
            return RefuseReason.SESSION;
        }
        return isPiece() ? null : RefuseReason.VALUE;
    }

    private boolean isPiece() {
        int pieces = decoder.pieces();
        int length = decoder.bytesLength();
        boolean last = decoder.piece() == pieces - 1;
        return pieces >= 1
                && pieces <= SealedReport.PIECES_MAX
                && decoder.piece() < pieces
                && decoder.number() > 0
                && (last ? length > 0 && length <= SealedReport.PIECE_BYTES : length == SealedReport.PIECE_BYTES);
    }

    int keyId() {
        return decoder.keyId();
    }

    /** The piece judged last. Its HMAC must have been found good. */
    ReportPiece read() {
        byte[] bytes = new byte[decoder.bytesLength()];
        ReportPiece piece =
                new ReportPiece(decoder.keyId(), decoder.number(), decoder.piece(), decoder.pieces(), bytes);
        decoder.getBytes(bytes, 0, bytes.length);
        return piece;
    }
}
