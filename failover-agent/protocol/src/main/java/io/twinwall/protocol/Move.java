/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * A planned switchover, as the active sees it.
 *
 * @param force whatever readiness, lag and barrier say
 * @param askToken of the passive's request, when one made it, else 0
 * @param asker that passive, else 0
 */
public record Move(Origin origin, boolean force, long askToken, int asker) {
    /** Who wanted it. The numbers travel with the GRANT; 0 is an operator's wish, on either node. */
    public enum Origin {
        OPERATOR(0, ""),
        /** An operator at the passive. */
        PEER(0, ""),
        STOP(1, "it stops"),
        HEALTH(2, "its health fell"),
        FAULT(3, "it is in fault"),
        MAINTENANCE(4, "it goes into maintenance"),
        GATE(5, "its gate fails"),
        /** The passive, by the fail-back policy. */
        FAIL_BACK(6, "fail-back");

        private final int number;
        private final String words;

        Origin(int number, String words) {
            this.number = number;
            this.words = words;
        }

        int number() {
            return number;
        }

        /** An operator's doing, which is no flapping. */
        boolean byOperator() {
            return this == OPERATOR || this == PEER || this == STOP || this == MAINTENANCE;
        }

        /** An operator chose the place of the role. */
        boolean told() {
            return number == 0;
        }

        /** The origin that a GRANT of {@code number} tells of. */
        static Origin of(int number) {
            for (Origin origin : values()) {
                if (origin.number == number) {
                    return origin;
                }
            }
            return OPERATOR;
        }

        /** For a transition's reason. */
        String because() {
            return words.isEmpty() ? "" : ", " + words;
        }
    }

    static Move by(Origin origin, boolean force) {
        return new Move(origin, force, 0, 0);
    }

    static Move by(Origin origin) {
        return by(origin, false);
    }
}
