/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.flowtable.SlotCursor;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.DelegatingTransport;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.ScriptedKernel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an entry gets at a takeover: what its flow may have left on the source, within the bound by which that is known. */
class TakeoverTimeTest {
    private static final int UDP = 17;

    private long nowS = 1_000_000;
    private long timeoutS;

    /** Told seconds, seconds since, and what is to be set. */
    @ParameterizedTest
    @CsvSource({
        "432000, 0, 432000",
        // Packets since then were no news: they may have set it anew a sixteenth ago.
        "432000, 3600, 432000",
        "432000, 345600, 91800",
        "3600, 600, 3187",
        "300, 100, 260",
        "30, 20, 120",
        "30, 3000, 120"
    })
    void shouldBeWhatIsLeft(int toldS, int sinceS, int expectedS) {
        FlowTable table = new FlowTable(SimNode::memory, new FlowTableConfig(100, 4, 1), new Counters());
        ScriptedKernel kernel = new ScriptedKernel();
        Injector injector = new Injector(
                table,
                new Listening(kernel),
                SimNode.memory(Injector.bufferBytes()),
                () -> nowS * 1_000_000_000L,
                new Counters());
        UnsafeBuffer addresses = SimNode.memory(32);
        addresses.putInt(0, 1);
        addresses.putInt(16, 99);
        FlowImage image = new FlowImage().clear().family(FlowImage.AF_INET).l4proto(UDP);
        image.orig(addresses, 0, 16, 1000, 21).reply(addresses, 16, 0, 21, 1000).timeoutSeconds(toldS);
        table.apply(image, FlowTable.REPLICATE, nowS * 1000);
        while (table.dirtyCount() > 0) {
            injector.step(1);
        }
        assertEquals(toldS + Injector.HOLD_SECONDS, timeoutS);
        nowS += sinceS;
        SlotCursor cursor = table.cursor();
        cursor.restart();
        while (!cursor.done()) {
            cursor.advance(100, injector::correctTimeout);
        }
        injector.flush();
        assertEquals(expectedS, timeoutS);
    }

    private final class Listening extends DelegatingTransport {
        Listening(ScriptedKernel kernel) {
            super(kernel.connect(NlConst.NETLINK_NETFILTER));
        }

        @Override
        public int send(DirectBuffer buffer, int offset, int length) {
            NlReader requests = new NlReader().wrap(buffer, offset, length);
            CtFlyweight entry = new CtFlyweight();
            while (requests.next()) {
                if (entry.wrap(buffer, requests.offset(), requests.length())) {
                    timeoutS = entry.timeoutS();
                }
            }
            return super.send(buffer, offset, length);
        }
    }
}
