/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.AlarmCode;

/** What to do about an alarm, in a sentence; docs/OPERATING.md says more. */
final class AlarmHelp {
    /** The alarm of the stream's paths, which is not the role protocol's. */
    static final String SYNC_PATH_LOST = "SYNC_PATH_LOST";

    /** The journal's own. */
    static final String JOURNAL_OFF = "JOURNAL_OFF";

    private static final String PATH_REMEDY =
            "Nothing is lost. Look at that path's link, MTU and filter; the next to be cut is the last.";

    private static final String JOURNAL_REMEDY =
            "The pair works all the same. Make room on the disk, or mend what the text names; it is tried again by itself.";

    private AlarmHelp() {}

    /** The remedy for the alarm of that name; "" for one that only another version knows. */
    static String remedy(String code) {
        if (code.equals(SYNC_PATH_LOST)) {
            return PATH_REMEDY;
        }
        if (code.equals(JOURNAL_OFF)) {
            return JOURNAL_REMEDY;
        }
        for (AlarmCode known : AlarmCode.values()) {
            if (known.name().equals(code)) {
                return remedy(known);
            }
        }
        return "";
    }

    private static String remedy(AlarmCode code) {
        return switch (code) {
            case UNREADY_TAKEOVER ->
                "Expect lost connections. Find out why this node was not ready: addresses, ports and filter of the link, the key, the kernel's limits.";
            case UNFENCED_PEER ->
                "Make sure that the other host is off or its agent runs: if only its agent died, its kernel still forwards.";
            case TWO_ACTIVES ->
                "The pair resolves it by itself. Find out why they did not hear each other; add a heartbeat path.";
            case STEP_FAILED ->
                "Mend what the text names: an interface for VIPS, the lease's tables for GATE, a hook, or the disk under state.directory.";
            case PEER_LOST -> "Look at that host and at the paths to it. There is no standby until it is back.";
            case PEER_DEAF ->
                "Look for a filter, or one direction of a link: until the other node hears this one the pair is not protected.";
            case LATE ->
                "Look for CPU pressure, a paused virtual machine or swap; use a calmer timing profile if it recurs.";
            case GATE_LOST ->
                "Leave the tables named twinwall alone (nft flush ruleset, nft delete), and let UDP on lo reach the lease.";
            case VIP_ANSWERED ->
                "Find out who has the addresses: if it is the other host, start its agent again or switch it off; a stranger must give them up.";
            case VIP_CONFLICT ->
                "Find the host by its hardware address and have it give the address up; if it is the peer, look at its fence.";
            case ISOLATED ->
                "Mend this node's cables, switch ports or interfaces. If it is the good one: twinwall promote --force.";
            case FLAPPING ->
                "Find what changes: the reasons are among the changes. No planned move is made until the hold is over.";
            case FAULT -> "Mend what the text names; the node comes back as BACKUP by itself.";
            case PEER_NOT_READY ->
                "Look at the other node: in fault, copy not complete, or replication behind. A takeover now would lose flows.";
            case UNREADY_HANDOVER -> "Expect lost connections; mend what the alarm FAULT names.";
            case GATE_FAILING ->
                "Look at the log of twinwall.gate, at nft list tables, the kernel's modules, and whether lo is up.";
            case FORCED -> "Make sure that the other host does not forward.";
            case COUNTDOWN ->
                "Nobody is active until it is over. To keep this node from taking over: twinwall veto, here.";
        };
    }
}
