/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertFact;
import io.twinwall.alerts.AlertKind;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.Takeover;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the journal tells, as facts for the alerts. Pure. */
final class AlertFacts {
    private AlertFacts() {}

    static AlertFact of(RoleEffect.Alarm alarm) {
        AlertKind kind = kind(alarm.code());
        return kind.lasts()
                ? new AlertFact.Raised(kind, "", alarm.text())
                : new AlertFact.Happened(kind, "", alarm.text());
    }

    static AlertKind kind(AlarmCode code) {
        return switch (code) {
            case UNREADY_TAKEOVER -> AlertKind.UNREADY_TAKEOVER;
            case UNFENCED_PEER -> AlertKind.UNFENCED_PEER;
            case TWO_ACTIVES -> AlertKind.TWO_ACTIVES;
            case STEP_FAILED -> AlertKind.STEP_FAILED;
            case PEER_LOST -> AlertKind.PEER_LOST;
            case PEER_DEAF -> AlertKind.PEER_DEAF;
            case LATE -> AlertKind.LATE;
            case GATE_LOST -> AlertKind.LEASE_RESTORED;
            case VIP_ANSWERED -> AlertKind.VIP_ANSWERED;
            case VIP_CONFLICT -> AlertKind.VIP_CONFLICT;
            case ISOLATED -> AlertKind.ISOLATED;
            case FLAPPING -> AlertKind.FLAPPING;
            case FAULT -> AlertKind.FAULT;
            case PEER_NOT_READY -> AlertKind.PEER_NOT_READY;
            case UNREADY_HANDOVER -> AlertKind.UNREADY_HANDOVER;
            case GATE_FAILING -> AlertKind.GATE_FAILING;
            case FORCED -> AlertKind.FORCED;
            case COUNTDOWN -> AlertKind.COUNTDOWN;
        };
    }

    /** The report: why, how long each step took, and what became of the flows. */
    static AlertFact of(Takeover takeover, String node) {
        String steps = takeover.phases().stream()
                .map(phase -> String.format(
                        Locale.ROOT,
                        "%s %.1f%s",
                        phase.phase().name().toLowerCase(Locale.ROOT),
                        phase.tookNs() / 1e6,
                        phase.ok() ? "" : " FAILED"))
                .collect(Collectors.joining(", "));
        String text = String.format(
                Locale.ROOT,
                "%s is active, term %d: %s; active after %.1f ms (%s); %,d flows mirrored, %,d in the kernel, %,d refused",
                node,
                takeover.term(),
                takeover.reason(),
                takeover.totalNs() / 1e6,
                steps,
                takeover.counts().mirrored(),
                takeover.counts().installed(),
                takeover.counts().refused());
        return new AlertFact.Happened(takeover.planned() ? AlertKind.SWITCHOVER : AlertKind.TAKEOVER, "", text);
    }

    static AlertFact lossWindow(long lengthNs, long flowsRepaired) {
        String text = String.format(
                Locale.ROOT,
                "kernel events were lost for %,d ms; the table was audited, %,d deltas repair the peer",
                lengthNs / 1_000_000,
                flowsRepaired);
        return new AlertFact.Happened(AlertKind.LOSS_WINDOW, "", text);
    }
}
