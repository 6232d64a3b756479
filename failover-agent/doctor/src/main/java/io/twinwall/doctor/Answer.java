/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** What can be said of a packet that is known in part. */
enum Answer {
    NO,
    PERHAPS,
    YES;

    static Answer of(boolean known) {
        return known ? YES : NO;
    }

    Answer and(Answer other) {
        return compareTo(other) < 0 ? this : other;
    }

    Answer or(Answer other) {
        return compareTo(other) > 0 ? this : other;
    }

    Answer not() {
        return switch (this) {
            case NO -> YES;
            case PERHAPS -> PERHAPS;
            case YES -> NO;
        };
    }
}
