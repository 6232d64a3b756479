/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether the nodes hear each other, on every path, and if not, why. */
final class PeerExam implements Exam {
    private static final Map<String, String> REASONS = new LinkedHashMap<>();

    static {
        REASONS.put("tag", "the two nodes have different keys");
        REASONS.put("key_id", "its key was changed by hand on one node only");
        REASONS.put("cluster", "cluster.id differs");
        REASONS.put("node", "the ids of [node] and [peer] do not match");
        REASONS.put("version", "its version is too far from this one");
    }

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Optional<Running> daemon = host.daemon();
        if (daemon.isEmpty()) {
            return;
        }
        Running running = daemon.get();
        if (!running.peer().alive()) {
            silent(running, plan, found);
        } else if (!running.peer().hearsMe()) {
            found.error(
                    "peer-deaf",
                    running.peer().name() + " is heard, but does not hear this node.",
                    "The pair is not protected: a deaf passive may take over from a healthy active.",
                    Remedy.advice(
                            "sudo twinwall doctor on the other host names the rule, address or interface that is in"
                                    + " the way there."));
        } else {
            paths(running, found);
        }
        unlike(running.peer(), plan, found);
        if (running.counter("wire_messages_unknown_total") + running.counter("wire_parts_unknown_total") > 0) {
            found.note(
                    "peer-newer",
                    running.peer().name() + " is, or was, of a newer version.",
                    "What this version does not know it leaves out; until both are of one version, not all is"
                            + " replicated.",
                    Remedy.advice("Bring this host to the same version: stop, install, start, wait for READY."));
        }
    }

    /** What should be alike on both. */
    private static void unlike(Running.Peer peer, Plan plan, Findings found) {
        if (!peer.sameVersion()) {
            found.warning(
                    "peer-version",
                    peer.name() + " is of another version than the daemon here.",
                    "What the older one does not know is left out; a pair is of two versions only while it is upgraded.",
                    Remedy.advice(
                            "Install the same version on both hosts, the passive first, and restart; twinwall version"
                                    + " tells which one a host has."));
        }
        if (!peer.samePair()) {
            found.warning(
                    "peer-configuration",
                    peer.name() + " runs with another configuration of the pair.",
                    "Addresses, timing, policies or filters change with the role; what one node defends the other may not"
                            + " have.",
                    Remedy.advice(
                            "Compare " + plan.files().configuration() + " of both hosts, and twinwall reload where it"
                                    + " was changed; the digest in the first line must then be the same on both."));
        }
        if (Math.abs(peer.clockAheadMs()) > Running.Peer.CLOCK_MS) {
            String way = peer.clockAheadMs() > 0 ? "ahead of" : "behind";
            found.warning(
                    "peer-clock",
                    String.format(
                            Locale.ROOT,
                            "The clock of %s is %.1f s %s this host's.",
                            peer.name(),
                            Math.abs(peer.clockAheadMs()) / 1e3,
                            way),
                    "Takeovers do not depend on it, but the logs, histories and start times of flows of the two nodes cannot"
                            + " be read side by side.",
                    Remedy.run("timedatectl set-ntp true")
                            .saying("On both hosts, or whatever sets their clocks there."));
        }
    }

    private static void silent(Running running, Plan plan, Findings found) {
        List<String> refused = new ArrayList<>();
        REASONS.forEach((reason, words) -> {
            long count = running.counter("wire_heartbeats_refused_" + reason + "_total");
            if (count > 0) {
                refused.add(words + " (" + count + " refused)");
            }
        });
        String name = running.peer().name();
        if (refused.isEmpty()) {
            found.error(
                    "peer-silent",
                    name + " is not heard.",
                    "There is no standby: when this node fails, nobody takes over.",
                    Remedy.advice(
                            "Nothing comes from it, by any path. Is it on, and does its agent run? Then sudo twinwall"
                                    + " doctor there says what is in the way."));
            return;
        }
        Remedy remedy = running.counter("wire_heartbeats_refused_tag_total") > 0
                ? copyOfKey(plan)
                : Remedy.advice("Compare [cluster], [node] and [peer] of both configurations, and both versions.");
        found.error(
                "peer-refused",
                "Heartbeats come from " + name + " and are refused: " + String.join("; ", refused) + ".",
                "To this node the other one does not exist: both may become active.",
                remedy);
    }

    /** To the peer, by the first way there is. */
    private static Remedy copyOfKey(Plan plan) {
        String key = Shell.quoted(plan.files().key());
        return plan.links().stream()
                .map(link -> link.peer().getAddress().getHostAddress())
                .findFirst()
                .map(peer -> peer.indexOf(':') < 0 ? peer : "[" + peer + "]")
                .map(peer -> Remedy.run("scp -p " + key + " "
                                + Shell.quoted(
                                        "root@" + peer + ":" + plan.files().key()))
                        .saying("If this node's key is the right one. Then, on the other host: twinwall reload."))
                .orElseGet(() -> Remedy.advice("Copy the key file of one node to the other."));
    }

    private static void paths(Running running, Findings found) {
        for (Running.PathState path : running.paths()) {
            if (!path.state().equals("HEARD")) {
                String problem = path.problem().isEmpty() ? "" : ": " + path.problem();
                found.warning(
                        "path-silent",
                        "The peer is not heard by path \"" + path.name() + "\"" + problem + ".",
                        "The pair lives on the other paths; the next to fail may be the last.",
                        Remedy.advice("Look at its cable, addresses and filters on both hosts."));
            }
        }
    }
}
