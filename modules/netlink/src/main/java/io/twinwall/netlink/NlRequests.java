/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.linux.Errno;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Requests of the control plane, one at a time: build, send, wait for the kernel's answer. {@link #begin} (or {@link
 * #beginNf}), attributes, then {@link #execute} or {@link #dump}. The transport should be in no multicast group: what
 * answers no request of ours is dropped here. One thread; owns its request buffer, not the transport.
 */
public final class NlRequests {
    private static final int REQUEST_BYTES = 64 * 1024;
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int AWAIT_MS = 100;
    private static final RefusalHandler NOBODY = (seq, refusal) -> {};

    /** Is told of each message of a batch that the kernel refused. */
    @FunctionalInterface
    public interface RefusalHandler {
        void onRefusal(int seq, NlResult refusal);
    }

    private final NlTransport transport;
    private final NlWriter writer = new NlWriter();
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(REQUEST_BYTES));
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private int seq;

    private int firstSeq;
    private int lastSeq;
    private boolean dumping;
    private NlMessageHandler handler;
    private RefusalHandler onRefusal = NOBODY;
    private NlResult firstError;
    private boolean interrupted;
    private boolean finished;

    public NlRequests(NlTransport transport) {
        this.transport = transport;
        writer.wrap(buffer, 0, REQUEST_BYTES);
    }

    /** Begins a request with the next sequence number; {@code NLM_F_REQUEST} is added to {@code flags}. */
    public NlWriter begin(int type, int flags) {
        return writer.reset().begin(type, flags | NlConst.NLM_F_REQUEST, ++seq);
    }

    /** Begins an nfnetlink request. */
    public NlWriter beginNf(int type, int flags, int family, int resId) {
        return writer.reset().beginNf(type, flags | NlConst.NLM_F_REQUEST, ++seq, family, resId);
    }

    /** A sequence number for a batch built elsewhere. */
    public int nextSeq() {
        return ++seq;
    }

    /** Ends the request, has it acknowledged, and returns the answer; ETIMEDOUT when none came. */
    public NlResult execute() {
        return execute(message -> {});
    }

    /** As {@link #execute()}; what comes before the acknowledgement (a look-up's answer) goes to {@code handler}. */
    public NlResult execute(NlMessageHandler handler) {
        writer.end();
        writer.addFlags(0, NlConst.NLM_F_ACK);
        return send(buffer, 0, writer.length(), seq, seq, false, handler);
    }

    /**
     * Ends the request and has it answered with all there is. {@code EINTR} says that what was listed changed meanwhile
     * ({@code NLM_F_DUMP_INTR}): the list may miss or repeat something, so ask again.
     */
    public NlResult dump(NlMessageHandler handler) {
        writer.end();
        writer.addFlags(0, NlConst.NLM_F_DUMP);
        return send(buffer, 0, writer.length(), seq, seq, true, handler);
    }

    /**
     * Sends a batch whose messages carry the sequence numbers {@code firstSeq..lastSeq}, the last with {@code NLM_F_ACK}.
     *
     * @return the first error of any of them, else {@link NlResult#DONE}
     */
    public NlResult batch(DirectBuffer batch, int offset, int length, int firstSeq, int lastSeq) {
        return send(batch, offset, length, firstSeq, lastSeq, false, message -> {});
    }

    /**
     * As above, with every refusal handed over: requests of rtnetlink do not hang together, so the ones behind a refused one
     * are worked off all the same.
     *
     * @return {@link NlResult#DONE} when each was worked off, else why not all answers came
     */
    public NlResult batch(
            DirectBuffer batch, int offset, int length, int firstSeq, int lastSeq, RefusalHandler refusals) {
        onRefusal = refusals;
        NlResult result = send(batch, offset, length, firstSeq, lastSeq, false, message -> {});
        onRefusal = NOBODY;
        // The last one's answer ends it, refusal or not: whatever else it says was told on the way.
        return finished ? NlResult.DONE : result;
    }

    private NlResult send(
            DirectBuffer request, int offset, int length, int first, int last, boolean dump, NlMessageHandler to) {
        firstSeq = first;
        lastSeq = last;
        dumping = dump;
        handler = to;
        firstError = null;
        interrupted = false;
        finished = false;
        int sent = transport.send(request, offset, length);
        if (sent < 0) {
            return new NlResult(-sent, "", NlError.NONE);
        }
        return receive();
    }

    private NlResult receive() {
        long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!finished) {
            int received = transport.poll(this::onDatagram);
            if (received < 0) {
                return new NlResult(-received, "", NlError.NONE);
            }
            if (received == 0 && !transport.await(AWAIT_MS) && System.nanoTime() - deadlineNs > 0) {
                return new NlResult(Errno.ETIMEDOUT, "the kernel did not answer", NlError.NONE);
            }
        }
        if (firstError != null) {
            return firstError;
        }
        return interrupted ? new NlResult(Errno.EINTR, "the dump was interrupted", NlError.NONE) : NlResult.DONE;
    }

    private void onDatagram(DirectBuffer datagram, int offset, int length) {
        reader.wrap(datagram, offset, length);
        while (reader.next()) {
            int answered = reader.seq();
            if (reader.portId() != transport.portId() || answered - firstSeq < 0 || answered - lastSeq > 0) {
                continue;
            }
            interrupted |= (reader.flags() & NlConst.NLM_F_DUMP_INTR) != 0;
            if (reader.type() == NlConst.NLMSG_ERROR || reader.type() == NlConst.NLMSG_DONE) {
                answer(answered);
            } else if (!finished) {
                handler.onMessage(reader);
            }
        }
    }

    private void answer(int answered) {
        if (!error.wrap(reader)) {
            return;
        }
        if (error.errno() != 0) {
            NlResult refusal = error.result();
            firstError = firstError == null ? refusal : firstError;
            onRefusal.onRefusal(answered, refusal);
        }
        finished |= answered == lastSeq && (dumping || reader.type() == NlConst.NLMSG_ERROR);
    }
}
