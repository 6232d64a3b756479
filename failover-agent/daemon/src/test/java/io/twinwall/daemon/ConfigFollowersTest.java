/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Paths, trackers, hooks, routes and rules: what is taken, and what is refused with which words. */
class ConfigFollowersTest {
    private static final String SERIAL = "[[path]]\nname = \"wire\"\nserial = \"/dev/ttyS0\"\n";
    private static final String TIMING = "[timing]\nprofile = \"extreme\"\n";

    @Test
    void shouldTakeASerialLineThatCarriesAHeartbeatInTime() {
        assertEquals(
                new Config.Serial("wire", java.nio.file.Path.of("/dev/ttyS0"), 115_200),
                valid(SERIAL).paths().getLast());
        valid(SERIAL + "baud = 57600\n");
        refused(SERIAL + "baud = 38400\n", "path[1].baud: expected at least 50000, so that a heartbeat of 200 bytes");
        refused(SERIAL + TIMING, "path[1].baud: expected at least 200000");
        valid(SERIAL + "baud = 230400\n" + TIMING);
        refused(SERIAL + "baud = 115201\n", "path[1].baud: expected one of 9600, 19200");
        refused(SERIAL + "baud = 4295082496\n", "path[1].baud: expected one of 9600, 19200");
        refused(SERIAL + "local = \"10.0.0.1:1\"\n", "path[1].local: expected one of the keys name, serial, baud");
        refused(SERIAL + SERIAL, "path[2].name: expected another value than path[1].name");
        refused(SERIAL + SERIAL, "path[2].serial: expected another value than path[1].serial");
        refused(
                "[[path]]\nname = \"b\"\nlocal = \"10.0.0.1:1\"\npeer = \"10.0.0.2:1\"\nbaud = 9600\n",
                "path[1].baud: expected baud only beside serial");
    }

    @Test
    void shouldFillInEachKindOfTracker() {
        assertEquals(
                new Config.TrackInterface("interface-wan0-17", "wan0.17", 0, Config.Track.FAULT),
                track("kind = \"interface\"\ninterface = \"wan0.17\""));
        Config.Judgement judged = new Config.Judgement(1000, 500, 2, 2);
        assertEquals(
                new Config.TrackProcess("process-sshd", Optional.empty(), Optional.of("sshd"), judged, 0),
                track("kind = \"process\"\nprocess = \"sshd\""));
        assertEquals(
                "process-sshd-pid",
                track("kind = \"process\"\npid-file = \"/run/sshd.pid\"").name());
        assertEquals(
                new Config.TrackPort("port-53-1", ConfigAddress.address("::1"), 53, judged, 0),
                track("kind = \"port\"\nhost = \"::1\"\nport = 53"));
        assertEquals(
                new Config.TrackScript("script-true", List.of("/bin/true"), judged, 7),
                track("kind = \"script\"\ncommand = [\"/bin/true\"]\nweight = 7"));
        assertEquals(
                new Config.TrackAddress(
                        "address-2001-db8-1",
                        ConfigAddress.address("2001:db8::1"),
                        Config.Method.ND,
                        "wan0",
                        judged,
                        20),
                track("kind = \"address\"\naddress = \"2001:db8::1\"\ninterface = \"wan0\""));
        assertEquals(
                "address-2001-db8-1-2-3-4-5-6",
                track("kind = \"address\"\naddress = \"2001:db8:1:2:3:4:5:6\"\ninterface = \"wan0\"")
                        .name());
    }

    @Test
    void shouldRefuseTrackersThatCannotWork() {
        refusedTrack("kind = \"disk\"", "kind: expected one of interface, address, process, port, script");
        refusedTrack("interface = \"wan0\"", "kind: expected one of");
        refusedTrack("kind = \"interface\"\ninterface = \"w\"\nrise = 2", "rise: expected one of the keys");
        refusedTrack(
                "kind = \"interface\"\ninterface = \"w\"\nweight = 255",
                "weight: expected a whole number 1..254 or \"fault\", found 255");
        refusedTrack(
                "kind = \"interface\"\ninterface = \"w\"\nweight = \"none\"",
                "weight: expected a whole number 1..254 or \"fault\", found \"none\"");
        refusedTrack("kind = \"address\"\naddress = \"192.0.2.1\"", "interface: expected an interface name");
        refusedTrack(
                "kind = \"address\"\naddress = \"192.0.2.1\"\nmethod = \"nd\"\ninterface = \"w\"",
                "method: expected arp or icmp for an IPv4 address, found nd");
        refusedTrack(
                "kind = \"address\"\naddress = \"10.10.0.254\"\ninterface = \"w\"",
                "address: expected no virtual address");
        refusedTrack("kind = \"interface\"\ninterface = \"w\"\nname = \"The w\"", "name: expected a lower-case letter");
        refused(
                IntStream.range(0, 129)
                        .mapToObj(i -> "[[track]]\nkind = \"interface\"\ninterface = \"i" + i + "\"\n")
                        .collect(Collectors.joining()),
                "track[128].kind: expected at most 128 [[track]], found 129");
        refusedTrack("kind = \"process\"", "process: expected a process name of 1..15 characters");
        refusedTrack(
                "kind = \"process\"\nprocess = \"a\"\npid-file = \"/b\"", "process: expected a pid-file or a process");
        refusedTrack("kind = \"port\"\nhost = \"localhost\"\nport = 1", "host: expected the literal address");
        refusedTrack("kind = \"script\"\ncommand = \"/bin/true\"", "command: expected [");
        refusedTrack("kind = \"script\"\ncommand = [\"true\"]", "command: expected [");
        refusedTrack("kind = \"script\"\ncommand = [\"/bin/true\", 1]", "command: expected [");
        refusedTrack("kind = \"script\"\ncommand = []", "command: expected [");
        refusedTrack(
                "kind = \"script\"\ncommand = [\"/t\"]\ninterval-ms = 100\ntimeout-ms = 101",
                "timeout-ms: expected a whole number 1..100, found 101");
        refused(
                "[[track]]\nkind = \"interface\"\ninterface = \"a\"\n".repeat(2),
                "track[1].name: expected another value than track[0].name, found the same, interface-a");
    }

    @Test
    void shouldWarnOfAddressesWhoseInterfaceNobodyWatches() {
        ConfigReport report = ConfigFile.check("f.toml", ConfigSamples.SHORT);
        assertEquals("vip[0].interface", report.warnings().getFirst().key());
        assertEquals(
                List.of(),
                ConfigFile.check(
                                "f.toml",
                                ConfigSamples.SHORT + "[[track]]\nkind = \"interface\"\ninterface = \"lan0\"\n")
                        .warnings());
    }

    @Test
    void shouldTakeACountdownOnlyWhereTakeoversAreSlow() {
        String countdown = "[takeover]\ncountdown-s = 30\n";
        assertEquals(
                30_000_000_000L,
                valid(countdown + "[timing]\nprofile = \"calm\"\n").takeover().countdownNs());
        assertEquals(
                30_000_000_000L,
                RoleConfigs.of(valid(countdown + "[timing]\nprofile = \"calm\"\n"))
                        .limits()
                        .countdownNs());
        refused(
                countdown,
                "takeover.countdown-s: expected 0, or timing.profile = \"calm\", or a dead-ms as long, found 30");
        refused("[takeover]\ncountdown-s = 3601\n", "takeover.countdown-s: expected a whole number 0..3600");
    }

    @Test
    void shouldBindHooks() {
        assertEquals(
                List.of(new Config.Hook(
                        List.of(Config.When.FAULT, Config.When.MASTER), List.of("/bin/mail", "root"), 10_000, false)),
                valid("[[hook]]\non = [\"fault\", \"master\"]\ncommand = [\"/bin/mail\", \"root\"]\n")
                        .hooks());
        refused("[[hook]]\ncommand = [\"/a\"]\n", "hook[0].on: expected a list of some of \"master\", \"backup\"");
        refused("[[hook]]\non = []\ncommand = [\"/a\"]\n", "hook[0].on: expected a list of some of");
        refused("[[hook]]\non = [\"fault\", \"fault\"]\ncommand = [\"/a\"]\n", "hook[0].on: expected a list");
        refused("[[hook]]\non = [\"Master\"]\ncommand = [\"/a\"]\n", "hook[0].on: expected a list of some of");
        refused("[[hook]]\non = [\"fault\"]\n", "hook[0].command: expected [\"/absolute/path\"");
        refused(
                "[[hook]]\non = [\"backup\"]\ncommand = [\"/a\"]\nbefore = true\n",
                "hook[0].before: expected true only where on = [\"master\"]");
    }

    @Test
    void shouldBindRoutesAndRules() {
        assertEquals(
                "0.0.0.0/0", route("to = \"default\"\nvia = \"10.0.0.1\"").to().text());
        assertEquals(
                "::/0",
                route("to = \"default\"\nvia = \"fe80::1\"\ninterface = \"w\"")
                        .to()
                        .text());
        assertEquals(254, route("to = \"10.0.0.0/8\"\ninterface = \"w\"").table());
        refusedRoute("to = \"10.0.0.1/8\"\ninterface = \"w\"", "to: expected \"net/prefix\" with no host bits");
        refusedRoute("to = \"10.0.0.0/8\"", "via: expected via, interface or both");
        refusedRoute(
                "to = \"10.0.0.0/8\"\nvia = \"::1\"", "via: expected an address of the same family as route[0].to");
        refusedRoute("to = \"10.0.0.0/8\"\ninterface = \"w\"\nsource = \"::1\"", "source: expected an address of the");
        refused(
                "[[route]]\nto = \"10.0.0.0/8\"\ninterface = \"w\"\n".repeat(2),
                "route[1].to: expected another value than route[0].to");
        String rule = "[[rule]]\ntable = 100\npriority = 7\n";
        assertEquals(
                0xffff_ffffL,
                valid(rule + "fwmark = 0xffffffff\n").rules().getFirst().fwmark());
        refused(rule, "rule[0].from: expected from, to, fwmark or some of them");
        refused(rule + "from = \"10.0.0.0/8\"\nto = \"::/0\"\n", "rule[0].from: expected an address of the same");
        refused((rule + "fwmark = 1\n").repeat(2), "rule[1].priority: expected another value than rule[0].priority");
    }

    private static Config.Track track(String lines) {
        return valid("[[track]]\n" + lines + "\n").tracks().getFirst();
    }

    private static Config.Route route(String lines) {
        return valid("[[route]]\n" + lines + "\n").routes().getFirst();
    }

    private static void refusedTrack(String lines, String expected) {
        refused("[[track]]\n" + lines + "\n", "track[0]." + expected);
    }

    private static void refusedRoute(String lines, String expected) {
        refused("[[route]]\n" + lines + "\n", "route[0]." + expected);
    }

    private static Config valid(String more) {
        ConfigReport report = ConfigFile.check("f.toml", ConfigSamples.SHORT + more);
        return report.config().orElseThrow(() -> new AssertionError(more + report.problems()));
    }

    private static void refused(String more, String expected) {
        ConfigReport report = ConfigFile.check("f.toml", ConfigSamples.SHORT + more);
        List<String> texts = report.problems().stream().map(ConfigProblem::text).toList();
        assertTrue(
                texts.stream().anyMatch(text -> text.matches("(?s)f\\.toml:[0-9]+: \\Q" + expected + "\\E.*")),
                expected + " not in " + texts);
    }
}
