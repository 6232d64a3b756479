/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** The two ends of time, far enough from overflow that a duration may be added or taken. */
final class Moments {
    static final long NEVER = Long.MIN_VALUE / 4;
    static final long FAR = Long.MAX_VALUE / 4;

    private Moments() {}
}
