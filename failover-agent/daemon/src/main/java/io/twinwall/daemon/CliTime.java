/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Moments as people write them at a prompt, and as they are shown to them: in the host's zone. */
final class CliTime {
    static final String FORMS =
            "a time such as 14:03:07, \"2026-11-21 14:03:07\", 2026-11-21T14:03:07Z, or how long ago: 90s, 15min, 2h,"
                    + " 3d";

    private static final Pattern AGO = Pattern.compile("([0-9]{1,9}) ?(ms|s|min|h|d)");
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);

    private CliTime() {}

    /** The moment that {@code option} of a command names. */
    static long of(CommandSpec spec, String option, String text, ZonedDateTime now) {
        return parse(text, now)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), option + ": expected " + FORMS + ", found '" + text + "'"));
    }

    /**
     * Milliseconds since 1970; empty when {@code text} is none of {@link #FORMS}. A time of day is the last one of that
     * time.
     */
    static Optional<Long> parse(String text, ZonedDateTime now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return Optional.of(now.toInstant().minus(duration(ago)).toEpochMilli());
        }
        return instant(text, now).map(Instant::toEpochMilli);
    }

    private static Duration duration(Matcher ago) {
        long count = Long.parseLong(ago.group(1));
        return switch (ago.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "min" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    private static Optional<Instant> instant(String text, ZonedDateTime now) {
        String iso = text.strip().replace(' ', 'T');
        try {
            if (iso.matches(".*(Z|[+-][0-9]{2}:[0-9]{2})")) {
                return Optional.of(OffsetDateTime.parse(iso).toInstant());
            }
            if (iso.indexOf('T') >= 0) {
                return Optional.of(
                        LocalDateTime.parse(iso).atZone(now.getZone()).toInstant());
            }
            if (iso.indexOf(':') >= 0) {
                ZonedDateTime today = now.with(LocalTime.parse(iso));
                return Optional.of((today.isAfter(now) ? today.minusDays(1) : today).toInstant());
            }
            return Optional.of(LocalDate.parse(iso).atStartOfDay(now.getZone()).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** With milliseconds, in {@code like}'s zone. */
    static String text(long atMs, ZonedDateTime like) {
        return SHOWN.format(Instant.ofEpochMilli(atMs).atZone(like.getZone()));
    }
}
