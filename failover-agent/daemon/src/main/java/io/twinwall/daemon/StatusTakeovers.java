/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.Takeover;

/** {@link StatusPage}: a takeover and its steps. */
final class StatusTakeovers {
    private StatusTakeovers() {}

    static CliStatus.Takeover takeover(Takeover takeover, long nowNs) {
        return new CliStatus.Takeover(
                takeover.reason(),
                takeover.planned(),
                takeover.term(),
                takeover.decidedNs(),
                takeover.detectNs() / 1e6,
                new CliStatus.Phases(
                        ms(takeover, Takeover.Phase.HOOKS),
                        ms(takeover, Takeover.Phase.DRAIN),
                        ms(takeover, Takeover.Phase.SOURCE),
                        ms(takeover, Takeover.Phase.GATE),
                        ms(takeover, Takeover.Phase.VIPS),
                        ms(takeover, Takeover.Phase.ANNOUNCE),
                        ms(takeover, Takeover.Phase.TIMEOUTS),
                        takeover.totalNs() / 1e6),
                new CliStatus.Flows(
                        takeover.counts().mirrored(),
                        takeover.counts().installed(),
                        takeover.counts().refused()),
                takeover.ready(),
                Ago.ms(nowNs, takeover.decidedNs()),
                takeover.phases().stream()
                        .filter(phase -> !phase.ok())
                        .map(phase -> phase.phase() + ": " + phase.detail())
                        .toList());
    }

    private static double ms(Takeover takeover, Takeover.Phase phase) {
        return takeover.phaseNs(phase) / 1e6;
    }
}
