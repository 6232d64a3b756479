/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Looks for records, in the newest source first; keeps what it was asked for, and opens no more than it must. */
final class RecordScan {
    private final RecordSource newest;
    private final RecordSource.All older;

    RecordScan(RecordSource newest, RecordSource.All older) {
        this.newest = newest;
        this.older = older;
    }

    JournalPage page(JournalQuery query) throws IOException {
        ArrayDeque<JournalEntry> found = new ArrayDeque<>();
        OneSource first = new OneSource(query, query.before());
        newest.read(first);
        if (prepend(found, first.kept, query.limit()) || first.dropped || found.size() == query.limit()) {
            return new JournalPage(
                    new ArrayList<>(found), first.dropped || found.getFirst().number() > 1);
        }
        boolean more = !first.older && files(query, found, Math.min(query.before(), first.first));
        return new JournalPage(new ArrayList<>(found), more);
    }

    /** True when not all that is wanted had room in {@code found}. */
    private boolean files(JournalQuery query, Deque<JournalEntry> found, long from) throws IOException {
        long under = from;
        for (RecordSource source : older.newestFirst()) {
            OneSource one = new OneSource(query, under);
            source.read(one);
            if (prepend(found, one.kept, query.limit()) || one.dropped) {
                return true;
            }
            if (one.older) {
                return false;
            }
            under = Math.min(under, one.first);
        }
        return false;
    }

    /** True when not all had room. */
    private static boolean prepend(Deque<JournalEntry> found, Deque<JournalEntry> older, int limit) {
        int chars = found.stream().mapToInt(entry -> entry.json().length()).sum();
        while (!older.isEmpty() && found.size() < limit && chars < JournalQuery.CHARS_MAX) {
            JournalEntry entry = older.removeLast();
            chars += entry.json().length();
            found.addFirst(entry);
        }
        return !older.isEmpty();
    }

    /** The record of that number with what is around it, if it is still there. */
    Optional<JournalStory> story(long number) throws IOException {
        Optional<JournalEntry> found = find(number);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        JournalPage around = page(JournalQuery.around(found.get()));
        return Optional.of(new JournalStory(found.get(), around.entries()));
    }

    private Optional<JournalEntry> find(long number) throws IOException {
        Finder finder = new Finder(number);
        newest.read(finder);
        if (finder.done()) {
            return Optional.ofNullable(finder.found);
        }
        for (RecordSource source : older.newestFirst()) {
            source.read(finder);
            if (finder.done()) {
                break;
            }
        }
        return Optional.ofNullable(finder.found);
    }

    /** The number of the last record in {@code sources}, the newest of which is the first; 0 when there is none. */
    static long lastNumber(List<RecordSource> sources) throws IOException {
        for (RecordSource source : sources) {
            long[] last = {0};
            source.read(document -> {
                JournalEntry entry = JournalEntry.decode(document);
                last[0] = entry == null ? last[0] : Math.max(last[0], entry.number());
                return true;
            });
            if (last[0] > 0) {
                return last[0];
            }
        }
        return 0;
    }

    /** Looks for one. */
    private static final class Finder implements RecordSource.Visitor {
        private final long number;
        private JournalEntry found;
        private boolean passed;

        Finder(long number) {
            this.number = number;
        }

        /** It is found, or was not between one before it and one behind it. */
        boolean done() {
            return found != null || passed;
        }

        @Override
        public boolean document(byte[] document) {
            JournalEntry entry = JournalEntry.decode(document);
            if (entry == null || entry.number() < number) {
                passed |= entry != null;
                return true;
            }
            found = entry.number() == number ? entry : null;
            return false;
        }
    }

    /** The last records of one source that are wanted; {@code under}: those from there on were in a newer one. */
    private static final class OneSource implements RecordSource.Visitor {
        private final JournalQuery query;
        private final long under;
        private final ArrayDeque<JournalEntry> kept = new ArrayDeque<>();
        private int chars;
        private boolean dropped;
        private long first = Long.MAX_VALUE;

        /** All of it is older than what is wanted: so is what was before it. */
        private boolean older;

        OneSource(JournalQuery query, long under) {
            this.query = query;
            this.under = under;
        }

        @Override
        public boolean document(byte[] document) {
            JournalEntry entry = JournalEntry.decode(document);
            if (entry == null) {
                return true;
            }
            first = Math.min(first, entry.number());
            older = entry.atMs() < query.sinceMs();
            if (entry.number() < under && query.wants(entry)) {
                keep(entry);
            }
            return true;
        }

        private void keep(JournalEntry entry) {
            kept.addLast(entry);
            chars += entry.json().length();
            while (kept.size() > query.limit() || (chars > JournalQuery.CHARS_MAX && kept.size() > 1)) {
                chars -= kept.removeFirst().json().length();
                dropped = true;
            }
        }
    }
}
