/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlTransport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A kernel that allocates nothing, for measuring what the agent does: it tells of changes of a fixed set of flows, ends
 * dumps at once and acknowledges every batch.
 */
final class QuickKernel implements ConntrackKernel {
    static final int FLOWS = 1024;
    private static final int DATAGRAMS_PER_POLL = 64;

    /** Changes that the next polls of the event socket tell of. */
    int changesDue;

    long changesTold;
    long requests;

    @Override
    public NlTransport events() {
        return new Events();
    }

    @Override
    public NlTransport dumps() {
        return new Answers(true);
    }

    @Override
    public NlTransport injections() {
        return new Answers(false);
    }

    private abstract static class Quiet implements NlTransport {
        @Override
        public int portId() {
            return 1;
        }

        @Override
        public int join(int group) {
            return 0;
        }

        @Override
        public int leave(int group) {
            return 0;
        }

        @Override
        public int setReceiveBuffer(int bytes) {
            return 0;
        }

        @Override
        public boolean await(int timeoutMs) {
            return true;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private final class Events extends Quiet {
        private final UnsafeBuffer buffer = SimNode.memory(1024);
        private final UnsafeBuffer addresses = SimNode.memory(64);
        private final CtEncoder encoder = new CtEncoder();

        @Override
        public int send(DirectBuffer source, int offset, int length) {
            return length;
        }

        @Override
        public int poll(NlDatagramHandler handler) {
            int told = 0;
            while (told < DATAGRAMS_PER_POLL && changesDue > 0) {
                handler.onDatagram(buffer, 0, change());
                changesDue--;
                changesTold++;
                told++;
            }
            return told;
        }

        private int change() {
            int flow = (int) (changesTold % FLOWS);
            int family = flow % 2 == 0 ? NlConst.AF_INET : NlConst.AF_INET6;
            addresses.setMemory(0, 16, (byte) 10);
            addresses.setMemory(16, 16, (byte) 20);
            encoder.wrap(buffer, 0, 1024).beginUpdate(0, 0, family);
            encoder.tuple(CtConst.CTA_TUPLE_ORIG, family, addresses, 0, addresses, 16, 6, 1000 + flow, 80);
            // Every fourth is translated, every eighth ends and begins again.
            int src = flow % 4 == 0 ? 0 : 16;
            encoder.tuple(CtConst.CTA_TUPLE_REPLY, family, addresses, src, addresses, 0, 6, 80, 1000 + flow);
            encoder.status(CtConst.IPS_CONFIRMED | CtConst.IPS_SEEN_REPLY).timeoutS(300);
            encoder.tcp(3, 7, 7, 3, 3).mark((int) (changesTold / FLOWS)).labels(flow % 3, 1);
            encoder.end();
            boolean ends = flow % 8 == 0 && changesTold / FLOWS % 2 == 1;
            buffer.putByte(4, (byte) (ends ? CtConst.IPCTNL_MSG_CT_DELETE : CtConst.IPCTNL_MSG_CT_NEW));
            return encoder.length();
        }
    }

    private final class Answers extends Quiet {
        private final UnsafeBuffer answer = SimNode.memory(64);
        private final boolean dump;
        private boolean due;

        private Answers(boolean dump) {
            this.dump = dump;
        }

        @Override
        public int send(DirectBuffer batch, int offset, int length) {
            int last = offset;
            int at = offset;
            while (at < offset + length) {
                last = at;
                requests++;
                at += (batch.getInt(at) + 3) & ~3;
            }
            answer.setMemory(0, 64, (byte) 0);
            answer.putInt(0, 36);
            answer.putShort(4, (short) (dump ? NlConst.NLMSG_DONE : NlConst.NLMSG_ERROR));
            answer.putInt(8, batch.getInt(last + 8));
            answer.putBytes(20, batch, last, NlConst.NLMSG_HDRLEN);
            due = true;
            return length;
        }

        @Override
        public int poll(NlDatagramHandler handler) {
            if (!due) {
                return 0;
            }
            due = false;
            handler.onDatagram(answer, 0, 36);
            return 1;
        }
    }
}
