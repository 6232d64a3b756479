/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CliTimeTest {
    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 21, 14, 3, 7, 0, ZoneId.of("Europe/Berlin"));

    @Test
    void shouldReadMomentsInTheHostsZoneAndHowLongAgo() {
        Map.of(
                        "14:03:07", "2026-11-21T13:03:07Z",
                        "14:03:07.250", "2026-11-20T13:03:07.250Z",
                        "08:00", "2026-11-21T07:00:00Z",
                        "2026-11-21 14:03:07", "2026-11-21T13:03:07Z",
                        "2026-07-01", "2026-06-30T22:00:00Z",
                        "2026-11-21T14:03:07Z", "2026-11-21T14:03:07Z",
                        "2026-11-21T14:03:07+05:00", "2026-11-21T09:03:07Z",
                        "90s", "2026-11-21T13:01:37Z",
                        "2 h", "2026-11-21T11:03:07Z",
                        "3d", "2026-11-18T13:03:07Z")
                .forEach((text, moment) -> assertEquals(
                        Optional.of(Instant.parse(moment).toEpochMilli()), CliTime.parse(text, NOW), text));
    }

    @Test
    void shouldRefuseWhatIsNoMoment() {
        for (String text : List.of("", "yesterday", "25:00", "2026-13-01", "3w", "-3d", "12", "14:03:07 CET")) {
            assertEquals(Optional.empty(), CliTime.parse(text, NOW), text);
        }
    }

    @Test
    void shouldShowMillisecondsInTheHostsZone() {
        long ms = Instant.parse("2026-11-21T13:03:07.045Z").toEpochMilli();
        assertEquals("2026-11-21 14:03:07.045", CliTime.text(ms, NOW));
    }
}
