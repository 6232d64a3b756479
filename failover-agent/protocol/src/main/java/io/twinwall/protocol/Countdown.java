/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * A takeover that is decided and waits for a veto.
 *
 * @param untilNs when it is made, NEVER: none waits
 * @param vetoed an operator forbade it: none is made by itself until an active node is heard, or the role changes
 */
public record Countdown(long untilNs, boolean vetoed) {
    static final Countdown NONE = new Countdown(Moments.NEVER, false);

    /** Whether a takeover waits. */
    public boolean running() {
        return untilNs != Moments.NEVER;
    }
}
