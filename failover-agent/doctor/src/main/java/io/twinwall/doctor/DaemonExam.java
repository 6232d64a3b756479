/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.Optional;
import java.util.Set;

/** Whether a daemon runs, of this version and with this configuration, and what it alarms. */
final class DaemonExam implements Exam {
    /** What {@link PeerExam} and {@link ReplicationExam} tell, with their remedies. */
    private static final Set<String> TOLD_ELSEWHERE = Set.of("PEER_LOST", "PEER_DEAF", "PEER_NOT_READY");

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Optional<Running> daemon = host.daemon();
        if (daemon.isEmpty()) {
            found.note(
                    "daemon-not-running",
                    "No daemon answers at " + plan.files().socket() + ".",
                    "What only it knows was not looked at: the peer, replication, alarms.",
                    Remedy.run(
                            "twinwall run --config " + Shell.quoted(plan.files().configuration())));
            return;
        }
        Running running = daemon.get();
        if (!running.version().equals(plan.version())) {
            String theirs = running.version().isEmpty() ? "an earlier version" : "version " + running.version();
            found.warning(
                    "daemon-version",
                    "The daemon is of " + theirs + ", this program of " + plan.version() + ".",
                    "What was installed does not run yet.",
                    Remedy.advice("Restart the daemon; an active hands over first."));
        }
        if (differs(running.pairDigest(), plan.pairDigest()) || differs(running.configDigest(), plan.configDigest())) {
            found.warning(
                    "daemon-configuration",
                    "The daemon runs with another configuration than the file "
                            + plan.files().configuration() + ".",
                    "After its next start it behaves otherwise than now, and perhaps otherwise than its peer.",
                    Remedy.run("twinwall reload")
                            .saying("It names the keys that need a restart; the digest in the first line must then be"
                                    + " the same on both hosts."));
        }
        running.alarms().stream()
                .filter(alarm -> !TOLD_ELSEWHERE.contains(alarm.code()))
                .forEach(alarm -> found.warning(
                        "alarm",
                        "The daemon alarms " + alarm.code() + ": " + alarm.text() + ".",
                        "It goes on until its cause is mended.",
                        Remedy.advice("docs/OPERATING.md, Alarms, says what to do.")));
    }

    /** A daemon of an earlier version does not tell; a file that does not fit this host has no digest of the whole. */
    private static boolean differs(String runs, String written) {
        return !runs.isEmpty() && !written.isEmpty() && !runs.equals(written);
    }
}
