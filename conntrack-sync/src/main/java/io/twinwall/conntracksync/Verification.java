/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.NanoClock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Who asked for a comparison of everything, and which one answers. A question is answered by a comparison that begins
 * after it, under a token that goes the way of the stages: the source audits its kernel, then ends a round that names the
 * token, at which the mirror audits its own. Allocates for questions only. The sync agent's thread.
 */
final class Verification {
    private final NanoClock clock;
    private final Function<Boolean, SyncProof> snapshot;
    private final List<SyncCommand.Verify> waiting = new ArrayList<>();
    private final List<SyncCommand.Verify> underWay = new ArrayList<>();
    private long token;

    /** @param snapshot how it stands, told whether the comparison asked for is complete */
    Verification(NanoClock clock, Function<Boolean, SyncProof> snapshot) {
        this.clock = clock;
        this.snapshot = snapshot;
    }

    void ask(SyncCommand.Verify question) {
        waiting.add(question);
        begin();
    }

    /** The token that this node's questions wait for; 0: there are none. */
    long wanted() {
        return token;
    }

    /** All stages were compared under {@code done}. */
    void done(long done) {
        if (token != 0 && done == token) {
            underWay.forEach(question -> question.done().complete(snapshot.apply(true)));
            underWay.clear();
            token = 0;
            begin();
        }
    }

    /** Who has waited long enough is told how it stands. */
    void expire(long nowNs) {
        if (token == 0) {
            return;
        }
        underWay.removeIf(question -> expired(question, nowNs));
        waiting.removeIf(question -> expired(question, nowNs));
        if (underWay.isEmpty()) {
            token = 0;
            begin();
        }
    }

    /** The role changed: what was compared were other tables. */
    void abandon() {
        waiting.addAll(underWay);
        underWay.clear();
        token = 0;
        waiting.forEach(question -> question.done().complete(snapshot.apply(false)));
        waiting.clear();
    }

    private boolean expired(SyncCommand.Verify question, long nowNs) {
        if (nowNs - question.deadlineNs() < 0) {
            return false;
        }
        question.done().complete(snapshot.apply(false));
        return true;
    }

    private void begin() {
        if (token == 0 && !waiting.isEmpty()) {
            underWay.addAll(waiting);
            waiting.clear();
            token = Math.max(1, clock.nanoTime());
        }
    }
}
