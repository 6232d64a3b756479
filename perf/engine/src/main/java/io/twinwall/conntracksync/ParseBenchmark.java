/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.engine.EventDatagrams;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlReader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** An event of ctnetlink is read where it lies, and becomes the image that the table takes. */
@State(Scope.Thread)
public class ParseBenchmark {
    private final EventDatagrams beginnings = new EventDatagrams(true, 0);
    private final EventDatagrams changes = new EventDatagrams(false, 1);
    private final NlReader reader = new NlReader();
    private final CtFlyweight entry = new CtFlyweight();
    private final FlowImage image = new FlowImage();

    @Benchmark
    @OperationsPerInvocation(EventDatagrams.EVENTS)
    public int create() {
        return read(beginnings);
    }

    @Benchmark
    @OperationsPerInvocation(EventDatagrams.EVENTS)
    public int update() {
        return read(changes);
    }

    private int read(EventDatagrams datagrams) {
        int present = 0;
        for (int i = 0; i < EventDatagrams.EVENTS; i++) {
            reader.wrap(datagrams.buffer(), datagrams.offset(i), datagrams.length(i));
            while (reader.next()) {
                Check.that(entry.wrap(reader.buffer(), reader.offset(), reader.length()), "an event is refused", i);
                CtImage.read(entry, image);
                present |= image.present();
            }
        }
        return present;
    }
}
