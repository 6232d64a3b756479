/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.Check;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Descriptors to wait for together, to the nanosecond (ppoll(2)). A few of them: the kernel looks at each at every call. One
 * thread at a time; nothing is allocated after construction.
 *
 * <pre>
 *   struct timespec            struct pollfd, one for each place
 *   0        8        16       0        4        6         8
 *   | tv_sec | tv_nsec |       | fd     | events | revents |
 * </pre>
 */
public final class PollSet implements AutoCloseable {
    private static final int PLACES_MAX = 256;
    static final int TIMESPEC_BYTES = 16;
    static final int TV_NSEC_OFFSET = 8;
    static final int POLLFD_BYTES = 8;
    static final int EVENTS_OFFSET = 4;
    static final int REVENTS_OFFSET = 6;

    private static final long SECOND_NS = 1_000_000_000L;

    private final AnonymousMapping mapping = new AnonymousMapping();
    private final UnsafeBuffer memory;
    private final int places;

    /** Room for {@code places} descriptors, all of them unset. */
    public PollSet(int places) {
        Check.inRange(places, 1, PLACES_MAX, "places to poll");
        this.places = places;
        memory = mapping.map(TIMESPEC_BYTES + (long) places * POLLFD_BYTES);
        for (int i = 0; i < places; i++) {
            clear(i);
        }
    }

    /** Waits for {@code events} ({@code POLL*}; errors and hang-ups are told anyway) of {@code fd} from now on. */
    public void set(int place, int fd, int events) {
        memory.putInt(at(place), fd);
        memory.putShort(at(place) + EVENTS_OFFSET, (short) events);
        memory.putShort(at(place) + REVENTS_OFFSET, (short) 0);
    }

    /** Waits for nothing at this place. */
    public void clear(int place) {
        set(place, -1, 0); // poll(2): a negative descriptor is passed over
    }

    /**
     * Sleeps until something happens or {@code timeoutNs} has passed (0 or less: looks only). Returns how many descriptors have
     * something to tell, or {@code -errno}: {@code -EINTR} when a signal came first.
     */
    public int await(long timeoutNs) {
        long waitNs = Math.max(0, timeoutNs);
        memory.putLong(0, waitNs / SECOND_NS);
        memory.putLong(TV_NSEC_OFFSET, waitNs % SECOND_NS);
        ThreadMemory errno = ThreadMemory.current();
        long pointer = memory.addressOffset();
        try {
            int ready = (int)
                    Libc.PPOLL.invokeExact(errno.errnoState(), pointer + TIMESPEC_BYTES, (long) places, pointer, 0L);
            return ready < 0 ? errno.negativeErrno() : ready;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** What the last {@link #await} found at {@code place}: {@code POLL*}, 0 nothing. Not valid after it failed. */
    public int happened(int place) {
        return Short.toUnsignedInt(memory.getShort(at(place) + REVENTS_OFFSET));
    }

    private int at(int place) {
        Check.inRange(place, 0, places - 1, "place");
        return TIMESPEC_BYTES + place * POLLFD_BYTES;
    }

    @Override
    public void close() {
        mapping.close();
    }
}
