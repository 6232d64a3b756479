/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.TestNet;
import java.time.Duration;

/**
 * A passive starts beside an active that holds {@link #FLOWS} flows: how long from the session's beginning until its
 * kernel holds them all, equal by digest.
 */
public final class ColdStart {
    public static final int FLOWS = 250_000;

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int EVENT_BUFFER_BYTES = 64 << 20;

    /**
     * What a cold start showed.
     *
     * @param auditNs the source's own start: the dump of its kernel read into its table
     * @param readyNs from the session's beginning until the mirror was ready
     */
    public record Result(int flows, long auditNs, long readyNs, KernelTable source, KernelTable mirror) {
        public Duration ready() {
            return Duration.ofNanos(readyNs);
        }

        @Override
        public String toString() {
            return String.format(
                    "cold start: %,d flows, ready after %.0f ms (%,.0f/s); the source's audit %.0f ms",
                    flows, readyNs / 1e6, flows * 1e9 / readyNs, auditNs / 1e6);
        }
    }

    private ColdStart() {}

    public static Result measure(TestNet net, int flows) throws Exception {
        String active = net.namespace();
        String passive = net.namespace();
        Wiring.syncLink(net, active, passive);
        NetNs.call(active, () -> {
            try (KernelFloor kernel = new KernelFloor()) {
                kernel.inject(flows);
            }
            return null;
        });
        try (Node source = new Node(active, 1, EVENT_BUFFER_BYTES);
                Node mirror = new Node(passive, 2, EVENT_BUFFER_BYTES)) {
            long begin = System.nanoTime();
            source.becomeSource();
            Await.until("the source knows its flows", LIMIT, () -> source.count("sync_flows") == flows);
            long known = System.nanoTime();
            mirror.becomeMirror();
            source.sessionUp();
            mirror.sessionUp();
            Await.until("the mirror is ready", LIMIT, mirror::ready);
            long ready = System.nanoTime();
            return new Result(flows, known - begin, ready - known, KernelTable.of(active), KernelTable.of(passive));
        }
    }

    /** {@code ColdStart [flows]}. */
    public static void main(String[] args) throws Exception {
        int flows = args.length > 0 ? Integer.parseInt(args[0]) : FLOWS;
        Machine.roomForFlows();
        System.out.println(KernelFloor.measure(flows));
        try (TestNet net = new TestNet()) {
            System.out.println(measure(net, flows));
        }
    }
}
