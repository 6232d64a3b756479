/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Flows whose ends are the kernel's own sockets, counted one by one. The caller's thread counts; loops own the ends. */
abstract class SocketFlows<F extends SocketFlows.Flow> implements FlowSet {
    /** One flow, as it is counted. */
    interface Flow {
        /** Kind of the flow in reports. */
        String kind();

        boolean openAt(long beforeNs);

        /** Whether bytes of the check {@code epoch} arrived where they should. */
        boolean survived(int epoch);
    }

    final List<F> flows = new CopyOnWriteArrayList<>();

    @Override
    public int opened(long beforeNs) {
        return (int) flows.stream().filter(flow -> flow.openAt(beforeNs)).count();
    }

    @Override
    public int survived(int epoch, long beforeNs) {
        return (int) flows.stream()
                .filter(flow -> flow.openAt(beforeNs) && flow.survived(epoch))
                .count();
    }

    /** Sockets send at once when a check begins, or all the time, and what is lost again by themselves. */
    @Override
    public boolean exhausted() {
        return true;
    }

    @Override
    public void tally(FlowTally tally, int epoch, long beforeNs) {
        for (F flow : flows) {
            if (flow.openAt(beforeNs)) {
                tally.add(flow.kind(), 1, flow.survived(epoch) ? 1 : 0);
            }
        }
    }
}
