/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.List;
import java.util.Map;

/**
 * What the daemon tells of itself and its peer. Texts that an older daemon does not tell are empty.
 *
 * @param pairDigest of the configuration it runs with, see {@link Plan#pairDigest}
 * @param configDigest of the whole of it, see {@link Plan#configDigest}
 * @param counters by name, as the metrics have them
 * @param alarms those that hold now
 */
public record Running(
        String version,
        String pairDigest,
        String configDigest,
        String role,
        String readiness,
        Peer peer,
        List<PathState> paths,
        Map<String, Long> counters,
        List<Alarm> alarms) {
    /**
     * The other node.
     *
     * @param state ALIVE, LOST or NEVER_SEEN
     * @param sameVersion whether it is of the daemon's version; true, too, when that is not known
     * @param samePair whether it runs with the same {@link Running#pairDigest}; true, too, when that is not known
     * @param clockAheadMs by how much its clock is ahead of this host's; 0, too, when that is not known
     */
    public record Peer(
            String name,
            String state,
            String readiness,
            boolean hearsMe,
            boolean sameVersion,
            boolean samePair,
            long clockAheadMs) {
        /** Clocks that differ by more are told. */
        public static final long CLOCK_MS = 1_000;

        /** Of which is known only what the protocol knows. */
        public Peer(String name, String state, String readiness, boolean hearsMe) {
            this(name, state, readiness, hearsMe, true, true, 0);
        }

        boolean alive() {
            return state.equals("ALIVE");
        }
    }

    /** A heartbeat path; {@code state} is HEARD, SILENT, NEVER_HEARD or DOWN, {@code problem} what is wrong here, or "". */
    public record PathState(String name, String state, String problem) {}

    /** One that holds. */
    public record Alarm(String code, String text) {}

    long counter(String name) {
        return counters.getOrDefault(name, 0L);
    }

    boolean master() {
        return role.equals("MASTER");
    }
}
