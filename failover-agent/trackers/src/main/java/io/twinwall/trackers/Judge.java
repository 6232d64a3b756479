/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/**
 * From single tries to a verdict, purely: {@code rise} successes in a row make it up, {@code fall} failures in a row down,
 * the first verdict too. With {@code delayUpNs}, what was down must be well for that long on end before it is up again.
 */
final class Judge {
    private final int rise;
    private final int fall;
    private final long delayUpNs;

    private Verdict verdict = Verdict.UNKNOWN;
    private long sinceNs;
    private boolean lastOk;
    private int row;
    private boolean delaying;
    private long upAtNs;

    Judge(int rise, int fall, long delayUpNs, long nowNs) {
        this.rise = rise;
        this.fall = fall;
        this.delayUpNs = delayUpNs;
        this.sinceNs = nowNs;
    }

    /** Takes the result of a try; true when the verdict changed. */
    boolean judge(boolean ok, long nowNs) {
        row = ok == lastOk ? Math.min(row + 1, Integer.MAX_VALUE - 1) : 1;
        lastOk = ok;
        if (!ok) {
            delaying = false;
            return row >= fall && become(Verdict.DOWN, nowNs);
        }
        if (row < rise || verdict == Verdict.UP) {
            return false;
        }
        if (verdict == Verdict.DOWN && delayUpNs > 0) {
            if (!delaying) {
                delaying = true;
                upAtNs = nowNs + delayUpNs;
            }
            return onTime(nowNs);
        }
        return become(Verdict.UP, nowNs);
    }

    /** Ends a delay whose time has come; true when the verdict changed. */
    boolean onTime(long nowNs) {
        if (!delaying || nowNs - upAtNs < 0) {
            return false;
        }
        delaying = false;
        return become(Verdict.UP, nowNs);
    }

    /** Until {@link #onTime} has something to do; Long.MAX_VALUE when it has not. */
    long waitNs(long nowNs) {
        return delaying ? Math.max(0, upAtNs - nowNs) : Long.MAX_VALUE;
    }

    Verdict verdict() {
        return verdict;
    }

    long sinceNs() {
        return sinceNs;
    }

    private boolean become(Verdict next, long nowNs) {
        if (verdict == next) {
            return false;
        }
        verdict = next;
        sinceNs = nowNs;
        return true;
    }
}
