/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.wire.SessionKeys;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** What the role agent tells the sync agent, through a lock-free queue; answered by {@link SyncReport}s. */
public sealed interface SyncCommand {
    /** A session with the peer exists: these keys, this term, from now on. Frames of any other are refused. */
    record SessionUp(SessionKeys keys, long term) implements SyncCommand {}

    /** The same session goes on under another cluster key; nothing is begun anew. Nothing without a session. */
    record Rekey(SessionKeys keys, Use use) implements SyncCommand {
        /** What the keys are for: to open frames beside the others, to seal them from now on, or no others any more. */
        public enum Use {
            ACCEPT,
            SEND,
            ONLY
        }
    }

    /** The cluster's term rose; older frames are refused from here on. */
    record TermSeen(long term) implements SyncCommand {}

    /** Apply what has arrived and put all of it into the kernel, by {@code deadlineNs} at the latest. */
    record DrainInjector(long token, long deadlineNs) implements SyncCommand {}

    /** Listen to the own kernel and publish: this node is, or is about to be, the active. */
    record BecomeSource(long token, long term) implements SyncCommand {}

    /** Stop listening; follow the peer. */
    record BecomeMirror(long token, long term) implements SyncCommand {}

    /** Publish all that is pending and ask the peer to confirm that its kernel holds it. */
    record Barrier(long token, long deadlineNs) implements SyncCommand {}

    /** Take the slack that the mirror added out of the kernel's timeouts, paced, in the background. */
    record CorrectTimeouts(long token) implements SyncCommand {}

    /** The node's own addresses changed: flows that begin or end there are not the pair's. */
    record OwnAddresses(FlowFilter filter) implements SyncCommand {}

    /** From now on these rules say which flows travel. A source reads its kernel anew: some leave the peer, some come. */
    record Select(FlowRules rules) implements SyncCommand {}

    /**
     * Say how equal the four tables are; {@code now}: compare them all first, and answer at {@code deadlineNs} whatever is
     * known then.
     */
    record Verify(boolean now, long deadlineNs, CompletableFuture<SyncProof> done) implements SyncCommand {}

    /**
     * Walk the table, a slice a cycle and as far as {@code visitor} answers true; it must copy what it keeps. {@code done}
     * completes with the number of flows visited.
     */
    record Visit(Predicate<FlowImage> visitor, CompletableFuture<Integer> done) implements SyncCommand {}
}
