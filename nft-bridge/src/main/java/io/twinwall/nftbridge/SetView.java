/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftDump;
import io.twinwall.netlink.NftElem;
import io.twinwall.netlink.NftResult;
import io.twinwall.netlink.NftSetInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;

/**
 * This kernel's set of one name, and when to look at it again: looks take a tenth of a core at most, a quarter
 * while others change it. The kernel finds its
 * place in a large set anew for each message of a dump, so that one costs by the square of the size.
 */
final class SetView {
    private static final int SHARE = 10;
    private static final int SHARE_TOUCHED = 4;

    /** Time of a core, not of the clock: on a busy host a look takes longer, and costs no more. */
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final int TOUCHED_MS = 200;
    private static final int COMPARED = NftConst.NFT_SET_INTERVAL
            | NftConst.NFT_SET_MAP
            | NftConst.NFT_SET_TIMEOUT
            | NftConst.NFT_SET_OBJECT
            | NftConst.NFT_SET_CONCAT;

    final SetName name;
    private final SetKernel kernel;
    private final int intervalMs;
    private NftSetInfo info;
    private String problem = "";
    private long lookMs;
    private long lookedMs;
    private long tookMs;

    SetView(SetName name, SetKernel kernel, int intervalMs, long nowMs) {
        this.name = name;
        this.kernel = kernel;
        this.intervalMs = intervalMs;
        lookMs = nowMs;
        lookedMs = nowMs - intervalMs;
    }

    boolean due(long nowMs) {
        return nowMs - lookMs >= 0;
    }

    /** Somebody changed something: look soon. */
    void touched() {
        lookMs = Math.min(lookMs, lookedMs + Math.max(TOUCHED_MS, SHARE_TOUCHED * tookMs));
    }

    /** Finds the set; false, and {@link #problem} says why, when it cannot be mirrored. */
    boolean find() {
        List<NftSetInfo> found = new ArrayList<>();
        NftResult result = kernel.info(name, found);
        info = found.isEmpty() ? info : found.getFirst();
        if (result.errno() == Errno.ENOENT) {
            problem = "set " + name + " is not in this kernel";
        } else if (!result.ok() || found.isEmpty()) {
            problem = "set " + name + " cannot be read: " + Errno.name(result.errno());
        } else if (info.has(NftConst.NFT_SET_CONSTANT)) {
            problem = "set " + name + " is constant";
        } else {
            problem = "";
        }
        return problem.isEmpty();
    }

    /** Hands over all elements; the next look is due after. */
    NftDump read(NftElem.Handler handler, long nowMs) {
        long beganNs = THREADS.getCurrentThreadCpuTime();
        NftDump dump = kernel.read(name, info, handler);
        looked(nowMs, (THREADS.getCurrentThreadCpuTime() - beganNs) / 1_000_000);
        return dump;
    }

    /** There was nothing to read. */
    void looked(long nowMs, long costMs) {
        tookMs = costMs;
        lookedMs = nowMs;
        lookMs = nowMs + Math.max(intervalMs, SHARE * tookMs);
    }

    /** As it was found last; null before. */
    NftSetInfo info() {
        return info;
    }

    String problem() {
        return problem;
    }

    /** In what {@code other}, of the same name, is another set than this kernel's; "" when in nothing that matters. */
    String unlike(NftSetInfo other) {
        if (other.keyBytes() != info.keyBytes() || other.keyType() != info.keyType()) {
            return differs("key", other.keyBytes(), info.keyBytes());
        }
        if (other.dataBytes() != info.dataBytes() || other.dataType() != info.dataType()) {
            return differs("data", other.dataBytes(), info.dataBytes());
        }
        if (((other.flags() ^ info.flags()) & COMPARED) != 0) {
            return "flags of set " + name + " differ: 0x" + Integer.toHexString(other.flags()) + " at the peer, 0x"
                    + Integer.toHexString(info.flags()) + " here";
        }
        return "";
    }

    private String differs(String what, int there, int here) {
        return there == here
                ? what + " type of set " + name + " differs"
                : what + " length of set " + name + " differs: " + there + " bytes at the peer, " + here + " here";
    }
}
