/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.util.List;
import java.util.Locale;

/**
 * Something that happened on this node and is worth keeping. Made by whoever knows of it, in a hurry or not; turned
 * into text by the journal's own thread. Fields are appended, never renamed: {@link RecordText} is their form on disk.
 */
public sealed interface JournalRecord {
    /** Kinds of record. The codes are those of the disk and are never used again for another. */
    enum Kind {
        STARTED(1),
        STOPPED(2),
        TRANSITION(3),
        TAKEOVER(4),
        LOSS_WINDOW(5),
        ALARM(6),
        CONFIGURATION(7),
        ORDER(8),
        GAP(9);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        /** As readers see it: {@code loss-window}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The word of {@code code}; of a newer version's, one that says so. */
        static String word(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind.word();
                }
            }
            return "kind-" + code;
        }
    }

    Kind kind();

    /** The program began to run. */
    record Started(String node, String version, long pid) implements JournalRecord {
        @Override
        public Kind kind() {
            return Kind.STARTED;
        }
    }

    /** The program ends; what is killed says nothing. */
    record Stopped(boolean orderly, String reason) implements JournalRecord {
        @Override
        public Kind kind() {
            return Kind.STOPPED;
        }
    }

    /** The role changed, and what the node knew then. */
    record Transition(String from, String to, long term, String reason, Evidence evidence) implements JournalRecord {
        @Override
        public Kind kind() {
            return Kind.TRANSITION;
        }
    }

    /**
     * The report of a takeover, written when its last step ended.
     *
     * @param detectNs from the last heartbeat of the old master to the decision; 0 when planned or none was ever heard
     * @param totalNs from the decision to the first announcement
     * @param sinceDecidedNs how long before this record it was decided
     */
    record Takeover(
            String reason,
            boolean planned,
            boolean ready,
            long term,
            long detectNs,
            long totalNs,
            long sinceDecidedNs,
            List<Phase> phases,
            long mirrored,
            long installed,
            long refused)
            implements JournalRecord {
        /** One step: how long it took and how it ended. */
        public record Phase(String name, long tookNs, boolean ok, String detail) {}

        @Override
        public Kind kind() {
            return Kind.TAKEOVER;
        }
    }

    /** Kernel events were lost, and what they said was learnt again. */
    record LossWindow(long lengthNs, long flowsRepaired) implements JournalRecord {
        @Override
        public Kind kind() {
            return Kind.LOSS_WINDOW;
        }
    }

    /** Something an operator must know. */
    record Alarm(String code, String text) implements JournalRecord {
        @Override
        public Kind kind() {
            return Kind.ALARM;
        }
    }

    /**
     * A configuration was put in place.
     *
     * @param digest of {@code toml}: the same configuration has the same one
     * @param parts what a reload changed; empty at a start
     * @param problem what of it could not be put in place, or ""
     * @param toml all of it, with every default
     */
    record Configuration(String digest, List<String> parts, String problem, String toml) implements JournalRecord {
        public Configuration {
            parts = List.copyOf(parts);
        }

        @Override
        public Kind kind() {
            return Kind.CONFIGURATION;
        }
    }

    /** What an operator asked for came to an end. */
    record Order(boolean accepted, String reason) implements JournalRecord {
        @Override
        public Kind kind() {
            return Kind.ORDER;
        }
    }

    /**
     * Records are missing: the journal could not be written for a while, or, without a length, what it had is damaged.
     */
    record Gap(long lengthNs, long dropped, String reason) implements JournalRecord {
        @Override
        public Kind kind() {
            return Kind.GAP;
        }
    }
}
