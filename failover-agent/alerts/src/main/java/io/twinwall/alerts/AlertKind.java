/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a notice may be about. A kind that <em>lasts</em> is a condition: it is opened, told again while it holds, and
 * its end is told; the others are events.
 */
public enum AlertKind {
    PEER_LOST(
            Severity.WARNING,
            true,
            "Look at the other host, its agent and the heartbeat paths. There is no standby until it is back."),
    PEER_DEAF(
            Severity.WARNING,
            true,
            "Look for a filter, or a link that works in one direction. Until it is mended the pair is not protected."),
    PEER_NOT_READY(
            Severity.WARNING,
            true,
            "The text says why. See twinwall status on both nodes; a takeover now would lose connections."),
    COUNTDOWN(
            Severity.CRITICAL,
            true,
            "Nobody is active until it is over. To keep this node from taking over: twinwall veto, on this node."),
    TAKEOVER(
            Severity.WARNING,
            false,
            "Find out why the other node was lost: its log, and the changes in twinwall status."),
    SWITCHOVER(Severity.INFO, false, "Nothing, if it was meant; else the reason is in the text."),
    UNREADY_TAKEOVER(
            Severity.CRITICAL,
            false,
            "Connections were lost. Find out why this node was not ready when it was needed."),
    UNFENCED_PEER(
            Severity.CRITICAL,
            false,
            "Make sure that the other host is off, or that its agent runs: its kernel may still forward."),
    UNREADY_HANDOVER(Severity.CRITICAL, false, "Connections were lost. Mend what the fault names."),
    FORCED(Severity.WARNING, false, "Make sure that the other host does not forward."),
    TWO_ACTIVES(
            Severity.CRITICAL,
            true,
            "The pair resolves it by itself. Find out why the nodes did not hear each other; add a heartbeat path."),
    FLAPPING(
            Severity.WARNING,
            true,
            "Find what changes: twinwall status has the reasons. No planned move is made meanwhile."),
    ISOLATED(Severity.CRITICAL, true, "Look at this node's own cables, switch ports and interfaces."),
    FAULT(Severity.CRITICAL, true, "Mend the need that the text names."),
    GATE_FAILING(
            Severity.CRITICAL,
            true,
            "See the log lines of twinwall.gate, nft list tables, and whether lo is up. This node cannot forward."),
    LEASE_RESTORED(
            Severity.WARNING,
            false,
            "Somebody changed or flushed the tables named twinwall, or takes the renewals on lo. Leave them alone."),
    LATE(
            Severity.WARNING,
            false,
            "Look for CPU pressure, a paused virtual machine or swap; use a calmer profile if it recurs."),
    STEP_FAILED(Severity.WARNING, false, "The text names the step and the cause; the log has more."),
    VIP_ANSWERED(
            Severity.CRITICAL,
            false,
            "Nobody takes over while the addresses are answered. Find who answers; see twinwall promote --force."),
    VIP_CONFLICT(
            Severity.CRITICAL, true, "Find the host by the hardware address in the text; it must give the address up."),
    LOSS_WINDOW(
            Severity.WARNING,
            false,
            "It was repaired. If it recurs, raise sync.event-buffer-mb or free some processor time."),
    DRIFT(
            Severity.WARNING,
            true,
            "See twinwall verify: what differs, and what was repaired why; of configuration and version, twinwall doctor."),
    PATH_LOST(
            Severity.WARNING,
            true,
            "Look at its link, filters and MTU. Another path works; the next cut may be the last."),
    KEY_TROUBLE(
            Severity.WARNING,
            true,
            "Compare the key files and the ids of both nodes, and look whether the key file can be written."),
    JOURNAL_OFF(
            Severity.WARNING,
            true,
            "The pair works all the same. Make room on the disk, or mend what the text names; it is tried again by itself."),
    MAINTENANCE(
            Severity.INFO, true, "twinwall maintenance off, when the work is done. The pair has no standby meanwhile."),

    /** Not to be chosen: sent by {@code twinwall alert test}. */
    TEST(Severity.INFO, false, "Nothing: somebody asked for it."),
    /** Not to be chosen: in place of notices that were too many. */
    HELD_BACK(Severity.WARNING, false, "See twinwall status for all that is wrong now.");

    private final Severity severity;
    private final boolean lasts;
    private final String advice;

    AlertKind(Severity severity, boolean lasts, String advice) {
        this.severity = severity;
        this.lasts = lasts;
        this.advice = advice;
    }

    public Severity severity() {
        return severity;
    }

    /** True for a condition, which ends; false for an event. */
    public boolean lasts() {
        return lasts;
    }

    /** What to do, for a person. */
    public String advice() {
        return advice;
    }

    /** As the configuration writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Those that a configuration may choose among. */
    public static List<AlertKind> choice() {
        return Arrays.stream(values())
                .filter(kind -> kind != TEST && kind != HELD_BACK)
                .toList();
    }
}
