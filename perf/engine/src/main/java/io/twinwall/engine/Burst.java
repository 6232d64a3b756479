/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Check;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SendBatch;
import io.twinwall.linux.SockAddr;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.TestNet;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * {@link #FLOWS} new flows through the active, as fast as its kernel makes them out of real packets, while the pair
 * replicates: how long until the passive's kernel holds them too, and what was lost on the way.
 */
public final class Burst {
    public static final int FLOWS = 200_000;
    public static final int EVENT_BUFFER_BYTES = 64 << 20;

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BATCH = 256;
    private static final int PAYLOAD_BYTES = 8;
    private static final int PORT_FIRST = 1024;
    private static final int PORTS = 50_000;

    /**
     * What a burst showed.
     *
     * @param makeNs for the packets to be sent, which makes the flows
     * @param repairedNs from the last packet until the source's table had all flows and no loss of events was open
     * @param equalNs from the last packet until the passive's kernel held them too
     * @param losses windows in which events were lost, as reported: each from the first loss to the end of its repair
     */
    public record Result(
            int flows,
            long makeNs,
            long repairedNs,
            long equalNs,
            List<SyncReport.LossWindowClosed> losses,
            KernelTable source,
            KernelTable mirror) {
        @Override
        public String toString() {
            return String.format(
                    "burst: %,d flows in %.0f ms (%,.0f/s); after the last packet the source knew all in %.0f ms, the"
                            + " passive held all in %.0f ms; loss windows (ms): %s",
                    flows,
                    makeNs / 1e6,
                    flows * 1e9 / makeNs,
                    repairedNs / 1e6,
                    equalNs / 1e6,
                    losses.stream().map(loss -> loss.lengthNs() / 1_000_000).toList());
        }
    }

    private Burst() {}

    public static Result measure(TestNet net, int flows, int eventBufferBytes) throws Exception {
        String client = net.namespace();
        String active = net.namespace();
        String passive = net.namespace();
        Wiring.syncLink(net, active, passive);
        Wiring.forwarding(net, client, active, net.namespace());
        try (Node source = new Node(active, 1, eventBufferBytes);
                Node mirror = new Node(passive, 2, EVENT_BUFFER_BYTES)) {
            source.becomeSource();
            mirror.becomeMirror();
            source.sessionUp();
            mirror.sessionUp();
            Await.until("the empty mirror is ready", LIMIT, mirror::ready);
            long begin = System.nanoTime();
            NetNs.call(client, () -> send(flows));
            long sent = System.nanoTime();
            Await.until("the source knows all flows", LIMIT, () -> knows(source, flows));
            long repaired = System.nanoTime();
            Await.until("the mirror holds all flows", LIMIT, () -> knows(source, flows) && holds(mirror, flows));
            long equal = System.nanoTime();
            return new Result(
                    flows,
                    sent - begin,
                    repaired - sent,
                    equal - sent,
                    source.losses(),
                    KernelTable.of(active),
                    KernelTable.of(passive));
        }
    }

    private static boolean knows(Node source, int flows) {
        return source.count("sync_flows") == flows && source.losses().size() == source.count("sync_loss_windows_total");
    }

    private static boolean holds(Node mirror, int flows) {
        return mirror.count("sync_inject_installed") == flows && mirror.ready();
    }

    private static int send(int flows) {
        int fd = Posix.socket(Const.AF_INET, Const.SOCK_DGRAM | Const.SOCK_CLOEXEC, 0);
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
        try (SendBatch batch = new SendBatch(BATCH, PAYLOAD_BYTES)) {
            for (int first = 0; first < flows; first += BATCH) {
                int count = Math.min(BATCH, flows - first);
                for (int i = 0; i < count; i++) {
                    int number = first + i;
                    byte[] to = {(byte) 198, 18, 1, (byte) (1 + number / PORTS)};
                    int length = SockAddr.inet(address, 0, to, PORT_FIRST + number % PORTS);
                    batch.destination(i, address, 0, length);
                    batch.length(i, PAYLOAD_BYTES);
                }
                sendAll(batch, fd, count);
            }
        }
        Check.that(Posix.close(fd) == 0, "close of the sender's socket", fd);
        return flows;
    }

    private static void sendAll(SendBatch batch, int fd, int count) {
        int done = 0;
        while (done < count) {
            int result = batch.send(fd, done, count - done, 0);
            if (result < 0) {
                throw Errno.fatal("sendmmsg", result);
            }
            done += result;
        }
    }

    /** {@code Burst [flows [event buffer bytes]]}. */
    public static void main(String[] args) throws Exception {
        try (TestNet net = new TestNet()) {
            Machine.roomForFlows();
            System.out.println(measure(
                    net,
                    args.length > 0 ? Integer.parseInt(args[0]) : FLOWS,
                    args.length > 1 ? Integer.parseInt(args[1]) : EVENT_BUFFER_BYTES));
        }
    }
}
