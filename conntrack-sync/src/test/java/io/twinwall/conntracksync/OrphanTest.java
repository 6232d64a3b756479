/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.DelegatingTransport;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.ScriptedKernel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A kernel refuses a flow whose master it does not hold: it is made with it later, or without when none will come. */
class OrphanTest {
    private static final int TCP = 6;
    private static final int STEPS = 10;

    private final Counters counters = new Counters();
    private final FlowTable table = new FlowTable(SimNode::memory, new FlowTableConfig(100, 4, 1), new Counters());
    private final ScriptedKernel kernel = new ScriptedKernel();
    private final Masterless transport = new Masterless();
    private final Injector injector =
            new Injector(table, transport, SimNode.memory(Injector.bufferBytes()), () -> 0, counters);

    @Test
    void shouldWaitAsLongAsTheMirrorIsNotWhole() {
        apply();
        injector.masters(Injector.Masters.COME);
        steps();
        assertEquals(0, kernel.entries());
        assertEquals(1, table.dirtyCount());
        transport.hasMaster = true;
        applyMaster();
        steps();
        assertEquals(2, kernel.entries());
        assertEquals(2, transport.withMaster, "with it, once before it and once after");
        assertEquals(0, table.dirtyCount());
    }

    @Test
    void shouldWaitForTheNextStepWhenTheMirrorIsWhole() {
        apply();
        injector.masters(Injector.Masters.MAY_COME);
        injector.step(STEPS);
        assertEquals(0, kernel.entries());
        transport.hasMaster = true;
        injector.step(STEPS);
        assertEquals(1, transport.withMaster);
    }

    @Test
    void shouldGoWithoutWhenNoneComes() {
        apply();
        injector.masters(Injector.Masters.MAY_COME);
        steps();
        assertEquals(1, kernel.entries());
        assertEquals(0, transport.withMaster);
    }

    @Test
    void shouldGoWithoutAtOnceWhenATakeoverWaits() {
        apply();
        injector.masters(Injector.Masters.COME);
        injector.step(STEPS);
        injector.masters(Injector.Masters.NONE_COME);
        injector.step(STEPS);
        assertEquals(1, kernel.entries());
        assertEquals(0, table.dirtyCount());
    }

    private void steps() {
        for (int i = 0; i < STEPS; i++) {
            injector.step(STEPS);
        }
    }

    private void applyMaster() {
        UnsafeBuffer addresses = SimNode.memory(32);
        addresses.putInt(0, 1);
        addresses.putInt(16, 99);
        FlowImage image = new FlowImage();
        image.clear().family(FlowImage.AF_INET).l4proto(TCP);
        image.orig(addresses, 0, 16, 1001, 21).reply(addresses, 16, 0, 21, 1001).timeoutSeconds(600);
        table.apply(image.tcp(3, 7, 7, 1, 1), FlowTable.REPLICATE, 0);
    }

    private void apply() {
        UnsafeBuffer addresses = SimNode.memory(32);
        addresses.putInt(0, 1);
        addresses.putInt(16, 99);
        FlowImage image = new FlowImage();
        image.clear().family(FlowImage.AF_INET).l4proto(TCP);
        image.orig(addresses, 0, 16, 1000, 20).reply(addresses, 16, 0, 20, 1000).timeoutSeconds(600);
        image.tcp(3, 7, 7, 1, 1).master(addresses, 0, 16, 1001, 21, TCP);
        table.apply(image, FlowTable.REPLICATE, 0);
    }

    private final class Masterless extends DelegatingTransport {
        private boolean hasMaster;
        private int withMaster;

        Masterless() {
            super(kernel.connect(NlConst.NETLINK_NETFILTER));
        }

        /** Request by request, to refuse one of them. */
        @Override
        public int send(DirectBuffer buffer, int offset, int length) {
            NlReader requests = new NlReader().wrap(buffer, offset, length);
            CtFlyweight entry = new CtFlyweight();
            while (requests.next()) {
                if (entry.wrap(buffer, requests.offset(), requests.length()) && entry.has(CtFlyweight.HAS_MASTER)) {
                    if (hasMaster) {
                        withMaster++;
                    } else {
                        kernel.refuse(Errno.ENOENT, 1);
                    }
                }
                super.send(buffer, requests.offset(), requests.length());
            }
            return length;
        }
    }
}
