/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/** Notes during one cycle of the agent whether a stage did all it may: then there may be more, and it must not rest. */
final class WorkLoad {
    private boolean saturated;

    void begin() {
        saturated = false;
    }

    int limited(int work, int limit) {
        saturated |= work >= limit;
        return work;
    }

    void saturate() {
        saturated = true;
    }

    boolean saturated() {
        return saturated;
    }
}
