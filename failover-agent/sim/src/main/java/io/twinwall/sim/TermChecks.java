/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Role;

/** {@link Rule#OLD_TERM} and {@link Rule#TERM_REUSED}. */
final class TermChecks {
    private final World world;
    /** By node: the highest term heard from anybody, and from a master, in this life of the agent. */
    private final long[] heard = new long[3];

    private final long[] masterHeard = new long[3];
    /** The term of the master heard last. */
    private final long[] master = new long[3];
    /** The highest term said to be stored. */
    private final long[] stored = new long[3];
    /** The same, of earlier lives. */
    private final long[] before = new long[3];

    private final long[] floor = new long[3];
    private final boolean[] claims = new boolean[3];

    TermChecks(World world) {
        this.world = world;
    }

    void born(Node node) {
        heard[node.number] = 0;
        masterHeard[node.number] = 0;
        master[node.number] = 0;
        claims[node.number] = false;
        before[node.number] = stored[node.number];
    }

    /** What came from the network, before anything was forged. */
    void heard(Node node, Heartbeat heartbeat) {
        int n = node.number;
        heard[n] = Math.max(heard[n], heartbeat.term());
        if (heartbeat.role() == Role.MASTER) {
            masterHeard[n] = Math.max(masterHeard[n], heartbeat.term());
            master[n] = heartbeat.term();
        }
    }

    /** It begins to mirror the master that it heard last. */
    void follows(Node node) {
        int n = node.number;
        if (master[n] < heard[n]) {
            world.broken(
                    Rule.OLD_TERM,
                    () -> node.name() + " follows a master of term " + master[n] + ", having heard of term "
                            + heard[n]);
        }
    }

    /** A frame of the other's was taken: its header says {@code term}, and its sender knew of {@code toldTerm}. */
    void accepted(Node node, long term, long toldTerm) {
        if (term < node.termTold || term > toldTerm) {
            world.broken(
                    Rule.OLD_TERM,
                    () -> node.name() + " takes a frame of term " + term + " from one who knew of " + toldTerm
                            + ", knowing of term " + node.termTold);
        }
    }

    void claimed(Node node, long term) {
        int n = node.number;
        floor[n] = Math.max(masterHeard[n], before[n]);
        claims[n] = true;
        judge(node, term);
    }

    /** The first heartbeat of a claim is what others go by. */
    void said(Node node, Heartbeat heartbeat) {
        if (claims[node.number] && heartbeat.role() == Role.MASTER) {
            claims[node.number] = false;
            judge(node, heartbeat.term());
        }
    }

    private void judge(Node node, long term) {
        int n = node.number;
        if (term <= floor[n]) {
            world.broken(
                    Rule.TERM_REUSED,
                    () -> node.name() + " claims with term " + term
                            + "; heard of a master, or stored in an earlier life: " + floor[n]);
        }
        heard[n] = Math.max(heard[n], term);
    }

    void stored(Node node, long term) {
        stored[node.number] = Math.max(stored[node.number], term);
    }

    /** The world lost the file: nobody is to blame for what it said. */
    void fileLost(Node node) {
        stored[node.number] = 0;
    }
}
