/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.testkit.Fuzz;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Whatever a datagram holds, every reader of netlink ends, within the datagram's bytes, and the next good message is
 * read. The corpus was recorded from a Linux 6.18 kernel: interfaces, addresses, routes, rules, chains, sets.
 */
class NetlinkFuzzTest {
    private static final int PORT_ID = 77;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private final NftDecoder nft = new NftDecoder();
    private final Kernel kernel = new Kernel();
    private final NlRequests requests = new NlRequests(kernel);

    @Test
    void shouldReadAnyDatagramWithinItsBounds() {
        Fuzz.of("netlink-datagram").run(120_000, this::walk);
    }

    private long walk(byte[] datagram) {
        buffer.wrap(datagram);
        reader.wrap(buffer, 0, datagram.length);
        long shape = 1;
        int messages = 0;
        while (reader.next()) {
            assertTrue(reader.offset() >= 0 && reader.offset() + reader.length() <= datagram.length);
            shape = 31 * shape + read();
            messages++;
        }
        assertTrue(messages <= datagram.length / NlConst.NLMSG_HDRLEN);
        return 7 * Math.min(messages, 4) + reader.error() + (messages < 4 ? 64 * shape : 0);
    }

    /** By every reader there is: the type in the header is the sender's claim. */
    private long read() {
        long shape = error.wrap(reader) ? error.result().errno() == 0 ? 1 : 2 : 0;
        shape = 3 * shape + (RtLinks.parse(reader) == null ? 0 : 1);
        shape = 3 * shape + (RtAddresses.parse(reader) == null ? 0 : 1);
        shape = 3 * shape + (RtRoutes.parse(reader) == null ? 0 : 1);
        shape = 3 * shape + (RtRules.parse(reader) == null ? 0 : 1);
        List<NftElement> elements = new ArrayList<>();
        List<NftBaseChain> chains = new ArrayList<>();
        List<String> names = new ArrayList<>();
        NftTable table = new NftTable(1, "lab");
        nft.elements(reader, elements);
        nft.baseChain(reader, table, chains);
        nft.ruleChain(reader, table, names);
        return 5 * (3 * (3 * shape + Math.min(2, elements.size())) + chains.size()) + names.size();
    }

    @Test
    void shouldEndEveryDumpWhateverTheKernelSays() {
        Fuzz.of("netlink-datagram").run(30_000, this::dump);
    }

    /** A hostile kernel says {@code datagram} first, as an answer to this request, and then what it should. */
    private long dump(byte[] datagram) {
        int[] messages = {0};
        kernel.hostile(datagram);
        requests.begin(RtConst.RTM_GETLINK, 0).header(RtConst.IFINFOMSG_BYTES);
        NlResult first = requests.dump(message -> messages[0]++);
        requests.begin(RtConst.RTM_GETLINK, 0).header(RtConst.IFINFOMSG_BYTES);
        NlResult second = requests.dump(message -> messages[0]++);
        assertEquals(0, second.errno(), "the next dump");
        return 8L * Math.min(messages[0], 5) + (first.ok() ? 0 : first.errno() == Errno.EINTR ? 1 : 2);
    }

    @Test
    void shouldReadOrRefuseAnyEntryWithinItsBounds() {
        CtFlyweight ct = new CtFlyweight();
        Fuzz.of("netlink-entry", CtCorpus.messages()).run(150_000, message -> {
            if (message.length >= NlConst.NLMSG_HDRLEN && (message[5] & 0x80) == 0) {
                // Most cases pass the first door, so that the ones behind it are tried too.
                new UnsafeBuffer(message).putInt(0, message.length);
            }
            buffer.wrap(message);
            boolean accepted = ct.wrap(buffer, 0, message.length);
            assertEquals(accepted, ct.reason() == CtReason.OK);
            if (accepted) {
                CtFuzzTest.checkOffsets(ct, message.length);
            }
            return 16 * (ct.present() * 4 + Math.min(3, ct.unknownAttributes()))
                    + ct.reason().name().hashCode();
        });
    }

    /** Answers one dump after the other. */
    private static final class Kernel implements NlTransport {
        private final UnsafeBuffer said = new UnsafeBuffer(new byte[0]);
        private final UnsafeBuffer done = new UnsafeBuffer(new byte[NlConst.NLMSG_HDRLEN + 4]);
        private boolean hostile;
        private int seq;

        /** To us, and of the next request: else the reader need not look at it. */
        void hostile(byte[] datagram) {
            said.wrap(datagram);
            hostile = true;
            for (int at = 0; at + NlConst.NLMSG_HDRLEN <= datagram.length; ) {
                said.putInt(at + NlConst.NLMSG_SEQ_OFFSET, seq + 1);
                said.putInt(at + NlConst.NLMSG_PID_OFFSET, PORT_ID);
                int length = said.getInt(at);
                if (length < NlConst.NLMSG_HDRLEN || length > datagram.length - at) {
                    break;
                }
                at += NlConst.align(length);
            }
        }

        @Override
        public int send(DirectBuffer buffer, int offset, int length) {
            seq = buffer.getInt(offset + NlConst.NLMSG_SEQ_OFFSET);
            return length;
        }

        @Override
        public int poll(NlDatagramHandler handler) {
            if (hostile) {
                hostile = false;
                handler.onDatagram(said, 0, said.capacity());
                return 1;
            }
            done.putInt(0, done.capacity());
            done.putShort(NlConst.NLMSG_TYPE_OFFSET, (short) NlConst.NLMSG_DONE);
            done.putInt(NlConst.NLMSG_SEQ_OFFSET, seq);
            done.putInt(NlConst.NLMSG_PID_OFFSET, PORT_ID);
            handler.onDatagram(done, 0, done.capacity());
            return 1;
        }

        @Override
        public int portId() {
            return PORT_ID;
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
        public void close() {}
    }
}
