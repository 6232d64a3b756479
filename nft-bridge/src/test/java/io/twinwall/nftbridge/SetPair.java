/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;
import io.twinwall.wire.PayloadHandler;
import io.twinwall.wire.PayloadReader;
import io.twinwall.wire.SideChannel;
import io.twinwall.wire.SideChannel.Side;
import java.lang.reflect.Proxy;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Two hosts (a network namespace each) with the same ruleset, whose agents hear each other as the stream would have them:
 * {@code a} is the source at first. All on the thread of the test.
 */
final class SetPair implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(60);
    static final int INTERVAL_MS = 200;

    /** Hears nothing of flows. */
    static final PayloadHandler NOBODY = (PayloadHandler) Proxy.newProxyInstance(
            PayloadHandler.class.getClassLoader(), new Class<?>[] {PayloadHandler.class}, (p, m, args) -> null);

    private static final int MESSAGE_BYTES_MAX = 1300;

    final TestNet net = new TestNet();
    final Host a;
    final Host b;

    /** Whether the message, the n-th from that side, arrives. */
    Predicate<Integer> arrives = number -> true;

    private int carried;

    /** Both with the same ruleset. */
    static SetPair of(String ruleset, String... sets) throws Exception {
        return new SetPair(ruleset, ruleset, sets);
    }

    SetPair(String rulesetA, String rulesetB, String... sets) throws Exception {
        a = new Host(rulesetA, sets);
        b = new Host(rulesetB, sets);
        a.side(Side.SOURCE);
        b.side(Side.MIRROR);
    }

    static SetName name(String text) {
        String[] words = text.split(" ", 3);
        return new SetName(SetName.Family.valueOf(words[0].toUpperCase(Locale.ROOT)), words[1], words[2]);
    }

    /** Lets both work until {@code condition} holds. */
    void until(String what, BooleanSupplier condition) {
        Await.until(what, SOON, () -> {
            turn();
            return condition.getAsBoolean();
        });
    }

    /** Until both sides say that every set is equal. */
    void untilEqual() {
        until("equal sets", () -> equal(a) && equal(b));
    }

    private static boolean equal(Host host) {
        return host.agent.status().stream().allMatch(SetStatus::equal);
    }

    void turn() {
        a.agent.doWork();
        carry(a, b);
        b.agent.doWork();
        carry(b, a);
    }

    /** As a takeover does. */
    void swap() {
        a.side(Side.MIRROR);
        b.side(Side.SOURCE);
    }

    private void carry(Host from, Host to) {
        byte[] message = from.channel.next();
        while (message != null) {
            carried++;
            if (arrives.test(carried)) {
                UnsafeBuffer frame = new UnsafeBuffer(message);
                if (!to.reader.read(frame, 0, message.length, NOBODY)) {
                    throw new AssertionError("a message that the wire refuses");
                }
            }
            message = from.channel.next();
        }
    }

    @Override
    public void close() {
        a.agent.close();
        b.agent.close();
        net.close();
    }

    /** One of the two. */
    final class Host {
        final String netNs = net.namespace();
        final Counters counters = new Counters();
        final SideChannel channel = new SideChannel(MESSAGE_BYTES_MAX, counters);
        final PayloadReader reader = new PayloadReader(counters);
        final SetAgent agent;

        private Host(String ruleset, String... sets) throws Exception {
            nft(ruleset);
            List<SetName> names = List.of(sets).stream().map(SetPair::name).toList();
            agent = NetNs.call(
                    netNs, () -> new SetAgent(new SetConfig(names, INTERVAL_MS), channel, NanoClock.SYSTEM, counters));
            reader.side(channel::received);
        }

        void side(Side side) {
            channel.turn(side);
        }

        String nft(String commands) {
            return Cmd.inWithInput(netNs, commands, "nft", "-f", "-");
        }

        /** What {@code nft} lists of the set, on one line. */
        String list(String set) {
            return Cmd.in(netNs, ("nft list set " + set).split(" ")).replaceAll("\\s+", " ");
        }

        String listMap(String map) {
            return Cmd.in(netNs, ("nft list map " + map).split(" ")).replaceAll("\\s+", " ");
        }

        boolean has(String set, String element) {
            return list(set).matches(".*[ {]" + element.replace(".", "\\.") + "[ ,}].*");
        }

        SetStatus status() {
            return agent.status().getFirst();
        }

        /** Sends a datagram into the output chain. */
        void packetTo(String address) throws Exception {
            NetNs.call(netNs, () -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName(address), 9));
                }
                return null;
            });
        }
    }
}
