/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlSocket;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The socket filter in the kernel throws away the events of the flows that the rules never let travel, and no other. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class EventFilterIT {
    private static final long SEED = 20_260_801;
    private static final int ROUNDS = 60;
    private static final int FLOWS = 60;
    private static final int BUFFER_BYTES = 32 << 20;
    private static final int SMALL_BUFFER_BYTES = 64 << 10;
    private static final int BURST_FLOWS = 5000;
    private static final int[] PROTOCOLS = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP, IPPROTO_GRE, 50};
    private static final String[] NETS_V4 = {"10.0.0.0/8", "10.64.0.0/10", "10.1.2.0/25", "10.1.2.3/32", "0.0.0.0/0"};
    private static final String[] NETS_V6 = {
        "2001:db8::/32", "2001:db8:4000::/34", "2001:db8:1:2::/64", "2001:db8::8000:0:0:0/65", "2001:db8:1:2::3/128"
    };

    /** An event: what it tells, and of which flow. */
    private record Event(String text, FlowImage image) {}

    private final CtFlyweight entry = new CtFlyweight();
    private final NlReader reader = new NlReader();

    @Test
    void shouldDropExactlyWhatTheRulesNeverLetTravel(TestNet net) {
        SeededRandom random = new SeededRandom(SEED);
        String netNs = KernelPair.firewall(net, RejoinIT.RULESET);
        int dropped = 0;
        int kept = 0;
        try (Conntrack kernel = new Conntrack(netNs)) {
            for (int round = 0; round < ROUNDS; round++) {
                FlowRules rules = FlowRules.of(rules(random), () -> 0);
                try (NlSocket all = listener(netNs, FlowRules.NONE, BUFFER_BYTES);
                        NlSocket filtered = listener(netNs, rules, BUFFER_BYTES)) {
                    live(kernel, random);
                    List<Event> told = events(all);
                    List<String> wanted = told.stream()
                            .filter(event -> rules.judge(event.image(), 0, FlowRules.NO_STATE, 0) != FlowRules.NEVER)
                            .map(Event::text)
                            .toList();
                    assertEquals(
                            String.join("\n", wanted),
                            String.join(
                                    "\n",
                                    events(filtered).stream().map(Event::text).toList()),
                            "seed " + SEED + " round " + round + " rules " + rules.rules());
                    kept += wanted.size();
                    dropped += told.size() - wanted.size();
                }
            }
        }
        assertTrue(dropped > 1000 && kept > 1000, "dropped " + dropped + ", kept " + kept);
    }

    @Test
    void shouldSpareTheReceiveBufferWhatIsDropped(TestNet net) {
        String netNs = KernelPair.firewall(net, RejoinIT.RULESET);
        List<Entry> burst = new ArrayList<>();
        for (int i = 0; i < BURST_FLOWS; i++) {
            burst.add(Entry.udp("burst", 1000 + i));
        }
        FlowRules dns = FlowRules.of(
                List.of(new FlowRule.Builder(false)
                        .protocol(IPPROTO_UDP)
                        .ports(53, 53)
                        .build()),
                () -> 0);
        try (Conntrack kernel = new Conntrack(netNs);
                NlSocket all = listener(netNs, FlowRules.NONE, SMALL_BUFFER_BYTES);
                NlSocket filtered = listener(netNs, dns, SMALL_BUFFER_BYTES)) {
            kernel.createAll(burst);
            assertEquals(0, kernel.create(Entry.tcp("wanted", 1)));
            assertEquals(
                    -Errno.ENOBUFS, all.poll((buffer, offset, length) -> {}), "without the filter, events are lost");
            List<Event> told = events(filtered);
            assertEquals(1, told.size(), "no event but the one wanted, and no loss");
            assertEquals(IPPROTO_TCP, told.getFirst().image().l4proto());
        }
    }

    private static NlSocket listener(String netNs, FlowRules rules, int bufferBytes) {
        try {
            NlSocket socket = NetNs.call(netNs, () -> NlSocket.open(NlConst.NETLINK_NETFILTER, 64, 4096));
            assertEquals(0, socket.setReceiveBuffer(bufferBytes));
            EventFilter.of(rules).ifPresent(program -> assertEquals(0, socket.filter(program), "SO_ATTACH_FILTER"));
            for (int group = NlConst.NFNLGRP_CONNTRACK_NEW; group <= NlConst.NFNLGRP_CONNTRACK_DESTROY; group++) {
                assertEquals(0, socket.join(group));
            }
            return socket;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The socket's events; each with a copy of what it tells. */
    private List<Event> events(NlSocket socket) {
        List<Event> events = new ArrayList<>();
        int read = 1;
        while (read > 0) {
            read = socket.poll((buffer, offset, length) -> {
                reader.wrap(buffer, offset, length);
                while (reader.next()) {
                    assertTrue(entry.wrap(buffer, reader.offset(), reader.length()));
                    FlowImage image = new FlowImage();
                    CtImage.read(entry, image);
                    events.add(new Event(entry.type() + " " + EntryText.key(entry) + EntryText.describe(entry), image));
                }
            });
        }
        assertEquals(0, read, "of the event socket");
        return events;
    }

    /** Flows begin, change their marks, and end. */
    private static void live(Conntrack kernel, SeededRandom random) {
        List<Entry> made = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            Entry entry = flow(random, i);
            int errno = kernel.create(entry);
            assertTrue(errno == 0 || errno == Errno.EEXIST, () -> entry + ": errno " + errno);
            if (errno == 0) {
                made.add(entry);
            }
        }
        made.forEach(kernel::change);
        kernel.deleteAll(made);
    }

    private static Entry flow(SeededRandom random, int number) {
        boolean v4 = random.chance(2);
        int proto = PROTOCOLS[random.nextInt(v4 ? PROTOCOLS.length : 3)];
        String src = v4
                ? "10." + random.nextInt(3) * 64 + "." + random.nextInt(3) + "." + random.nextInt(4)
                : "2001:db8:" + (random.chance(2) ? "4001" : "1") + ":2::" + (random.chance(2) ? "3" : "9");
        String dst = v4
                ? "10." + random.nextInt(2) + ".2." + random.nextInt(200)
                : random.chance(2) ? "2001:db8:1:2::3" : "2001:db8::8000:0:0:1";
        boolean ports = proto != IPPROTO_ICMP && proto != 50;
        int b = proto == IPPROTO_ICMP ? 8 << 8 : ports ? 50 + random.nextInt(6) : 0;
        Entry entry = new Entry("flow " + number, src, dst, proto, proto == 50 ? 0 : 20_000 + number, b);
        entry.with(e -> e.mark(1)).then(e -> e.mark(2));
        if (proto == IPPROTO_TCP) {
            entry.with(e -> e.tcp(TCP_CONNTRACK_ESTABLISHED, 7, 8, 0x23, 0x33));
        } else if (proto == IPPROTO_SCTP) {
            entry.with(e -> e.sctp(SCTP_CONNTRACK_ESTABLISHED, 1, 2));
        }
        return switch (random.nextInt(6)) {
            case 0 -> entry.zone(1 + random.nextInt(2));
            case 1 -> entry.origZone(1 + random.nextInt(2));
            case 2 -> entry.replyZone(1 + random.nextInt(2));
            default -> entry;
        };
    }

    private static List<FlowRule> rules(SeededRandom random) {
        List<FlowRule> rules = new ArrayList<>();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            rules.add(rule(random));
        }
        return rules;
    }

    private static FlowRule rule(SeededRandom random) {
        FlowRule.Builder rule = new FlowRule.Builder(random.chance(3));
        if (random.chance(2)) {
            int proto = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
            rule.protocol(proto);
            if (random.chance(2) && proto != IPPROTO_ICMP && proto != 50) {
                int min = 50 + random.nextInt(6);
                rule.ports(min, min + random.nextInt(3));
            }
        }
        String[] nets = random.chance(2) ? NETS_V4 : NETS_V6;
        if (random.chance(3)) {
            rule.source(FlowRulesTest.net(nets[random.nextInt(nets.length)]));
        }
        if (random.chance(3)) {
            rule.destination(FlowRulesTest.net(nets[random.nextInt(nets.length)]));
        }
        if (random.chance(3)) {
            rule.either(FlowRulesTest.net(nets[random.nextInt(nets.length)]));
        }
        if (random.chance(4)) {
            rule.zone(random.nextInt(3));
        }
        if (random.chance(5)) {
            rule.mark(1, 3);
        }
        return rule.build();
    }
}
