/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Failure;
import io.twinwall.lab.FailureInjector;
import io.twinwall.lab.Numbers;
import io.twinwall.lab.Probes;
import io.twinwall.lab.ReceiptLog;
import io.twinwall.lab.StallTicker;
import io.twinwall.lab.Waiting;
import java.util.ArrayList;
import java.util.List;

/**
 * What the probes saw of one failure.
 *
 * @param udpMs the longest silence of the median UDP stream; infinite when one never came back
 * @param tcpMs the same of the TCP streams
 * @param stallMs the longest time the machine itself stood still meanwhile
 * @param lost UDP probes that never arrived, of streams that came back
 * @param away streams, of both kinds, that did not come back
 * @param curve of the first UDP stream: milliseconds since the failure when a probe was sent, milliseconds until it arrived
 */
record Blackout(double udpMs, double tcpMs, double stallMs, long lost, long away, List<double[]> curve) {
    private static final long PROBES_MS = 5_000;
    private static final long BACK_MS = 30_000;
    private static final long HEIR_MS = 20_000;
    private static final long LOOK_MS = 20;
    private static final int FLOWING_LOOKS = 50;
    private static final long FRESH_NS = 150_000_000;
    private static final long TAIL_NS = 300_000_000;
    private static final long CURVE_BEFORE_NS = 200_000_000;
    private static final long CURVE_AFTER_NS = 5_000_000_000L;
    /** Beyond it, a curve is of no more use for one arrival each millisecond. */
    private static final int CURVE_POINTS_MAX = 3_000;

    /** Strikes {@code stage} with {@code failure} and watches until all streams are back, or half a minute is over. */
    static Blackout of(Stage stage, Failure failure) {
        try (Probes probes = new Probes(stage.lab(), PROBES_MS);
                StallTicker ticker = new StallTicker();
                FailureInjector injector = new FailureInjector(failure, stage.active(), false)) {
            // Their flows must be known to the standby, as those of a network behind a firewall are.
            Stage.settle();
            long lostBefore = probes.lost();
            long struckNs = injector.strike();
            Waiting.until(HEIR_MS, LOOK_MS, () -> stage.stack().active(stage.standby()));
            awaitFlowing(probes);
            long endNs = System.nanoTime() - TAIL_NS;
            return new Blackout(
                    darkMs(probes, "udp.", struckNs, endNs),
                    darkMs(probes, "tcp.", struckNs, endNs),
                    ticker.stallNs(struckNs, endNs) / 1e6,
                    probes.lost() - lostBefore,
                    probes.streams().stream()
                            .filter(stream -> stream.longestGapNs(struckNs, endNs) == ReceiptLog.NEVER)
                            .count(),
                    curve(probes, struckNs, endNs));
        }
    }

    /** Until each stream has flown for a second: the first packet of one that came back may be the last for a while. */
    private static void awaitFlowing(Probes probes) {
        int[] flowing = {0};
        Waiting.until(BACK_MS, LOOK_MS, () -> {
            flowing[0] = probes.allSince(System.nanoTime() - FRESH_NS) ? flowing[0] + 1 : 0;
            return flowing[0] >= FLOWING_LOOKS;
        });
    }

    private static double darkMs(Probes probes, String kind, long fromNs, long toNs) {
        return Numbers.median(probes.streams().stream()
                .filter(stream -> stream.stream().startsWith(kind))
                .mapToDouble(stream -> ms(stream.longestGapNs(fromNs, toNs))));
    }

    private static double ms(long ns) {
        return ns == ReceiptLog.NEVER ? Double.POSITIVE_INFINITY : ns / 1e6;
    }

    private static List<double[]> curve(Probes probes, long struckNs, long endNs) {
        List<double[]> curve = new ArrayList<>();
        probes.streams().stream()
                .filter(stream -> stream.stream().startsWith("udp."))
                .findFirst()
                .ifPresent(stream -> stream.arrivals(
                        struckNs - CURVE_BEFORE_NS,
                        Math.min(endNs, struckNs + CURVE_AFTER_NS),
                        (sentNs, tookNs) -> curve.add(new double[] {(sentNs - struckNs) / 1e6, tookNs / 1e6})));
        return curve.size() <= CURVE_POINTS_MAX ? curve : curve.subList(0, CURVE_POINTS_MAX);
    }
}
