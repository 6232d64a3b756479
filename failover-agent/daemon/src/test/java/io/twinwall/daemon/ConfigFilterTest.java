/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.conntracksync.FlowRule;
import io.twinwall.conntracksync.FlowRules;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ConfigFilterTest {
    private static final int LINES = (int) ConfigSamples.SHORT.lines().count();
    private static final FlowRule.Net LAN = new FlowRule.Net(InetAddress.ofLiteral("10.10.0.0"), 16);

    private static ConfigReport check(String tables) {
        return ConfigFile.check("f.toml", ConfigSamples.SHORT + tables);
    }

    private static FlowRule one(String keys) {
        ConfigReport report = check("[[sync.filter]]\n" + keys + "\n");
        assertEquals(List.of(), report.problems(), keys);
        return report.config().orElseThrow().sync().filters().getFirst();
    }

    private static FlowRule.Builder skip() {
        return new FlowRule.Builder(false);
    }

    @Test
    void shouldReplicateEverythingByDefault() {
        assertEquals(List.of(), check("").config().orElseThrow().sync().filters());
    }

    @Test
    void shouldBindEachCondition() {
        String skip = "action = \"skip\"\n";
        assertEquals(skip().build(), one(skip));
        assertEquals(new FlowRule.Builder(true).build(), one("action = \"sync\""));
        assertEquals(skip().protocol(6).build(), one(skip + "protocol = \"tcp\""));
        assertEquals(skip().protocol(58).build(), one(skip + "protocol = \"icmpv6\""));
        assertEquals(skip().protocol(0).build(), one(skip + "protocol = 0"));
        assertEquals(skip().protocol(17).ports(53, 53).build(), one(skip + "protocol = \"udp\"\nport = 53"));
        assertEquals(skip().protocol(17).ports(1, 65_535).build(), one(skip + "protocol = 17\nport = \"1-65535\""));
        assertEquals(skip().source(LAN).build(), one(skip + "source = \"10.10.0.0/16\""));
        assertEquals(skip().destination(LAN).build(), one(skip + "destination = \"10.10.0.0/16\""));
        assertEquals(skip().either(LAN).build(), one(skip + "either = \"10.10.0.0/16\""));
        assertEquals(skip().tcpStates(1 << 2 | 1 << 7).build(), one(skip + "state = [\"time-wait\", \"syn-recv\"]"));
        assertEquals(skip().mark(16, -1).build(), one(skip + "mark = 16"));
        assertEquals(skip().mark(-1, -1).build(), one(skip + "mark = 0xffffffff"));
        assertEquals(skip().mark(0x10, 0xf0).build(), one(skip + "mark = \"0x10/0xf0\""));
        assertEquals(skip().mark(10, -1).build(), one(skip + "mark = \"010\""));
        assertEquals(skip().mark(0, 1).build(), one(skip + "mark = \"0/1\""));
        assertEquals(skip().zone(0).build(), one(skip + "zone = 0"));
        assertEquals(skip().youngerThanS(5).build(), one(skip + "younger-than-s = 5"));
    }

    @Test
    void shouldKeepTheOrderOfTheFile() {
        List<FlowRule> filters = check("""
                [[sync.filter]]
                action = "sync"
                zone = 1
                [[sync.filter]]
                action = "skip"
                """).config().orElseThrow().sync().filters();
        assertEquals(List.of(new FlowRule.Builder(true).zone(1).build(), skip().build()), filters);
    }

    @Test
    void shouldNameEveryProblemAtOnce() {
        String found = check("""
                        [[sync.filter]]
                        protocol = "ucp"
                        port = "99-9"
                        source = "10.10.0.1/16"
                        state = ["syn-sent"]
                        mark = "0x11/0xf0"
                        zone = 65536
                        younger-than-s = 0
                        age = 5
                        [[sync.filter]]
                        action = "drop"
                        port = 80
                        [[sync.filter]]
                        action = "skip"
                        source = "10.0.0.0/8"
                        destination = "2001:db8::/32"
                        [[sync.filter]]
                        action = "skip"
                        protocol = "udp"
                        state = ["close"]
                        """).problems().stream()
                .map(problem -> problem.line() - LINES + " " + problem.key() + ": " + problem.expected())
                .collect(Collectors.joining("\n"));
        assertEquals("""
                1 sync.filter[0].action: one of skip, sync
                2 sync.filter[0].protocol: a whole number 0..255 or "tcp" or "udp" or "udplite" or "sctp" or "dccp" or "icmp" or "icmpv6" or "gre" or "esp" or "ah"
                3 sync.filter[0].port: a port 0..65535, or a range such as "8000-8099"
                3 sync.filter[0].port: a port only beside protocol tcp, udp, sctp, dccp or udplite
                4 sync.filter[0].source: "net/prefix" with no host bits, such as 10.0.0.0/8,
                5 sync.filter[0].state: a list of some of "syn-recv", "established", "fin-wait", "close-wait", "last-ack", "time-wait", "close", each once
                6 sync.filter[0].mark: a mark, or "mark/mask" such as "0x10/0xf0"
                7 sync.filter[0].zone: a whole number 0..65535
                8 sync.filter[0].younger-than-s: a whole number 1..31536000
                9 sync.filter[0].age: one of the keys action, protocol, port, source, destination, either, state, mark, zone, younger-than-s
                11 sync.filter[1].action: one of skip, sync
                12 sync.filter[1].port: a port only beside protocol tcp, udp, sctp, dccp or udplite
                16 sync.filter[2].destination: nets of one family in one table
                20 sync.filter[3].state: a state only where protocol is tcp or absent""", found);
    }

    @Test
    void shouldRefuseMoreRulesThanTheKernelsFilterTakes() {
        String table = "[[sync.filter]]\naction = \"skip\"\nzone = 1\n";
        assertEquals(List.of(), check(table.repeat(FlowRules.RULES_MAX)).problems());
        ConfigReport report = check(table.repeat(FlowRules.RULES_MAX + 1));
        assertEquals("sync.filter", report.problems().getFirst().key());
        assertTrue(report.config().isEmpty());
    }

    @Test
    void shouldWarnOfTablesThatNeverCount() {
        String all = "[[sync.filter]]\naction = \"sync\"\n";
        String some = "[[sync.filter]]\naction = \"skip\"\nzone = 1\n";
        long without = check(some + all).warnings().size();
        List<ConfigProblem> warnings = check(all + some).warnings();
        assertEquals(without + 1, warnings.size());
        assertTrue(warnings.stream().anyMatch(warning -> warning.key().equals("sync.filter[0].action")));
    }
}
