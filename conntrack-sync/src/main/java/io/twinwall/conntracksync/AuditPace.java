/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/**
 * When the next audit of a kernel begins: audits go on for ever, and take a hundredth of the thread at the most. After one
 * that found a difference the next comes sooner, to see that it is repaired.
 */
final class AuditPace {
    private static final long REST_NS = 10_000_000_000L;
    private static final long REST_AFTER_DIFFERENCE_NS = 1_000_000_000L;

    /** Whatever an audit costs: what is not compared for longer than this and its own time counts as unknown. */
    private static final long REST_MAX_NS = 600_000_000_000L;

    private static final int SHARE = 100;
    private static final int SHARE_AFTER_DIFFERENCE = 20;

    private long workedNs;
    private long dueNs;
    private boolean now;

    /** Not before the usual rest, from {@code nowNs} on. */
    void begin(long nowNs) {
        workedNs = 0;
        dueNs = nowNs + REST_NS;
        now = false;
    }

    /** Whatever the pace, the next audit is due. */
    void hurry() {
        now = true;
    }

    boolean due(long nowNs) {
        return now || nowNs - dueNs >= 0;
    }

    void started() {
        workedNs = 0;
        now = false;
    }

    void worked(long ns) {
        workedNs += ns;
    }

    void ended(boolean differed, long nowNs) {
        dueNs = nowNs
                + (differed
                        ? Math.max(REST_AFTER_DIFFERENCE_NS, SHARE_AFTER_DIFFERENCE * workedNs)
                        : Math.min(REST_MAX_NS, Math.max(REST_NS, SHARE * workedNs)));
    }
}
