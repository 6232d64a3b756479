/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.ScriptedKernel;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A source that becomes mirror sees no more packets: what its kernel would let expire before renewals come is updated. */
class AdoptionTest {
    private static final int UDP = 17;
    private static final int ONE_WAY_S = 30;
    private static final int LONG_S = 432_000;

    private final FlowTable table = new FlowTable(SimNode::memory, new FlowTableConfig(100, 4, 1), new Counters());
    private final Injector injector = new Injector(
            table,
            new ScriptedKernel().connect(NlConst.NETLINK_NETFILTER),
            SimNode.memory(Injector.bufferBytes()),
            () -> 0,
            new Counters());
    private final FlowImage image = new FlowImage();
    private final UnsafeBuffer addresses = SimNode.memory(32);

    @Test
    void shouldUpdateAtOnceWhatWouldExpireBeforeRenewalsReachIt() {
        int shortLived = known(1, ONE_WAY_S);
        known(2, LONG_S);
        injector.adopt();
        assertEquals(1, table.dirtyCount());
        assertEquals(shortLived, table.takeDirty());
    }

    private int known(int n, int timeoutS) {
        addresses.putInt(0, n);
        addresses.putInt(16, 99);
        image.clear().family(FlowImage.AF_INET).l4proto(UDP);
        image.orig(addresses, 0, 16, 1000, 53).reply(addresses, 16, 0, 53, 1000).timeoutSeconds(timeoutS);
        table.apply(image, FlowTable.REPLICATE, 0);
        table.release(table.takeDirty());
        return table.find(image);
    }
}
