/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.DelegatingTransport;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.ScriptedKernel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A kernel without the flow's helper refuses each request that names it: the entry is held without, and stays. */
class BareEntryTest {
    private static final int TCP = 6;

    private final Counters counters = new Counters();
    private final FlowTable table = new FlowTable(SimNode::memory, new FlowTableConfig(100, 4, 1), new Counters());
    private final ScriptedKernel kernel = new ScriptedKernel();
    private final Helperless transport = new Helperless();
    private final Injector injector =
            new Injector(table, transport, SimNode.memory(Injector.bufferBytes()), () -> 0, counters);
    private final FlowImage image = new FlowImage();
    private final UnsafeBuffer addresses = SimNode.memory(32);

    @Test
    void shouldUpdateWithoutTheHelperWhatWasCreatedWithout() {
        apply(1);
        inject();
        assertEquals(1, kernel.entries());
        int deletions = transport.deletions;
        long retries = counters.value("sync_inject_retries_total");
        apply(2);
        inject();
        assertEquals(1, counters.value("sync_inject_updated_total"));
        assertEquals(deletions, transport.deletions);
        assertEquals(retries, counters.value("sync_inject_retries_total"), "it is known to be bare");
    }

    @Test
    void shouldNotDeleteWhatRefusesAnUpdateForItsHelper() {
        transport.hasHelper = true;
        apply(1);
        inject();
        transport.hasHelper = false;
        for (int mark = 2; mark < 5; mark++) {
            apply(mark);
            inject();
        }
        assertEquals(3, counters.value("sync_inject_updated_total"));
        assertEquals(1, counters.value("sync_inject_retries_total"));
        assertEquals(0, transport.deletions);
    }

    private void inject() {
        while (table.dirtyCount() > 0) {
            injector.step(1);
        }
    }

    private void apply(int mark) {
        addresses.putInt(0, 1);
        addresses.putInt(16, 99);
        image.clear().family(FlowImage.AF_INET).l4proto(TCP);
        image.orig(addresses, 0, 16, 1000, 21).reply(addresses, 16, 0, 21, 1000).timeoutSeconds(600);
        image.tcp(3, 7, 7, 1, 1).helper("ftp").mark(mark);
        table.apply(image, FlowTable.REPLICATE, 0);
    }

    private final class Helperless extends DelegatingTransport {
        private boolean hasHelper;
        private int deletions;

        Helperless() {
            super(kernel.connect(NlConst.NETLINK_NETFILTER));
        }

        /** Request by request, to refuse one of them. */
        @Override
        public int send(DirectBuffer buffer, int offset, int length) {
            NlReader requests = new NlReader().wrap(buffer, offset, length);
            CtFlyweight entry = new CtFlyweight();
            while (requests.next()) {
                boolean isDelete = (requests.type() & 0xff) == CtConst.IPCTNL_MSG_CT_DELETE;
                if (isDelete) {
                    deletions++;
                } else if (!hasHelper
                        && entry.wrap(buffer, requests.offset(), requests.length())
                        && entry.has(CtFlyweight.HAS_HELPER)) {
                    kernel.refuse(Errno.EOPNOTSUPP, 1);
                }
                super.send(buffer, requests.offset(), requests.length());
            }
            return length;
        }
    }
}
