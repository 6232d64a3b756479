/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/** The conntrack table of a namespace of its own, with events on, translation loaded, and labels in use by a ruleset. */
final class CtKernel implements AutoCloseable {
    private static final String RULESET = """
            table inet t {
              chain f { type filter hook forward priority 0; ct state new ct label 1 accept; }
              chain n { type nat hook postrouting priority 100; }
            }
            """;

    /** conntrack(8) names labels after a file, and prints none without; it gets one in a mount namespace of its own. */
    private static final String LABELS = """
            0 zero
            1 one
            63 sixtythree
            64 sixtyfour
            126 last
            """;

    private static final String LIST = """
            mount -t tmpfs none /mnt && cat > /mnt/connlabel.conf
            mkdir -p /mnt/up /mnt/work && mount -t overlay -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work none /etc
            mkdir -p /etc/xtables && cp /mnt/connlabel.conf /etc/xtables/connlabel.conf && cp /mnt/connlabel.conf /etc/
            exec conntrack -L -o extended,labels -f\s""";

    final String netNs;
    final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(512 * 1024));
    final CtEncoder encoder = new CtEncoder().wrap(buffer, 0, buffer.capacity());
    final CtFlyweight ct = new CtFlyweight();
    final NlSocket socket;
    private final List<NlSocket> sockets = new ArrayList<>();
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private int seq;

    CtKernel(TestNet net) {
        netNs = net.namespace();
        Cmd.inWithInput(netNs, RULESET, "nft", "-f", "-");
        net.sysctl(netNs, "net/netfilter/nf_conntrack_events", "1");
        socket = open(8, 32 * 1024);
    }

    NlSocket open(int datagrams, int bytesEach) {
        try {
            NlSocket opened = NetNs.call(netNs, () -> NlSocket.open(NlConst.NETLINK_NETFILTER, datagrams, bytesEach));
            sockets.add(opened);
            return opened;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    int nextSeq() {
        return ++seq;
    }

    /** Sends the encoder's batch; returns the errors in the order they came, {@code {seq, errno}}, ACKs included. */
    List<int[]> exchange(int answers) {
        List<int[]> all = new ArrayList<>();
        int sent = socket.send(buffer, 0, encoder.length());
        if (sent != encoder.length()) {
            throw new AssertionError("send: " + sent);
        }
        encoder.reset();
        while (all.size() < answers) {
            int received = socket.poll((bytes, offset, length) -> {
                reader.wrap(bytes, offset, length);
                while (reader.next()) {
                    if (error.wrap(reader)) {
                        all.add(new int[] {error.seq(), error.errno()});
                    }
                }
            });
            if (received < 0 || (received == 0 && !socket.await(2_000))) {
                throw new AssertionError(all.size() + " of " + answers + " answers, then " + received);
            }
        }
        return all;
    }

    /** Creates one entry; returns the errno. */
    int create(CtSpec spec) {
        spec.encodeCreate(encoder, NlConst.NLM_F_ACK, nextSeq());
        return exchange(1).getFirst()[1];
    }

    /** Sends the dump request in the encoder and hands over each entry; returns their number. */
    int dump(Consumer<CtFlyweight> handler) {
        int[] state = new int[2];
        socket.send(buffer, 0, encoder.length());
        encoder.reset();
        while (state[1] == 0) {
            int received = socket.poll((bytes, offset, length) -> {
                reader.wrap(bytes, offset, length);
                while (reader.next()) {
                    if (reader.type() == NlConst.NLMSG_DONE || reader.type() == NlConst.NLMSG_ERROR) {
                        error.wrap(reader);
                        state[1] = error.errno() == 0 ? 1 : -error.errno();
                    } else if (ct.wrap(bytes, reader.offset(), reader.length())) {
                        state[0]++;
                        handler.accept(ct);
                    } else {
                        throw new AssertionError(ct.reason().toString());
                    }
                }
            });
            if (received < 0 || (received == 0 && !socket.await(2_000))) {
                throw new AssertionError("dump: " + received);
            }
        }
        return state[1] < 0 ? state[1] : state[0];
    }

    int dumpAll(Consumer<CtFlyweight> handler) {
        encoder.beginDump(nextSeq(), NlConst.AF_UNSPEC).end();
        return dump(handler);
    }

    /** What {@code conntrack -L -o extended,labels} prints, a line for each entry. */
    List<String> list() {
        List<String> lines = new ArrayList<>();
        for (String family : List.of("ipv4", "ipv6")) {
            Cmd.inWithInput(netNs, LABELS, "unshare", "-m", "sh", "-c", LIST + family)
                    .lines()
                    .forEach(lines::add);
        }
        return lines;
    }

    @Override
    public void close() {
        sockets.forEach(NlSocket::close);
    }
}
