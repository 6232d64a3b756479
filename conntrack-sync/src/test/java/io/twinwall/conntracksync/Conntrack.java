/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.linux.NetNs;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlError;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlSocket;
import io.twinwall.testkit.Cmd;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The conntrack table of a namespace as a test changes and reads it, past the agents, by a socket of its own. */
final class Conntrack implements AutoCloseable {
    /** What a kernel says of one entry. */
    record Seen(String text, long timeoutS, int id) {}

    private static final int BATCH_BYTES = 128 * 1024;
    private static final int SEND_BYTES = 64 * 1024;
    private static final int WAIT_MS = 2_000;

    /** conntrack(8) names labels after a file, and prints none without; it gets one in a mount namespace of its own. */
    private static final String LABELS = "0 zero\n1 one\n63 sixtythree\n64 sixtyfour\n126 last\n";

    private static final String LIST = """
            mount -t tmpfs none /mnt && cat > /mnt/connlabel.conf
            mkdir -p /mnt/up /mnt/work && mount -t overlay -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work none /etc
            mkdir -p /etc/xtables && cp /mnt/connlabel.conf /etc/xtables/connlabel.conf && cp /mnt/connlabel.conf /etc/
            conntrack -L -o extended,labels -f ipv4 2>/dev/null
            conntrack -L -o extended,labels -f ipv6 2>/dev/null""";

    private final String netNs;
    private final NlSocket socket;
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH_BYTES));
    private final CtEncoder encoder = new CtEncoder().wrap(buffer, 0, BATCH_BYTES);
    private final CtFlyweight ct = new CtFlyweight();
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private int seq;

    Conntrack(String netNs) {
        this.netNs = netNs;
        try {
            socket = NetNs.call(netNs, () -> NlSocket.open(NlConst.NETLINK_NETFILTER, 64, 32 * 1024));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Creates an entry; returns the errno. */
    int create(Entry entry) {
        entry.encodeCreate(encoder, NlConst.NLM_F_ACK, ++seq);
        return errno();
    }

    /** Creates entries, acknowledged together: all must be new. */
    void createAll(List<Entry> entries) {
        int last = entries.size() - 1;
        for (int i = 0; i <= last; i++) {
            boolean ends = i == last || encoder.length() > SEND_BYTES;
            entries.get(i).encodeCreate(encoder, ends ? NlConst.NLM_F_ACK : 0, ++seq);
            if (ends) {
                check(errno(), entries.get(i));
            }
        }
    }

    /** Deletes entries, acknowledged together: all must be there. */
    void deleteAll(List<Entry> entries) {
        int last = entries.size() - 1;
        for (int i = 0; i <= last; i++) {
            boolean ends = i == last || encoder.length() > SEND_BYTES;
            entries.get(i).encodeDelete(encoder, ends ? NlConst.NLM_F_ACK : 0, ++seq);
            if (ends) {
                check(errno(), entries.get(i));
            }
        }
    }

    void change(Entry entry) {
        check(tryChange(entry), entry);
    }

    /** Changes an entry; returns the errno. */
    int tryChange(Entry entry) {
        entry.encodeChange(encoder, NlConst.NLM_F_ACK, ++seq);
        return errno();
    }

    /** Whether the kernel says of the entry what {@code wanted} asks; the entry must be there. */
    boolean shows(Entry entry, Predicate<CtFlyweight> wanted) {
        boolean[] shown = new boolean[1];
        boolean[] found = new boolean[1];
        dump(ct -> {
            if (EntryText.key(ct).equals(entry.key())) {
                found[0] = true;
                shown[0] = wanted.test(ct);
            }
        });
        if (!found[0]) {
            throw new AssertionError(entry + " is not in the table");
        }
        return shown[0];
    }

    void delete(Entry entry) {
        entry.encodeDelete(encoder, NlConst.NLM_F_ACK, ++seq);
        check(errno(), entry);
    }

    void flush() {
        encoder.beginFlush(NlConst.NLM_F_ACK, ++seq, 0).end();
        int errno = errno();
        if (errno != 0) {
            throw new AssertionError("flush: errno " + errno);
        }
    }

    private static void check(int errno, Entry entry) {
        if (errno != 0) {
            throw new AssertionError(entry + ": errno " + errno);
        }
    }

    private int errno() {
        int[] answer = {-1};
        send();
        while (answer[0] < 0) {
            receive((bytes, offset, length) -> {
                reader.wrap(bytes, offset, length);
                while (reader.next()) {
                    if (error.wrap(reader)) {
                        answer[0] = error.errno();
                    }
                }
            });
        }
        return answer[0];
    }

    /** All entries by key. */
    Map<String, Seen> dump() {
        Map<String, Seen> all = new TreeMap<>();
        dump(entry -> all.put(
                EntryText.key(entry),
                new Seen(EntryText.describe(entry), Integer.toUnsignedLong(entry.timeoutS()), entry.id())));
        return all;
    }

    private void dump(Consumer<CtFlyweight> each) {
        boolean[] done = new boolean[1];
        encoder.beginDump(++seq, 0).end();
        send();
        while (!done[0]) {
            receive((bytes, offset, length) -> done[0] |= onDump(bytes, offset, length, each));
        }
    }

    private boolean onDump(DirectBuffer bytes, int offset, int length, Consumer<CtFlyweight> each) {
        boolean done = false;
        reader.wrap(bytes, offset, length);
        while (reader.next()) {
            if (reader.type() == NlConst.NLMSG_DONE) {
                done = true;
            } else if (ct.wrap(bytes, reader.offset(), reader.length())) {
                each.accept(ct);
            } else {
                throw new AssertionError("cannot read an entry: " + ct.reason());
            }
        }
        return done;
    }

    /** The same with key and text in one line each, for comparing whole tables. */
    List<String> texts() {
        return dump().entrySet().stream()
                .map(entry -> entry.getKey() + entry.getValue().text())
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** The number of entries, as the kernel counts them. */
    int count() {
        return Integer.parseInt(Cmd.in(netNs, "conntrack", "-C").strip());
    }

    /** What {@code conntrack -L -o extended,labels} prints, sorted, less the timeout and the use count. */
    List<String> list() {
        return Cmd.inWithInput(netNs, LABELS, "unshare", "-m", "sh", "-c", LIST)
                .lines()
                .map(line -> line.replaceFirst("^(\\S+ +\\d+ +\\S+ +\\d+) +\\d+", "$1")
                        .replaceFirst(" use=\\d+", "")
                        .strip())
                .sorted()
                .toList();
    }

    private void send() {
        int sent = socket.send(buffer, 0, encoder.length());
        if (sent != encoder.length()) {
            throw new AssertionError("send: " + sent);
        }
        encoder.reset();
    }

    private void receive(NlDatagramHandler handler) {
        int received = socket.poll(handler);
        if (received < 0 || (received == 0 && !socket.await(WAIT_MS))) {
            throw new AssertionError("no answer of the kernel: " + received);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
