/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

/**
 * Monotonic time in nanoseconds, from an arbitrary origin; never steps. All timing uses it, so that a simulator can
 * supply its own. The system's is {@link #SYSTEM}.
 */
@FunctionalInterface
public interface NanoClock {
    NanoClock SYSTEM = System::nanoTime;

    long nanoTime();
}
