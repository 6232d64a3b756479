/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlError;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlTransport;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Asks a kernel for all its conntrack entries and hands them over, slice by slice. The sync agent's thread. */
final class DumpSocket implements NlDatagramHandler, AutoCloseable {
    private static final int REQUEST_BYTES = 1024;

    /** What is done with an entry, which is valid only during the call. */
    @FunctionalInterface
    interface EntryHandler {
        void onEntry(CtFlyweight entry);
    }

    enum State {
        GOING_ON,
        COMPLETE,
        FAILED
    }

    private final Supplier<NlTransport> opener;
    private final Runnable beforeSlice;
    private final UnsafeBuffer requestBuffer;
    private final CtEncoder request = new CtEncoder();
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private final CtFlyweight entry = new CtFlyweight();

    private NlTransport transport;
    private EntryHandler handler;
    private State state = State.COMPLETE;
    private boolean unread;
    private boolean sliceBegun;
    private int seq;
    private int read;
    private int errno;

    /**
     * @param beforeSlice is run when the kernel has made a slice, before any of its entries is handed over: to read first
     *     the events of what the slice shows
     */
    DumpSocket(Supplier<NlTransport> opener, UnsafeBuffer requestBuffer, Runnable beforeSlice) {
        this.opener = opener;
        this.requestBuffer = requestBuffer;
        this.beforeSlice = beforeSlice;
        transport = opener.get();
    }

    static int requestBytes() {
        return REQUEST_BYTES;
    }

    /** Asks for what {@code asked} says; what is left of an earlier dump is dropped. False when the kernel could not be asked. */
    boolean start(DumpRequest asked) {
        discardOldDump();
        seq++;
        request.wrap(requestBuffer, 0, REQUEST_BYTES);
        asked.write(request, seq);
        state = State.GOING_ON;
        return transport.send(requestBuffer, 0, request.length()) >= 0;
    }

    /** Hands one slice to {@code entries}. */
    State read(EntryHandler entries) {
        handler = entries;
        sliceBegun = false;
        errno = 0;
        read = transport.poll(this);
        return read < 0 ? State.FAILED : state;
    }

    /** With which the kernel answered the request that FAILED; 0 when what failed was to read. */
    int errno() {
        return errno;
    }

    /** Datagrams of the last slice. */
    int lastRead() {
        return Math.max(read, 0);
    }

    @Override
    public void onDatagram(DirectBuffer buffer, int offset, int length) {
        if (!sliceBegun) {
            sliceBegun = true;
            beforeSlice.run();
        }
        reader.wrap(buffer, offset, length);
        while (reader.next()) {
            if (reader.seq() != seq || state != State.GOING_ON) {
                continue;
            }
            if (reader.type() == NlConst.NLMSG_DONE || reader.type() == NlConst.NLMSG_ERROR) {
                unread = false;
                errno = error.wrap(reader) ? error.errno() : 0;
                state = errno != 0 ? State.FAILED : State.COMPLETE;
            } else if (entry.wrap(buffer, reader.offset(), reader.length())) {
                handler.onEntry(entry);
            }
        }
    }

    @Override
    public void close() {
        transport.close();
    }

    /**
     * The kernel makes a dump as it is read, so one given up earlier would have to be read to its end before the next
     * may begin: closing its socket ends it at once.
     */
    private void discardOldDump() {
        if (unread) {
            transport.close();
            transport = opener.get();
        }
        unread = true;
    }
}
