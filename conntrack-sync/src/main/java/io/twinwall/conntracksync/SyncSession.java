/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.wire.FrameCounters;
import io.twinwall.wire.FrameOpener;
import io.twinwall.wire.FrameSealer;
import io.twinwall.wire.Link;
import io.twinwall.wire.SessionKeys;

/** The keys shared with the peer, while there are any, and the least term that frames may have. The sync agent's thread. */
final class SyncSession {
    private final Link link;
    private final FrameSender sender;
    private final FrameCounters counters;
    private FrameSealer sealer;
    private FrameOpener opener;
    private long term;

    SyncSession(Link link, FrameSender sender, FrameCounters counters) {
        this.link = link;
        this.sender = sender;
        this.counters = counters;
    }

    void open(SessionKeys keys, long seen) {
        close();
        link.forget();
        sealer = new FrameSealer(keys, link.frameBytesMax());
        opener = new FrameOpener(keys, link.frameBytesMax(), counters);
        sender.session(sealer);
        term(seen);
    }

    void close() {
        sender.session(null);
        if (sealer != null) {
            sealer.close();
            opener.close();
            sealer = null;
            opener = null;
        }
    }

    /** The cluster's key is being changed; nothing to do while there is no session, whose keys will be new ones. */
    void rekey(SyncCommand.Rekey rekey) {
        if (!isOpen()) {
            return;
        }
        switch (rekey.use()) {
            case ACCEPT -> opener.accept(rekey.keys());
            case SEND -> sealer.rekey(rekey.keys());
            case ONLY -> opener.acceptOnly(rekey.keys().keyId());
        }
    }

    /** Whether the link took a frame since this was asked last. */
    boolean takeSent() {
        return sender.takeSent();
    }

    /** The cluster's term may have risen. */
    void term(long seen) {
        term = Math.max(term, seen);
        if (opener != null) {
            opener.termMin(term);
        }
    }

    long term() {
        return term;
    }

    boolean isOpen() {
        return opener != null;
    }

    /** Opens what the peer sealed; only while {@link #isOpen}. */
    FrameOpener opener() {
        return opener;
    }
}
