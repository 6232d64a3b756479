/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Takeover.Phase;
import io.twinwall.protocol.Takeover.PhaseDone;
import java.util.ArrayList;
import java.util.List;

/** What a node is in the middle of: at most one thing. */
public sealed interface Work {
    /** Nothing. */
    record Idle() implements Work {}

    /**
     * Becoming active, step by step; {@code token} is the effect waited for, until {@code deadlineNs}; {@code asked}: the
     * operator at this node waits for an answer; {@code lookNs}: it stood still, so that the gate is not opened before this,
     * nor without another look; NEVER: did not.
     */
    record TakingOver(
            Takeover soFar, Phase phase, long token, long sinceNs, long deadlineNs, boolean asked, long lookNs)
            implements Work {
        TakingOver at(Phase next, long nextToken, long nowNs, long nextDeadlineNs) {
            return new TakingOver(soFar, next, nextToken, nowNs, nextDeadlineNs, asked, lookNs);
        }

        TakingOver looking(long fromNs) {
            return new TakingOver(soFar, phase, token, sinceNs, deadlineNs, asked, fromNs);
        }

        /** What it was decided on is old, and the gate not open yet. */
        boolean outdated() {
            return lookNs != Moments.NEVER && phase.beforeGateOpen();
        }

        TakingOver with(PhaseDone done, Counts counts) {
            List<PhaseDone> phases = new ArrayList<>(soFar.phases());
            phases.add(done);
            Takeover more = new Takeover(
                    soFar.reason(),
                    soFar.planned(),
                    soFar.ready(),
                    soFar.term(),
                    soFar.decidedNs(),
                    soFar.detectNs(),
                    done.phase() == Phase.ANNOUNCE ? sinceNs + done.tookNs() - soFar.decidedNs() : soFar.totalNs(),
                    List.copyOf(phases),
                    done.phase() == Phase.DRAIN ? counts : soFar.counts());
            return new TakingOver(more, phase, token, sinceNs, deadlineNs, asked, lookNs);
        }
    }

    /** On the passive: waiting for the active's answer to a request; {@code reason} as in {@link Handover#reason()}. */
    record Asking(long token, int reason, long deadlineNs) implements Work {
        public boolean byOperator() {
            return reason != Handover.FAIL_BACK;
        }
    }

    /** On the active: waiting for the passive to confirm the barrier. */
    record Draining(int peer, Move move, long token, long deadlineNs) implements Work {}

    /** On the active: {@code peer} may claim {@code grantedTerm}; {@code claimSeen} once it says that it begins. */
    record Granting(int peer, Move move, long grantedTerm, boolean claimSeen, long deadlineNs) implements Work {}

    /** Handed over: still forwards what reaches it, then closes. */
    record Lingering(int peer, long untilNs) implements Work {}

    /** The end. */
    record Ended() implements Work {}
}
