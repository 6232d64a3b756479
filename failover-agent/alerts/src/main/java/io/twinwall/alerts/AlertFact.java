/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import io.twinwall.base.Check;

/**
 * Something that happened or holds, before anybody judged who is to be told of it. Facts of one kind and subject are
 * the same thing: they are told together.
 */
public sealed interface AlertFact {
    AlertKind kind();

    /** Which of several things of this kind, a path's name for example; "" where there is only one. */
    String subject();

    /** For a person, without a line break. */
    String text();

    /** A condition holds. Its end is told by a look that does not find it any more. */
    record Raised(AlertKind kind, String subject, String text) implements AlertFact {
        public Raised {
            Check.that(kind.lasts(), "an event raised as a condition");
            text = AlertText.visible(text);
        }
    }

    /** An event. */
    record Happened(AlertKind kind, String subject, String text) implements AlertFact {
        public Happened {
            Check.that(!kind.lasts(), "a condition told as an event");
            text = AlertText.visible(text);
        }
    }
}
