/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.ExpEncoder;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlError;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlTransport;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The kernel's expectations as the sync agent asks for them: small batches of requests, each answered by an errno, and
 * dumps. No system call is made but for one of these. On the sync agent's thread; a socket of its own, since answers to the
 * injector's requests are counted by the injector.
 */
final class ExpectKernel implements NlDatagramHandler, AutoCloseable {
    static final int BATCH = 32;

    private static final int BUFFER_BYTES = BATCH * CtEncoder.MESSAGE_BYTES_MAX;
    private static final int POLLS_MAX = 1000;
    private static final long DUMP_NS_MAX = 2_000_000_000L;
    private static final int AF_UNSPEC = 0;

    /** Hears what the kernel tells: a message of a dump or the answer to a look-up. */
    @FunctionalInterface
    interface Handler {
        void onMessage(DirectBuffer buffer, int offset, int length, boolean fromDump);
    }

    private final Supplier<NlTransport> opener;
    private final Handler handler;
    private final MutableDirectBuffer buffer;
    private final CtEncoder entries = new CtEncoder();
    private final ExpEncoder encoder = new ExpEncoder(entries);
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private final int[] errnos = new int[BATCH];

    private NlTransport transport;
    private int seq;
    private int firstSeq;
    private int requests;
    private int answers;
    private int dumpSeq;
    private boolean dumping;
    private boolean dumpFailed;
    private long dumpBeganNs;

    ExpectKernel(Supplier<NlTransport> opener, MutableDirectBuffer buffer, Handler handler) {
        this.opener = opener;
        this.buffer = buffer;
        this.handler = handler;
        transport = opener.get();
    }

    static int bufferBytes() {
        return BUFFER_BYTES;
    }

    /** Begins a batch of at most {@link #BATCH} requests. */
    ExpEncoder begin() {
        firstSeq = seq + 1;
        requests = 0;
        return encoder.wrap(buffer, 0, BUFFER_BYTES);
    }

    /** The sequence number of the next request, which is to ask for an acknowledgement. */
    int next() {
        errnos[requests++] = Errno.EAGAIN;
        return ++seq;
    }

    boolean full() {
        return requests == BATCH;
    }

    int requests() {
        return requests;
    }

    /** Sends the batch and reads all answers; what was not answered is EAGAIN. */
    void exchange() {
        if (requests == 0) {
            return;
        }
        answers = 0;
        if (transport.send(buffer, 0, entries.length()) < 0) {
            return;
        }
        for (int polls = 0; answers < requests && polls < POLLS_MAX; polls++) {
            int read = transport.poll(this);
            if (read <= 0) {
                transport.await(1);
            }
        }
    }

    /** How the kernel answered request {@code index} of the last batch. */
    int errno(int index) {
        return errnos[index];
    }

    void startDump(long nowNs) {
        begin();
        dumpSeq = ++seq;
        encoder.beginDump(dumpSeq, AF_UNSPEC).end();
        dumping = transport.send(buffer, 0, entries.length()) > 0;
        dumpFailed = !dumping;
        dumpBeganNs = nowNs;
    }

    boolean dumping() {
        return dumping;
    }

    /** True when the last dump came whole. */
    boolean dumped() {
        return !dumping && !dumpFailed;
    }

    /** Reads on; {@link #dumping} turns false at the end. */
    void pollDump(long nowNs) {
        int read = transport.poll(this);
        if (dumping && (read < 0 || nowNs - dumpBeganNs > DUMP_NS_MAX)) {
            // Half a dump would have to be read to its end before the next may begin: closing its socket ends it.
            dumping = false;
            dumpFailed = true;
            transport.close();
            transport = opener.get();
        }
    }

    @Override
    public void onDatagram(DirectBuffer datagram, int offset, int length) {
        reader.wrap(datagram, offset, length);
        while (reader.next()) {
            boolean ofDump = dumping && reader.seq() == dumpSeq;
            int index = reader.seq() - firstSeq;
            boolean ofBatch = !ofDump && index >= 0 && index < requests;
            if (reader.type() == NlConst.NLMSG_ERROR || reader.type() == NlConst.NLMSG_DONE) {
                int errno = error.wrap(reader) ? error.errno() : 0;
                if (ofDump) {
                    dumping = false;
                    dumpFailed = errno != 0;
                } else if (ofBatch) {
                    errnos[index] = errno;
                    answers++;
                }
            } else if (ofDump || ofBatch) {
                handler.onMessage(datagram, reader.offset(), reader.length(), ofDump);
            }
        }
    }

    @Override
    public void close() {
        transport.close();
    }
}
