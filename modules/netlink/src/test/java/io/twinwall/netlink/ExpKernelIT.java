/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What docs/ARCHITECTURE.md says of expectations: what the kernel asks for to make one, and which ends it tells of. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class ExpKernelIT {
    private static final int WAIT_MS = 2_000;

    private CtKernel kernel;
    private ExpEncoder encoder;
    private NlSocket events;
    private final ExpFlyweight read = new ExpFlyweight();
    private final NlReader reader = new NlReader();
    private final ExpSpec spec = new ExpSpec(true, 5000);
    private final ExpSpec spec6 = new ExpSpec(false, 5000);

    @BeforeEach
    void open(TestNet net) {
        kernel = new CtKernel(net);
        encoder = new ExpEncoder(kernel.encoder);
        events = kernel.open(8, 4096);
        assertEquals(0, events.join(NlConst.NFNLGRP_CONNTRACK_EXP_NEW));
        assertEquals(0, events.join(NlConst.NFNLGRP_CONNTRACK_EXP_DESTROY));
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void shouldHoldWhatARequestMakesAndTellOfItByEventAndDump() {
        for (ExpSpec each : List.of(spec, spec6)) {
            assertEquals(0, master(each, true));
            assertEquals(0, create(each));
            assertEquals(List.of(ExpConst.IPCTNL_MSG_EXP_NEW), events(1, each));
            assertEquals(kernel.socket.portId(), read.portId(), "whose doing it was");
        }
        encoder.beginDump(kernel.nextSeq(), NlConst.AF_UNSPEC).end();
        List<Integer> families = dump();
        assertEquals(
                List.of(NlConst.AF_INET, NlConst.AF_INET6),
                families.stream().sorted().toList());
    }

    @Test
    void shouldRefuseOneWhoseMasterIsNotThereOrHasNoHelper() {
        assertEquals(Errno.ENOENT, create(spec));
        assertEquals(0, master(spec, false));
        assertEquals(Errno.EOPNOTSUPP, create(spec));
    }

    @Test
    void shouldSetItsTimeByAnUpdateAlone() {
        assertEquals(0, master(spec, true));
        spec.timeout(encoder, NlConst.NLM_F_ACK, kernel.nextSeq(), 77);
        assertEquals(Errno.ENOENT, answer());
        assertEquals(0, create(spec));
        assertEquals(Errno.EEXIST, create(spec));
        spec.timeout(encoder, NlConst.NLM_F_ACK, kernel.nextSeq(), 77);
        assertEquals(0, answer());
        encoder.beginDump(kernel.nextSeq(), NlConst.AF_INET).end();
        assertEquals(1, dump().size());
        assertTrue(read.timeoutS() <= 77 && read.timeoutS() > 60, "timeout " + read.timeoutS());
    }

    @Test
    void shouldTellOfTheEndOfADeletedOneAndOfOneWhoseMasterDied() {
        for (int round = 0; round < 2; round++) {
            master(spec, true);
            assertEquals(0, create(spec));
            if (round == 0) {
                spec.delete(encoder, NlConst.NLM_F_ACK, kernel.nextSeq());
            } else {
                spec.deleteMaster(encoder.entry(), NlConst.NLM_F_ACK, kernel.nextSeq());
            }
            assertEquals(0, answer());
            assertEquals(List.of(ExpConst.IPCTNL_MSG_EXP_NEW, ExpConst.IPCTNL_MSG_EXP_DELETE), events(2, spec));
        }
    }

    private int master(ExpSpec of, boolean helped) {
        of.master(kernel.encoder, NlConst.NLM_F_ACK, kernel.nextSeq(), helped);
        return answer();
    }

    private int create(ExpSpec each) {
        each.create(encoder, NlConst.NLM_F_ACK, kernel.nextSeq());
        return answer();
    }

    private int answer() {
        return kernel.exchange(1).getFirst()[1];
    }

    private List<Integer> events(int count, ExpSpec of) {
        List<Integer> types = new ArrayList<>();
        while (types.size() < count) {
            receive(events, () -> {
                of.assertRead(read);
                types.add(read.type());
            });
        }
        return types;
    }

    private List<Integer> dump() {
        List<Integer> families = new ArrayList<>();
        kernel.socket.send(kernel.buffer, 0, kernel.encoder.length());
        kernel.encoder.reset();
        boolean[] done = new boolean[1];
        while (!done[0]) {
            done[0] = receive(kernel.socket, () -> families.add(read.family()));
        }
        return families;
    }

    /** True when a dump's end was among what came. */
    private boolean receive(NlSocket socket, Runnable onExpectation) {
        boolean[] done = new boolean[1];
        int received = socket.poll((bytes, offset, length) -> {
            reader.wrap(bytes, offset, length);
            while (reader.next()) {
                if (reader.type() == NlConst.NLMSG_DONE) {
                    done[0] = true;
                } else {
                    assertTrue(
                            read.wrap(bytes, reader.offset(), reader.length()),
                            () -> read.reason().toString());
                    onExpectation.run();
                }
            }
        });
        assertTrue(received > 0 || (received == 0 && socket.await(WAIT_MS)), () -> "received " + received);
        return done[0];
    }
}
