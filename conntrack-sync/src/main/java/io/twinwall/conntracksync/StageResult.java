/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import io.twinwall.wire.ComparisonDecoder;
import io.twinwall.wire.ComparisonEncoder;

/** How the last comparison of one stage of the proof came out, on this node or told by the peer. The sync agent's thread. */
final class StageResult {
    private static final long NS_PER_MS = 1_000_000;

    /** A source tells with each round, every five seconds; a mirror with each acknowledgement, ten times a second. */
    private static final long SOURCE_SILENT_NS = 15_000_000_000L;

    private static final long MIRROR_SILENT_NS = 3_000_000_000L;

    private final String name;
    private final String side;
    private final long silentNs;
    private final long staleNs;
    private final Counter comparedGauge;
    private final Counter differingGauge;
    private final Counter equalSeconds;
    private final Counter comparisons;
    private boolean known;
    private long compared;
    private long differing;
    private long atNs;
    private long equalSinceNs;
    private long repaired;

    /** What stands here are the peer's words. */
    private boolean told;

    private long toldNs;
    private long toldRepaired;

    StageResult(String name, String side, Counters counters) {
        this.name = name;
        this.side = side;
        silentNs = "source".equals(side) ? SOURCE_SILENT_NS : MIRROR_SILENT_NS;
        staleNs = SyncProof.staleMs(name) * NS_PER_MS;
        String metric = "sync_proof_" + name.replace('-', '_');
        comparedGauge = counters.gauge(
                metric + "_compared",
                "Flows in the last comparison of " + name + ".",
                series("sync_proof_compared_flows", "Flows in the last comparison, by stage."));
        differingGauge = counters.gauge(
                metric + "_differing",
                "What differed in the last comparison of " + name + "; -1: not compared.",
                series(
                        "sync_proof_differing",
                        "What differed in the last comparison, by stage: flows, of table-mirror buckets; -1: not known."));
        equalSeconds = counters.gauge(
                metric + "_equal_seconds",
                "How long " + name + " has been equal.",
                series("sync_proof_equal_seconds", "How long it has been equal, by stage."));
        comparisons = counters.counter(
                metric + "_comparisons_total",
                "Comparisons of " + name + " by this node.",
                series("sync_proof_comparisons_total", "Comparisons by this node, by stage."));
        differingGauge.set(-1);
    }

    private Series series(String family, String help) {
        return Series.of(family, help).with("stage", name);
    }

    /** A comparison ended. */
    void compared(long flows, long different, long nowNs) {
        if (different > 0 || !known) {
            equalSinceNs = nowNs;
        }
        known = true;
        told = false;
        compared = flows;
        differing = different;
        atNs = nowNs;
        comparisons.increment();
    }

    /** A difference was found, and its repair begun, between two comparisons. */
    void disturbed(long nowNs) {
        equalSinceNs = nowNs;
    }

    void repaired(long flows) {
        repaired += flows;
    }

    /** The role changed: what was compared were other tables. */
    void forget() {
        known = false;
        told = false;
        compared = 0;
        differing = 0;
    }

    void show(long nowNs) {
        comparedGauge.set(compared);
        differingGauge.set(isKnown(nowNs) ? differing : -1);
        equalSeconds.set(equalForNs(nowNs) / 1_000_000_000);
    }

    /** Takes over what the peer says, which is null when its version says nothing. */
    void told(ComparisonDecoder peers, long nowNs) {
        known = peers != null && peers.compared() != ComparisonDecoder.comparedNullValue();
        told = true;
        toldNs = nowNs;
        if (known) {
            compared = peers.compared();
            differing = peers.differing();
            atNs = nowNs - peers.ageMs() * NS_PER_MS;
            equalSinceNs = nowNs - peers.equalForMs() * NS_PER_MS;
            toldRepaired = peers.repaired();
        }
    }

    /** Writes over what {@code message} says, unless there is nothing to say. */
    void tell(ComparisonEncoder message, long nowNs) {
        if (known) {
            message.compared(compared)
                    .differing(Math.min(differing, Integer.MAX_VALUE))
                    .ageMs(Math.min((nowNs - atNs) / NS_PER_MS, Integer.MAX_VALUE))
                    .equalForMs(equalForNs(nowNs) / NS_PER_MS)
                    .repaired(repaired);
        }
    }

    SyncProof.Stage snapshot(long nowNs) {
        boolean isKnown = isKnown(nowNs);
        return new SyncProof.Stage(
                name,
                side,
                isKnown,
                compared,
                differing,
                isKnown ? (nowNs - atNs) / NS_PER_MS : 0,
                equalForNs(nowNs) / NS_PER_MS,
                told ? toldRepaired : repaired);
    }

    /** A peer that tells no more may find what it likes, or be gone. */
    private boolean isKnown(long nowNs) {
        return known && !(told && nowNs - toldNs > silentNs);
    }

    private long equalForNs(long nowNs) {
        return isKnown(nowNs) && differing == 0 && nowNs - atNs < staleNs ? Math.max(0, nowNs - equalSinceNs) : 0;
    }
}
