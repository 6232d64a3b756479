/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/** A piece of a {@link SealedReport}, authentic and of this session, for the {@link ReportAssembler}. */
public final class ReportPiece {
    private final int keyId;
    private final long number;
    private final int piece;
    private final int pieces;
    private final byte[] bytes;

    ReportPiece(int keyId, long number, int piece, int pieces, byte[] bytes) {
        this.keyId = keyId;
        this.number = number;
        this.piece = piece;
        this.pieces = pieces;
        this.bytes = bytes;
    }

    int keyId() {
        return keyId;
    }

    /** Of the report; a later one has a higher. */
    public long number() {
        return number;
    }

    /** 0 to {@link #pieces()} - 1. */
    int piece() {
        return piece;
    }

    int pieces() {
        return pieces;
    }

    byte[] bytes() {
        return bytes;
    }
}
