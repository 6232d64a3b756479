/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import java.util.Arrays;

/** A report sealed by a {@link ReportSeal}, and cut into pieces of a datagram each. Immutable; nobody else keeps its bytes. */
public final class SealedReport {
    static final int PIECES_MAX = 64;
    static final int PIECE_BYTES = VarPieceEncoder.lengthMaxValue();

    /** As long as a report may be when it is sealed. */
    public static final int BYTES_MAX = PIECES_MAX * PIECE_BYTES;

    private final long number;
    private final int keyId;
    private final long session;
    private final long peerSession;
    private final byte[] bytes;

    /**
     * @param number rising with each of a session
     * @param keyId the key it is sealed under
     * @param session of the sender
     * @param bytes 1 to {@link #BYTES_MAX}
     */
    public SealedReport(long number, int keyId, long session, long peerSession, byte[] bytes) {
        Check.that(bytes.length > 0 && bytes.length <= BYTES_MAX, "length of a report", bytes.length);
        this.number = number;
        this.keyId = keyId;
        this.session = session;
        this.peerSession = peerSession;
        this.bytes = bytes;
    }

    public long number() {
        return number;
    }

    public int keyId() {
        return keyId;
    }

    public long session() {
        return session;
    }

    public long peerSession() {
        return peerSession;
    }

    /** How many datagrams it takes. */
    public int pieces() {
        return (bytes.length + PIECE_BYTES - 1) / PIECE_BYTES;
    }

    byte[] piece(int piece) {
        int from = piece * PIECE_BYTES;
        return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PIECE_BYTES));
    }

    /** What was sealed, or null, by the seal of this session and key. */
    public byte[] open(ReportSeal seal) {
        return seal.open(bytes);
    }
}
