/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

/**
 * Which records: the newest {@code limit} of those that were written from {@code sinceMs} to {@code untilMs} and have a
 * number under {@code before}.
 */
public record JournalQuery(long sinceMs, long untilMs, long before, int limit) {
    /** More would be too long an answer. */
    public static final int LIMIT_MAX = 500;

    /** Characters of an answer, about: no more records than that. */
    static final int CHARS_MAX = 1 << 20;

    /** How far around a record others belong to its story, and how many at the most. */
    private static final long BEFORE_MS = 30_000;

    private static final long AFTER_MS = 60_000;

    private static final int AROUND_MAX = 60;

    /** The newest. */
    public static JournalQuery last(int limit) {
        return new JournalQuery(Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, limit);
    }

    /** What was written shortly before and after {@code entry}, itself too. */
    static JournalQuery around(JournalEntry entry) {
        return new JournalQuery(
                entry.atMs() - BEFORE_MS, entry.atMs() + AFTER_MS, entry.number() + AROUND_MAX / 2, AROUND_MAX);
    }

    boolean wants(JournalEntry entry) {
        return entry.number() < before && entry.atMs() >= sinceMs && entry.atMs() <= untilMs;
    }
}
