/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;
import org.agrona.BufferUtil;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One {@link Link} over several paths. All are read; one, the current, is sent by, or all of them when {@code duplicate}
 * is asked for. When the current is lost, and another is not, that becomes the current, and what was sent last is sent
 * by it again: more than could have been under way. What the peer has already it refuses by its number, as it does the
 * second of two; so nothing is lost, and nothing taken twice. The current stays what it is when the lost one returns.
 *
 * <p>The thread of {@link Link}; {@link #lostSinceNs} is for any. Sending allocates nothing.
 */
public final class PathsLink implements Link {
    private static final Logger LOG = System.getLogger(PathsLink.class.getName());

    /** One path by its name, for people. */
    public record Named(String name, Link link) {}

    /** More than twice the window that Aeron lets be under way. */
    private static final int KEPT_BYTES = 1 << 20;

    private static final int LENGTH = Integer.BYTES;

    /** A path that is up this much later than another is late at a start; after that it is lost. */
    private static final long LOST_AFTER_NS = 500_000_000L;

    /** {@link #lostSinceNs} of a path that is there, or of one among paths that are all away: that is the peer's end. */
    public static final long NOT_LOST = 0;

    private final List<Named> paths;
    private final boolean duplicate;
    private final NanoClock clock;
    private final Counter[] bytes;
    private final Counter[] up;
    private final Counter switches;
    private final Counter resent;
    private final Counter lostAlarms;
    private final AtomicLongArray lostSince;
    private final long[] awayNs;
    private final int frameBytesMax;

    /** Frames sent last, each behind its length; {@code keptEnd - keptBegin} bytes of them, positions ever rising. */
    private final UnsafeBuffer kept = new UnsafeBuffer(BufferUtil.allocateDirectAligned(KEPT_BYTES, 64));

    private final UnsafeBuffer again;
    private long keptBegin;
    private long keptEnd;
    private long againAt;
    private int current;

    /**
     * @param paths in the order they are preferred at a start
     * @param duplicate send every frame by every path
     */
    public PathsLink(List<Named> paths, boolean duplicate, NanoClock clock, Counters counters) {
        Check.that(!paths.isEmpty(), "a link has a path");
        this.paths = List.copyOf(paths);
        this.duplicate = duplicate;
        this.clock = clock;
        bytes = each(one -> counters.counter(
                metric(one) + "_bytes_sent_total", "Bytes of sealed frames sent by sync path " + one.name() + "."));
        up = each(one ->
                counters.gauge(metric(one) + "_up", "1 while the peer reads sync path " + one.name() + ", else 0."));
        switches = counters.counter("sync_path_switches_total", "Times the stream went on by another path.");
        resent = counters.counter(
                "sync_path_frames_resent_total", "Frames sent again by another path; the peer refuses what it has.");
        lostAlarms = counters.counter("alarms_sync_path_lost_total", "Alarms raised: sync path lost.");
        lostSince = new AtomicLongArray(paths.size());
        awayNs = new long[paths.size()];
        frameBytesMax =
                paths.stream().mapToInt(one -> one.link().frameBytesMax()).min().orElseThrow();
        again = new UnsafeBuffer(BufferUtil.allocateDirectAligned(frameBytesMax, 64));
    }

    private Counter[] each(Function<Named, Counter> make) {
        return paths.stream().map(make).toArray(Counter[]::new);
    }

    private static String metric(Named one) {
        return "sync_path_" + one.name().replaceAll("[^a-zA-Z0-9]", "_");
    }

    @Override
    public int doWork() {
        int work = 0;
        for (int i = 0; i < paths.size(); i++) {
            work += paths.get(i).link().doWork();
        }
        judge();
        chooseCurrent();
        return work + resend();
    }

    /** Notes which paths are lost while another is not. */
    private void judge() {
        boolean any = connected();
        for (int i = 0; i < paths.size(); i++) {
            boolean there = paths.get(i).link().connected();
            up[i].set(there ? 1 : 0);
            if (there || !any) {
                awayNs[i] = 0;
                if (lostSince.get(i) != NOT_LOST) {
                    lostSince.set(i, NOT_LOST);
                    LOG.log(
                            Level.INFO,
                            there ? "sync path {0} is back" : "sync path {0}, and all others, are away",
                            name(i));
                }
            } else {
                missed(i);
            }
        }
    }

    private void missed(int i) {
        long nowNs = clock.nanoTime();
        if (awayNs[i] == 0) {
            awayNs[i] = nowNs;
        } else if (lostSince.get(i) == NOT_LOST && nowNs - awayNs[i] >= LOST_AFTER_NS) {
            lostSince.set(i, awayNs[i]);
            lostAlarms.increment();
            LOG.log(Level.WARNING, "alarm SYNC_PATH_LOST: sync path {0} is lost; the stream goes on by the others", name(i));
        }
    }

    private String name(int i) {
        return paths.get(i).name();
    }

    private void chooseCurrent() {
        if (paths.get(current).link().connected()) {
            return;
        }
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).link().connected()) {
                current = i;
                switches.increment();
                // By all paths it was sent already, and at a start nothing was.
                againAt = duplicate ? keptEnd : keptBegin;
                return;
            }
        }
    }

    /** True when nothing waits to be sent again. */
    private boolean caughtUp() {
        return againAt == keptEnd;
    }

    private int resend() {
        int work = 0;
        while (!caughtUp()) {
            int length = copyKept(againAt);
            if (paths.get(current).link().offer(again, 0, length) < 0) {
                break;
            }
            bytes[current].add(length);
            resent.increment();
            againAt += LENGTH + length;
            work++;
        }
        return work;
    }

    @Override
    public long offer(DirectBuffer frame, int offset, int length) {
        if (!caughtUp()) {
            resend();
            if (!caughtUp()) {
                return connected() ? BACK_PRESSURED : NOT_CONNECTED;
            }
        }
        long result = paths.get(current).link().offer(frame, offset, length);
        if (result > 0) {
            bytes[current].add(length);
        }
        if (duplicate) {
            result = Math.max(result, offerOthers(frame, offset, length));
        }
        if (result > 0 && paths.size() > 1) {
            keep(frame, offset, length);
            againAt = keptEnd;
        }
        return result;
    }

    private long offerOthers(DirectBuffer frame, int offset, int length) {
        long best = CLOSED;
        for (int i = 0; i < paths.size(); i++) {
            if (i != current) {
                long result = paths.get(i).link().offer(frame, offset, length);
                if (result > 0) {
                    bytes[i].add(length);
                }
                best = Math.max(best, result);
            }
        }
        return best;
    }

    private void keep(DirectBuffer frame, int offset, int length) {
        while (keptEnd + LENGTH + length - keptBegin > KEPT_BYTES) {
            keptBegin += LENGTH + keptLength(keptBegin);
        }
        for (int i = 0; i < LENGTH; i++) {
            kept.putByte(at(keptEnd + i), (byte) (length >>> (8 * i)));
        }
        int from = at(keptEnd + LENGTH);
        int first = Math.min(length, KEPT_BYTES - from);
        kept.putBytes(from, frame, offset, first);
        kept.putBytes(0, frame, offset + first, length - first);
        keptEnd += LENGTH + length;
    }

    private int copyKept(long position) {
        int length = keptLength(position);
        int from = at(position + LENGTH);
        int first = Math.min(length, KEPT_BYTES - from);
        again.putBytes(0, kept, from, first);
        again.putBytes(first, kept, 0, length - first);
        return length;
    }

    private int keptLength(long position) {
        int length = 0;
        for (int i = 0; i < LENGTH; i++) {
            length |= (kept.getByte(at(position + i)) & 0xff) << (8 * i);
        }
        if (length <= 0 || length > frameBytesMax) {
            throw new BugError("length of a kept frame: " + length);
        }
        return length;
    }

    private static int at(long position) {
        return (int) (position & (KEPT_BYTES - 1));
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int polled = 0;
        for (int i = 0; i < paths.size() && polled < limit; i++) {
            polled += paths.get(i).link().poll(handler, limit - polled);
        }
        return polled;
    }

    @Override
    public boolean connected() {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).link().connected()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int frameBytesMax() {
        return frameBytesMax;
    }

    /** The names, in the order of {@link #lostSinceNs}. */
    public List<String> names() {
        return paths.stream().map(Named::name).toList();
    }

    /** Since when that path is lost while another is there; {@link #NOT_LOST}. Any thread. */
    public long lostSinceNs(int path) {
        return lostSince.get(path);
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(paths.stream().map(Named::link).toList());
    }
}
