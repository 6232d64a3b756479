/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * When a flow's remaining time is news. Each packet sets it anew in the kernel, and telling the other node of each would
 * be a message a packet. So a time that comes without any other change is compared with the deadline that is believed on
 * both nodes; as long as it is near, the belief stays as it is, so that small differences add up until they count.
 */
final class TimeoutRule {
    static final long SLACK_MIN_MS = 60_000;
    static final int SLACK_SHARE = 16;

    /** What a delta says differs by its way and by rounding, and by no more when it says nothing new. */
    static final long TOLD_SLACK_MS = 5_000;

    private TimeoutRule() {}

    static boolean isNews(long deadlineMs, long remainingMs, long nowMs, boolean isTold) {
        long slack = isTold ? TOLD_SLACK_MS : FlowTable.timeoutSlackMs(remainingMs);
        return Math.abs(nowMs + remainingMs - Math.max(deadlineMs, nowMs)) > slack;
    }
}
