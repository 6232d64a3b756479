/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.util.List;

/** Records for tests. */
final class Samples {
    static final Evidence EVIDENCE = new Evidence(
            "Tick",
            List.of(
                    new Evidence.Path("sync", true, 1204, 4, List.of(171_300_000L, 211_300_000L)),
                    new Evidence.Path("lan", false, 0, 1208, List.of())),
            List.of(new Evidence.Peer(
                    "fw-a",
                    false,
                    "MASTER",
                    7,
                    "READY",
                    100,
                    true,
                    true,
                    false,
                    171_300_000L,
                    171_300_000L,
                    Evidence.NEVER)),
            new Evidence.Lateness(12_400_000L, 1, 0, List.of(new Evidence.Stall(90_000_000L, 12_400_000L))),
            new Evidence.Probes(131_000_000L, Evidence.NEVER, 130_900_000L, 120_000_000L),
            new Evidence.Health(100, 0, "", "", "ANSWERED"),
            List.of(new Evidence.Tracker("gateway", "UP", 61_000_000_000L, "answered in 0.3 ms")),
            new Evidence.Copy("READY", true, 0, 0, 0),
            new Evidence.Gate(false, false));

    static final JournalRecord TRANSITION =
            new JournalRecord.Transition("BACKUP", "MASTER", 8, "no heartbeat from fw-a for 171 ms", EVIDENCE);

    static final JournalRecord TAKEOVER = new JournalRecord.Takeover(
            "no heartbeat from fw-a for 171 ms",
            false,
            true,
            8,
            171_300_000L,
            2_000_000L,
            9_500_000L,
            List.of(
                    new JournalRecord.Takeover.Phase("DRAIN", 300_000L, true, ""),
                    new JournalRecord.Takeover.Phase("VIPS", 1_000_000L, false, "no wan0")),
            1000,
            999,
            1);

    /** One of each kind. */
    static final List<JournalRecord> ALL = List.of(
            new JournalRecord.Started("fw-b", "0.1.0", 812),
            new JournalRecord.Stopped(true, ""),
            TRANSITION,
            TAKEOVER,
            new JournalRecord.LossWindow(1_200_000_000L, 17),
            new JournalRecord.Alarm(
                    "VIP_CONFLICT", "10.10.0.254 is at \"02:00:00:00:00:07\"\n\tand \u0007\u00e9\ud83d\ude00"),
            new JournalRecord.Configuration("0123456789abcdef", List.of("hook", "track"), "", "[cluster]\nid = 7\n"),
            new JournalRecord.Order(false, "the other node is not ready"),
            new JournalRecord.Gap(5_000_000_000L, 3, "No space left on device"));

    private Samples() {}

    static JournalRecord alarm(long number) {
        return new JournalRecord.Alarm("LATE", "alarm " + number);
    }
}
