/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import java.util.Arrays;

/**
 * Puts the pieces of reports together, which come by several paths, so twice, in any order, or not at all: then the
 * report is given up with the first piece of a later one. Holds one report. One thread.
 */
public final class ReportAssembler {
    private final byte[][] found = new byte[SealedReport.PIECES_MAX][];
    private long session;
    private long number;
    private int keyId;
    private int pieces;
    private int missing;

    /**
     * Takes a piece that {@link HeartbeatCodec#decodePiece} found good for these sessions.
     *
     * @param session of the sender, {@code peerSession} of this node
     * @return the whole when nothing is missing any more, else null
     */
    public SealedReport onPiece(ReportPiece piece, long session, long peerSession) {
        if (session != this.session || piece.number() > number) {
            begin(piece, session);
        }
        boolean fits = piece.number() == number && piece.pieces() == pieces && piece.keyId() == keyId;
        if (!fits || missing == 0 || found[piece.piece()] != null) {
            return null;
        }
        found[piece.piece()] = piece.bytes();
        missing--;
        return missing == 0 ? new SealedReport(number, keyId, session, peerSession, whole()) : null;
    }

    private void begin(ReportPiece piece, long newSession) {
        session = newSession;
        number = piece.number();
        keyId = piece.keyId();
        pieces = piece.pieces();
        missing = pieces;
        Arrays.fill(found, null);
    }

    private byte[] whole() {
        int length = (pieces - 1) * SealedReport.PIECE_BYTES + found[pieces - 1].length;
        byte[] whole = new byte[length];
        for (int i = 0; i < pieces; i++) {
            System.arraycopy(found[i], 0, whole, i * SealedReport.PIECE_BYTES, found[i].length);
        }
        return whole;
    }
}
