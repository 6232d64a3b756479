/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/** Where the command {@code token} is answered, once. */
@FunctionalInterface
interface Answers {
    String ROLE_CHANGED = "the role changed";

    /** {@code detail} is for people, empty when {@code ok}. */
    void done(long token, boolean ok, String detail);

    /** Each command is answered: the one before, still under way, by another of its kind. */
    default void superseded(long token) {
        done(token, false, "asked again before it was done");
    }
}
