/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.base.Series;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
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
 * <p>Each path is given the frames in their order and without a gap: one that refused a frame gets that before a newer
 * one, for the peer refuses what comes by another path later than its successor.
 *
 * <p>Lost is a path that is not connected, and one that is but takes nothing while another does: small packets, of which
 * it knows its peer, may go where full ones do not. The latter is tried again by a frame now and then, until it takes it.
 *
 * <p>The thread of {@link Link}; {@link #lostSinceNs} is for any. Sending allocates nothing.
 */
public final class PathsLink implements Link {
    private static final Logger LOG = System.getLogger(PathsLink.class.getName());

    /** One path by its name, for people. */
    public record Named(String name, Link link) {}

    private static final String PATH = "path";

    /** More than twice the window that Aeron lets be under way. */
    private static final int KEPT_BYTES = 1 << 20;

    /** A path that is up this much later than another is late at a start; after that it is lost. */
    private static final long LOST_AFTER_NS = 500_000_000L;

    /** {@link #lostSinceNs} of a path that is there, or that went with the last of them: that is the peer's end. */
    public static final long NOT_LOST = 0;

    private final List<Named> paths;
    private final boolean duplicate;
    private final NanoClock clock;
    private final Counter[] bytes;
    private final Counter[] up;
    private final Counter switches;
    private final Counter resent;
    private final Counter lostAlarms;
    private Consumer<String> alarms = text -> {};
    private final AtomicLongArray lostSince;
    private final long[] awayNs;
    private final int frameBytesMax;

    /** Since when each path refuses all it is given, for a full one when it was tried last; 0: it took the last frame. */
    private final long[] refusedNs;

    /** Connected, but takes nothing. */
    private final boolean[] full;

    /** The position in {@link #kept} from which on each path is still to get the frames. */
    private final long[] sentTo;

    private final KeptFrames kept;
    private final UnsafeBuffer again;
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
        Series sentBytes =
                Series.of("sync_path_sent_bytes_total", "Bytes of sealed frames sent, by path of the stream.");
        bytes = each(one -> counters.counter(
                metric(one) + "_bytes_sent_total",
                "Bytes of sealed frames sent by sync path " + one.name() + ".",
                sentBytes.with(PATH, one.name())));
        Series isUp = Series.of("sync_path_up", "1 while the peer reads this path of the stream and it takes frames.");
        up = each(one -> counters.gauge(
                metric(one) + "_up",
                "1 while the peer reads sync path " + one.name() + " and it takes frames.",
                isUp.with(PATH, one.name())));
        switches = counters.counter("sync_path_switches_total", "Times the stream went on by another path.");
        resent = counters.counter(
                "sync_path_frames_resent_total",
                "Frames a path was given later than another; the peer refuses what it has.");
        lostAlarms = counters.counter(
                "alarms_sync_path_lost_total",
                "Alarms raised: sync path lost.",
                Series.of("alarms_total", "Alarms raised, by kind.").with("code", "sync_path_lost"));
        lostSince = new AtomicLongArray(paths.size());
        awayNs = new long[paths.size()];
        refusedNs = new long[paths.size()];
        full = new boolean[paths.size()];
        sentTo = new long[paths.size()];
        frameBytesMax =
                paths.stream().mapToInt(one -> one.link().frameBytesMax()).min().orElseThrow();
        kept = new KeptFrames(KEPT_BYTES, frameBytesMax);
        again = new UnsafeBuffer(BufferUtil.allocateDirectAligned(frameBytesMax, 64));
    }

    /**
     * From now on {@code listener} hears of each path that is lost, on the thread of the link; to be called before its
     * first use.
     */
    public void alarms(Consumer<String> listener) {
        alarms = listener;
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
        observe();
        chooseCurrent();
        judge();
        for (int i = 0; i < paths.size(); i++) {
            int given = full[i] ? tryFull(i) : catchUp(i);
            // Else what was resent waits for the next cycle.
            work += given > 0 ? given + paths.get(i).link().doWork() : 0;
        }
        return work;
    }

    private void observe() {
        for (int i = 0; i < paths.size(); i++) {
            if (!there(i)) {
                // What was under way by it is lost.
                sentTo[i] = 0;
                took(i);
            }
        }
    }

    private boolean there(int i) {
        return paths.get(i).link().connected();
    }

    private boolean usable(int i) {
        return there(i) && !full[i];
    }

    private boolean anotherUsable(int but) {
        for (int i = 0; i < paths.size(); i++) {
            if (i != but && usable(i)) {
                return true;
            }
        }
        return false;
    }

    /** Notes which paths are lost while another is not; one that is stays so until it is back. */
    private void judge() {
        for (int i = 0; i < paths.size(); i++) {
            boolean usable = usable(i);
            up[i].set(usable ? 1 : 0);
            if (usable) {
                back(i);
            } else if (anotherUsable(i)) {
                missed(i);
            } else if (lostSince.get(i) == NOT_LOST) {
                awayNs[i] = 0;
            }
        }
    }

    private void back(int i) {
        awayNs[i] = 0;
        if (lostSince.get(i) != NOT_LOST) {
            lostSince.set(i, NOT_LOST);
            LOG.log(Level.INFO, "sync path {0} is back", name(i));
        }
    }

    private void missed(int i) {
        long nowNs = clock.nanoTime();
        if (awayNs[i] == 0) {
            awayNs[i] = nowNs;
        } else if (lostSince.get(i) == NOT_LOST && nowNs - awayNs[i] >= LOST_AFTER_NS) {
            lostSince.set(i, awayNs[i]);
            lostAlarms.increment();
            String how = full[i] ? "takes nothing, as if full packets were dropped" : "is lost";
            String text = "sync path " + name(i) + " " + how + "; the stream goes on by the others";
            LOG.log(Level.WARNING, "alarm SYNC_PATH_LOST: {0}", text);
            alarms.accept(text);
        }
    }

    private String name(int i) {
        return paths.get(i).name();
    }

    private void chooseCurrent() {
        if (usable(current)) {
            return;
        }
        int next = next();
        if (next < 0) {
            return;
        }
        took(next);
        if (next != current) {
            current = next;
            switches.increment();
            if (!duplicate) {
                sentTo[next] = 0;
            }
        }
    }

    /** The first that is usable; when none is, a full one is better than none. */
    private int next() {
        for (int i = 0; i < paths.size(); i++) {
            if (usable(i)) {
                return i;
            }
        }
        if (there(current)) {
            return current;
        }
        for (int i = 0; i < paths.size(); i++) {
            if (there(i)) {
                return i;
            }
        }
        return -1;
    }

    private boolean sentBy(int i) {
        return duplicate || i == current;
    }

    private long position(int i) {
        return Math.max(sentTo[i], kept.begin());
    }

    private boolean caughtUp(int i) {
        return position(i) >= kept.end();
    }

    private int catchUp(int i) {
        int work = 0;
        while (sentBy(i) && !caughtUp(i) && there(i) && sendKept(i) > 0) {
            work++;
        }
        return work;
    }

    /** Gives a full path the frame it is to have next; the peer has that by another path, so it does no harm. */
    private int tryFull(int i) {
        boolean due = clock.nanoTime() - refusedNs[i] >= LOST_AFTER_NS;
        return due && !caughtUp(i) && sendKept(i) > 0 ? 1 : 0;
    }

    private long sendKept(int i) {
        long position = position(i);
        int length = kept.copy(position, again);
        long result = give(i, again, 0, length);
        if (result > 0) {
            resent.increment();
            sentTo[i] = KeptFrames.after(position, length);
        }
        return result;
    }

    private long give(int i, DirectBuffer frame, int offset, int length) {
        long result = paths.get(i).link().offer(frame, offset, length);
        if (result > 0) {
            bytes[i].add(length);
            took(i);
        } else if (result == BACK_PRESSURED) {
            refused(i);
        }
        return result;
    }

    private void took(int i) {
        full[i] = false;
        refusedNs[i] = 0;
    }

    private void refused(int i) {
        long nowNs = clock.nanoTime();
        if (full[i] || refusedNs[i] == 0) {
            refusedNs[i] = nowNs;
        } else if (nowNs - refusedNs[i] >= LOST_AFTER_NS && anotherUsable(i)) {
            full[i] = true;
            awayNs[i] = refusedNs[i];
        }
    }

    @Override
    public long offer(DirectBuffer frame, int offset, int length) {
        long best = CLOSED;
        boolean refused = false;
        for (int i = 0; i < paths.size(); i++) {
            if (sentBy(i)) {
                long result = offerBy(i, frame, offset, length);
                best = Math.max(best, result);
                refused |= result == BACK_PRESSURED;
            }
        }
        if (best > 0 && paths.size() > 1) {
            kept.keep(frame, offset, length);
        }
        return best < 0 && refused ? BACK_PRESSURED : best;
    }

    private long offerBy(int i, DirectBuffer frame, int offset, int length) {
        if (full[i]) {
            return BACK_PRESSURED;
        }
        catchUp(i);
        if (!caughtUp(i)) {
            return there(i) ? BACK_PRESSURED : NOT_CONNECTED;
        }
        long result = give(i, frame, offset, length);
        if (result > 0) {
            sentTo[i] = KeptFrames.after(kept.end(), length);
        }
        return result;
    }

    @Override
    public void forget() {
        kept.forget();
        for (int i = 0; i < paths.size(); i++) {
            if (!full[i]) {
                refusedNs[i] = 0;
            }
        }
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
            if (there(i)) {
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
