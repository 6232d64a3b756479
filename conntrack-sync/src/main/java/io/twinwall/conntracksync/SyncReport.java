/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/** What the sync agent tells the role agent. */
public sealed interface SyncReport {
    /** The command {@code token} ended. {@code detail} is for people, empty when {@code ok}. */
    record Done(long token, boolean ok, String detail, Tally tally) implements SyncReport {}

    /**
     * Readiness of this node's copy or equality with the peer changed, in the role begun under {@code term}; or a number
     * did that matters.
     *
     * @param lagDeltas deltas that the mirror's kernel does not hold yet; told when they cross the bound
     * @param refused flows that the mirror's kernel would not take, and that a takeover would lose
     */
    record Changed(long term, Readiness readiness, boolean equal, long lagDeltas, long lagNs, long refused)
            implements SyncReport {}

    /** Kernel events were lost for {@code lengthNs}, and what they said has been learnt again by a dump. */
    record LossWindowClosed(long lengthNs, long flowsRepaired) implements SyncReport {}

    /** How complete this node's copy is. */
    enum Readiness {
        /** Nothing received, or too old to be of use. */
        COLD,
        /** Catching up. */
        SYNCING,
        /** Equal by digest, and the kernel holds it but for what it refuses. */
        READY
    }

    /** Flows at a moment: known, held by this kernel, and refused by it. */
    record Tally(long mirrored, long installed, long refused) {
        public static final Tally NONE = new Tally(0, 0, 0);
    }
}
