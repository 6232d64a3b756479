/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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

@RequireRoot
@ExtendWith(NetNsExtension.class)
class CtKernelIT {
    private CtKernel kernel;

    @BeforeEach
    void open(TestNet net) {
        kernel = new CtKernel(net);
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void shouldCreateEveryKindOfEntryAndReadItBack() {
        createAll();
        List<CtSpec> missing = new ArrayList<>(CtSpecs.all());
        int dumped = kernel.dumpAll(ct -> missing.removeIf(spec -> {
            if (!spec.sameKey(ct) || (spec.zone == null ? 0 : spec.zone) != ct.zone()) {
                return false;
            }
            assertEquals(0, ct.unknownAttributes(), spec.name);
            spec.assertRead(ct);
            spec.assertKernelTuples(ct);
            return true;
        }));
        assertEquals(List.of(), missing.stream().map(s -> s.name).toList());
        assertEquals(CtSpecs.all().size(), dumped);
    }

    @Test
    void shouldShowEveryKindOfEntryInConntracksOwnListing() {
        createAll();
        List<String> lines = kernel.list();
        assertEquals(CtSpecs.all().size(), lines.size(), () -> String.join("\n", lines));
        for (CtSpec spec : CtSpecs.all()) {
            assertTrue(
                    lines.stream().anyMatch(l -> spec.printed.stream().allMatch(l::contains)),
                    () -> spec.name + " " + spec.printed + " is not in\n" + String.join("\n", lines));
        }
    }

    @Test
    void shouldAnswerUpsertsByErrno() {
        CtSpec spec = CtSpec.tcp4("upsert", 3000);
        kernel.encoder.beginUpdate(NlConst.NLM_F_ACK, kernel.nextSeq(), spec.family());
        spec.encodeKey(kernel.encoder).mark(1).end();
        assertEquals(Errno.ENOENT, kernel.exchange(1).getFirst()[1]);
        assertEquals(0, kernel.create(spec));
        assertEquals(Errno.EEXIST, kernel.create(spec));
        kernel.encoder.beginUpdate(NlConst.NLM_F_ACK, kernel.nextSeq(), spec.family());
        spec.encodeKey(kernel.encoder).status(spec.status).timeoutS(77).mark(9);
        kernel.encoder.tcp(TCP_CONNTRACK_TIME_WAIT, 7, 8, 0x0b, 0x0b).end();
        assertEquals(0, kernel.exchange(1).getFirst()[1]);
        assertEquals(1, kernel.dumpAll(ct -> {
            assertEquals(9, ct.mark());
            assertTrue(ct.timeoutS() <= 77 && ct.timeoutS() > 60, "timeout " + ct.timeoutS());
            assertEquals(TCP_CONNTRACK_TIME_WAIT, ct.protoInfo().tcpState());
        }));
    }

    @Test
    void shouldDeleteOneEntryAndFlushTheRest() {
        createAll();
        CtSpec spec = CtSpecs.all().getFirst();
        kernel.encoder.beginDelete(NlConst.NLM_F_ACK, kernel.nextSeq(), spec.family());
        spec.encodeKey(kernel.encoder).end();
        kernel.encoder.beginDelete(NlConst.NLM_F_ACK, kernel.nextSeq(), spec.family());
        spec.encodeKey(kernel.encoder).end();
        List<int[]> answers = kernel.exchange(2);
        assertEquals(0, answers.get(0)[1]);
        assertEquals(Errno.ENOENT, answers.get(1)[1]);
        assertEquals(CtSpecs.all().size() - 1, kernel.dumpAll(ct -> assertTrue(ct.zone() != 0 || !spec.sameKey(ct))));
        kernel.encoder
                .beginFlush(NlConst.NLM_F_ACK, kernel.nextSeq(), NlConst.AF_UNSPEC)
                .end();
        assertEquals(0, kernel.exchange(1).getFirst()[1]);
        assertEquals(0, kernel.dumpAll(ct -> {}));
    }

    @Test
    void shouldNotDeleteAnEntryOfAnotherId() {
        CtSpec spec = CtSpec.tcp4("by id", 3000);
        assertEquals(0, kernel.create(spec));
        int[] id = new int[1];
        kernel.dumpAll(ct -> id[0] = ct.id());
        for (int wanted : new int[] {id[0] + 1, id[0]}) {
            kernel.encoder.beginDelete(NlConst.NLM_F_ACK, kernel.nextSeq(), spec.family());
            spec.encodeKey(kernel.encoder).id(wanted).end();
            assertEquals(wanted == id[0] ? 0 : Errno.ENOENT, kernel.exchange(1).getFirst()[1]);
        }
    }

    @Test
    void shouldDumpOnlyWhatTheFilterLets() {
        createAll();
        kernel.encoder
                .beginDump(kernel.nextSeq(), NlConst.AF_UNSPEC)
                .filterMark(0xdead0000, 0xffff0000)
                .end();
        assertEquals(1, kernel.dump(ct -> assertEquals(0xdeadbeef, ct.mark())));
        kernel.encoder.beginDump(kernel.nextSeq(), NlConst.AF_UNSPEC).zone(77).end();
        assertEquals(1, kernel.dump(ct -> assertEquals(77, ct.zone())));
        kernel.encoder.beginDump(kernel.nextSeq(), NlConst.AF_INET6).end();
        assertEquals(6, kernel.dump(ct -> assertEquals(NlConst.AF_INET6, ct.family())));
        kernel.encoder
                .beginDump(kernel.nextSeq(), NlConst.AF_UNSPEC)
                .filterStatus(IPS_SRC_NAT, IPS_SRC_NAT)
                .end();
        assertEquals(4, kernel.dump(ct -> assertNotEquals(0, ct.status() & IPS_SRC_NAT)));
    }

    @Test
    void shouldGetOneEntry() {
        createAll();
        CtSpec spec = CtSpecs.all().get(10);
        List<String> got = new ArrayList<>();
        NlRequests requests = new NlRequests(kernel.socket);
        CtEncoder encoder = kernel.encoder.beginGet(NlConst.NLM_F_ACK, requests.nextSeq(), spec.family());
        spec.encodeKey(encoder).end();
        int sent = kernel.socket.send(kernel.buffer, 0, encoder.length());
        assertEquals(encoder.length(), sent);
        assertTrue(kernel.socket.await(2_000));
        kernel.socket.poll((buffer, offset, length) -> {
            NlReader reader = new NlReader().wrap(buffer, offset, length);
            while (reader.next()) {
                if (kernel.ct.wrap(buffer, reader.offset(), reader.length())) {
                    spec.assertRead(kernel.ct);
                    got.add(spec.name);
                }
            }
        });
        assertEquals(List.of(spec.name), got);
    }

    @Test
    void shouldTellTheSingleFailuresOfABatchBySeq() {
        CtSpec taken = CtSpec.tcp4("taken", 3100);
        assertEquals(0, kernel.create(taken));
        int first = 0;
        int failing = 0;
        for (int i = 0; i < 256; i++) {
            int seq = kernel.nextSeq();
            first = i == 0 ? seq : first;
            failing = i == 100 ? seq : failing;
            CtSpec spec = CtSpec.tcp4("batch", 3000 + i);
            spec.encodeCreate(kernel.encoder, i == 255 ? NlConst.NLM_F_ACK : 0, seq);
        }
        List<int[]> answers = kernel.exchange(2);
        assertEquals(failing, answers.get(0)[0]);
        assertEquals(Errno.EEXIST, answers.get(0)[1]);
        assertEquals(first + 255, answers.get(1)[0]);
        assertEquals(0, answers.get(1)[1]);
        assertEquals(256, kernel.dumpAll(ct -> {}));
    }

    private void createAll() {
        List<String> errors = new ArrayList<>();
        for (CtSpec spec : CtSpecs.all()) {
            int errno = kernel.create(spec);
            if (errno != 0) {
                errors.add(spec.name + ": " + Errno.name(errno));
            }
        }
        assertEquals(List.of(), errors);
    }
}
