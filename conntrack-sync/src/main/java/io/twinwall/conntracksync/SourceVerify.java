/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.wire.AckDecoder;

/**
 * The source's part of a comparison that was asked for, here or by the mirror: an audit that begins after the question,
 * then rounds that name its token, until the mirror says that it has compared too. The sync agent's thread.
 */
final class SourceVerify {
    /** Whoever asks, here or there, has been answered by then. */
    private static final long GIVEN_UP_NS = 15_000_000_000L;

    private final Verification verification;
    private final DeltaPublisher publisher;
    private long token;
    private long beganNs;
    private boolean auditWanted;
    private boolean auditing;
    private boolean peerProves;
    private long peerAsked;
    private long served;

    SourceVerify(Verification verification, DeltaPublisher publisher) {
        this.verification = verification;
        this.publisher = publisher;
    }

    /** Another session: what the peer said before counts no more. */
    void reset() {
        end();
        peerProves = false;
        peerAsked = 0;
    }

    void work(long nowNs) {
        if (token != 0 && nowNs - beganNs > GIVEN_UP_NS) {
            end();
        }
        if (token != 0) {
            return;
        }
        long wanted = verification.wanted();
        long next = wanted != 0 && wanted != served ? wanted : peerAsked;
        if (next != 0 && next != served) {
            token = next;
            served = next;
            beganNs = nowNs;
            auditWanted = true;
        }
    }

    boolean auditWanted() {
        return auditWanted;
    }

    void auditBegins() {
        auditing = auditWanted;
        auditWanted = false;
    }

    void auditEnded() {
        if (auditing) {
            auditing = false;
            publisher.verify(token);
            endIfPeerIsMute();
        }
    }

    void told(AckDecoder ack) {
        peerProves = ack.tableMirror() != null;
        peerAsked = peerProves ? ack.verifyAsked() : 0;
        if (token != 0 && !auditWanted && !auditing) {
            if (peerProves && ack.verified() == token) {
                verification.done(token);
                end();
            } else {
                endIfPeerIsMute();
            }
        }
    }

    /** A peer of an older version compares as ever, and does not say how that came out. */
    private void endIfPeerIsMute() {
        if (!peerProves) {
            verification.done(token);
            end();
        }
    }

    private void end() {
        token = 0;
        auditWanted = false;
        auditing = false;
        publisher.verify(0);
    }
}
