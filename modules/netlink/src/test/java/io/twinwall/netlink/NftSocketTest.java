/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.linux.Errno;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** How the answers to a transaction are read, in the orders in which the kernel gives them. */
final class NftSocketTest {
    private static final NftTable TABLE = new NftTable(NftConst.NFPROTO_INET, "t");

    private final Answers answers = new Answers();
    private final NftSocket socket = new NftSocket(answers);
    private final NftBatch batch = new NftBatch(new UnsafeBuffer(new byte[4096]));

    @Test
    void shouldBeDoneWhenTheLastChangeIsAcknowledged() {
        changes();
        answers.error(batch.lastSeq(), 0);
        assertEquals(NftResult.done(), socket.commit(batch));
    }

    @Test
    void shouldNameTheFirstChangeRefusedThoughTheLastIsAcknowledged() {
        changes();
        answers.error(batch.beginSeq() + 2, Errno.EEXIST);
        answers.error(batch.beginSeq() + 3, Errno.ENOENT);
        answers.error(batch.lastSeq(), 0);
        assertEquals(new NftResult(Errno.EEXIST, "add set inet t v", ""), socket.commit(batch));
    }

    @Test
    void shouldNotWaitForMoreWhenTheWholeIsRefused() {
        changes();
        answers.error(batch.beginSeq(), Errno.EPERM);
        assertEquals(new NftResult(Errno.EPERM, "nf_tables transaction", ""), socket.commit(batch));
    }

    @Test
    void shouldPassByWhatAnswersSomethingElse() {
        changes();
        answers.error(batch.beginSeq() - 1, Errno.EINVAL);
        answers.error(batch.lastSeq(), 0);
        assertEquals(NftResult.done(), socket.commit(batch));
    }

    @Test
    void shouldReportWhatTheSocketSays() {
        changes();
        assertEquals(Errno.EAGAIN, socket.commit(batch).errno());
        changes();
        answers.sendResult = -Errno.ENOBUFS;
        assertEquals(new NftResult(Errno.ENOBUFS, "nf_tables transaction", ""), socket.commit(batch));
    }

    @Test
    void shouldNeverUseANumberTwice() {
        changes();
        answers.error(batch.lastSeq(), 0);
        socket.commit(batch);
        int last = batch.endSeq();
        changes();
        assertEquals(last + 1, batch.beginSeq());
    }

    private void changes() {
        socket.begin(batch)
                .addTable(TABLE, 0)
                .addSet(TABLE, NftSet.ofIpv4("v"))
                .deleteTable(TABLE)
                .deleteTable(TABLE);
    }

    /** A transport that hands over the answers put into it, one datagram each. */
    private static final class Answers implements NlTransport {
        private static final int PORT_ID = 4711;
        private final Deque<UnsafeBuffer> datagrams = new ArrayDeque<>();
        private int sendResult = 1;

        void error(int seq, int errno) {
            UnsafeBuffer datagram = new UnsafeBuffer(new byte[NlConst.NLMSG_HDRLEN + 4 + NlConst.NLMSG_HDRLEN]);
            NlWriter writer = new NlWriter().wrap(datagram, 0, datagram.capacity());
            writer.begin(NlConst.NLMSG_ERROR, NlConst.NLM_F_CAPPED, seq);
            datagram.putInt(writer.header(4 + NlConst.NLMSG_HDRLEN), -errno);
            writer.end();
            datagram.putInt(NlConst.NLMSG_PID_OFFSET, PORT_ID);
            datagrams.add(datagram);
        }

        @Override
        public int portId() {
            return PORT_ID;
        }

        @Override
        public int send(DirectBuffer buffer, int offset, int length) {
            return sendResult;
        }

        @Override
        public int poll(NlDatagramHandler handler) {
            if (datagrams.isEmpty()) {
                return 0;
            }
            UnsafeBuffer datagram = datagrams.remove();
            handler.onDatagram(datagram, 0, datagram.capacity());
            return 1;
        }

        @Override
        public int join(int group) {
            throw new AssertionError("join");
        }

        @Override
        public int leave(int group) {
            throw new AssertionError("leave");
        }

        @Override
        public int setReceiveBuffer(int bytes) {
            throw new AssertionError("setReceiveBuffer");
        }

        @Override
        public boolean await(int timeoutMs) {
            return !datagrams.isEmpty();
        }

        @Override
        public void close() {}
    }
}
