/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
    @Test
    void shouldFillInDefaults() {
        Config config = valid(ConfigSamples.SHORT);
        assertEquals(Path.of("/etc/twinwall/cluster.key"), config.cluster().keyFile());
        assertEquals(100, config.node().priority());
        assertEquals(Config.Role.MASTER, config.node().role());
        assertTrue(config.sync().enabled());
        assertEquals(1 << 20, config.sync().flowsMax());
        assertEquals(64, config.sync().eventBufferMb());
        assertEquals(new Config.Timing(Config.Profile.FAST, 40, 110, 170), config.timing());
        assertEquals(110_000_000L, config.timing().leaseNs());
        assertEquals(Config.Fence.WHEN_PEER_READY, config.fence());
        assertEquals(Path.of("/run/twinwall/admin.sock"), config.admin().socket());
        assertTrue(config.admin().metrics().isEmpty());
        assertEquals(Path.of("/dev/shm/twinwall"), config.runtime().directory());
        assertEquals(Path.of("/var/lib/twinwall"), config.state().directory());
        assertEquals(new Config.Takeover(true, 0), config.takeover());
        assertEquals(new Config.FailBack(Config.Policy.NEVER, 60), config.failBack());
        assertEquals(new Config.Flap(6, 600, 600), config.flap());
        assertEquals(
                new Config.JournalFiles(true, Path.of("/var/lib/twinwall/journal"), 64, 90, false), config.journal());
    }

    @Test
    void shouldKeepTheJournalBesideTheStateAndInADirectoryOfItsOwn() {
        String state = ConfigSamples.SHORT + "[state]\ndirectory = \"/srv/twinwall\"\n";
        assertEquals(Path.of("/srv/twinwall/journal"), valid(state).journal().directory());
        for (String directory : List.of("/srv/twinwall", "/srv", "/dev/shm")) {
            ConfigReport report = ConfigFile.check("j.toml", state + "[journal]\ndirectory = \"" + directory + "\"\n");
            assertTrue(report.config().isEmpty(), directory);
            assertEquals("journal.directory", report.problems().getFirst().key());
        }
        ConfigReport small = ConfigFile.check("j.toml", ConfigSamples.SHORT + "[journal]\nsize-mb = 3\nage = 1\n");
        assertEquals(2, small.problems().size(), small.problems()::toString);
        String deltas = ConfigSamples.SHORT + "[journal]\ndeltas = true\n";
        assertTrue(
                ConfigFile.check("j.toml", deltas + "size-mb = 32\n").config().isPresent());
        ConfigReport narrow = ConfigFile.check("j.toml", deltas + "size-mb = 31\n");
        assertEquals("journal.size-mb", narrow.problems().getFirst().key());
        ConfigReport undone =
                ConfigFile.check("j.toml", ConfigSamples.SHORT + "[journal]\nenabled = false\ndeltas = true\n");
        assertTrue(
                undone.warnings().stream().anyMatch(warning -> warning.key().equals("journal.deltas")),
                undone.warnings()::toString);
    }

    @Test
    void shouldReadBackTheEffectiveConfiguration() {
        for (String text : List.of(
                ConfigSamples.SHORT,
                ConfigSamples.FULL,
                ConfigSamples.SHORT + "[timing]\nprofile = \"extreme\"\n",
                ConfigSamples.SHORT.replace("[sync]\n", "[sync]\nenabled = false\n"))) {
            Config config = valid(text);
            assertEquals(config, valid(ConfigText.toml(config)), text);
        }
        assertEquals(ConfigSamples.FULL, ConfigText.toml(valid(ConfigSamples.FULL)));
    }

    @Test
    void shouldTakePathsOfTheStreamBesideItsOwnAndAlone() {
        String path = """

                [[sync.path]]
                name = "lan"
                local = "10.10.0.1:47901"
                peer = "10.10.0.2:47901"
                """;
        Config beside = valid(ConfigSamples.SHORT + path);
        assertEquals(
                List.of("sync", "lan"),
                beside.sync().allPaths().stream().map(Config.SyncPath::name).toList());
        assertEquals(beside, valid(ConfigText.toml(beside)));
        Config alone = valid(ConfigSamples.SHORT.replaceFirst("\\[sync\\]\\n.*\\n.*\\n", "[sync]\n") + path);
        assertEquals(
                List.of("lan"),
                alone.sync().allPaths().stream().map(Config.SyncPath::name).toList());
        assertEquals(alone, valid(ConfigText.toml(alone)));
        // What would make a metric's name that cannot be, or one that is there already.
        for (String name : List.of("LAN", "lan.1", "lan_1", "-lan", "sync")) {
            ConfigReport wrong = ConfigFile.check("name.toml", ConfigSamples.SHORT + path.replace("lan", name));
            assertTrue(wrong.config().isEmpty(), name);
            assertEquals(1, wrong.problems().size(), wrong.problems()::toString);
        }
        ConfigReport twice = ConfigFile.check("twice.toml", ConfigSamples.SHORT + path + path);
        assertTrue(twice.config().isEmpty());
        assertEquals(2, twice.problems().size(), twice.problems()::toString);
    }

    @Test
    void shouldShowEveryKeyInASampleThatIsValid() throws Exception {
        String sample = Files.readString(Path.of("../../deploy/sample/twinwall.toml"));
        valid(sample);
        shown(sample, "", ConfigText.tree(valid(ConfigSamples.FULL)));
        // What is commented out is valid too, where it does not repeat what is there.
        String examples = sample.replaceAll(
                "(?m)^# (\\[\\[|name = \"(lan|wire|bans|ops|chat|pager)|family|local|peer|interface = \"lan0|serial|baud|to =|via"
                        + "|from|fwmark|table|priority|metric|source|kind|process|host|port|command|weight = 20|on =|timeout-ms = 10000"
                        + "|server|security|user|password-file|ca-file|url|secret-file|min-severity|repeat-minutes|per-hour|timeout-s"
                        + "|retry-minutes|before|action|protocol|destination|either|zone|state = .\"|mark|younger-than)",
                "$1");
        Config config = valid(examples);
        assertEquals(3, config.paths().size());
        assertEquals(2, config.sync().filters().size());
        assertEquals(6, config.tracks().size());
        assertEquals(
                1,
                config.hooks().size() * config.routes().size() * config.rules().size());
        assertEquals(3, config.alerts().size());
    }

    /** Each table and each key is in the sample, be it commented out. */
    private static void shown(String sample, String path, Map<?, ?> tree) {
        tree.forEach((name, value) -> {
            List<?> tables = value instanceof List<?> list && list.getFirst() instanceof Map ? list : List.of(value);
            if (tables.getFirst() instanceof Map) {
                String table = path + name;
                assertTrue(sample.matches("(?s).*\n(# )?\\[{1,2}" + table + "].*"), table);
                tables.forEach(each -> shown(sample, table + ".", (Map<?, ?>) each));
            } else {
                assertTrue(sample.contains("\n" + name + " = ") || sample.contains("\n# " + name + " = "), path + name);
            }
        });
    }

    @Test
    void shouldRefuseASetTwiceAndOneOfItsOwn() {
        String sets = """
                [[sync.set]]
                table = "filter"
                name = "bans"
                [[sync.set]]
                family = "inet"
                table = "filter"
                name = "bans"
                [[sync.set]]
                table = "twinwall"
                name = "vip4"
                [[sync.set]]
                table = "filter"
                nam = "x"
                [[sync.set]]
                family = "arp"
                table = "filter"
                name = "a b"
                """;
        String problems = problems(ConfigSamples.SHORT + sets);
        assertTrue(problems.contains("sync.set[1].name: expected another value than sync.set[0].name"), problems);
        assertTrue(problems.contains("sync.set[2].table: expected a table of the ruleset"), problems);
        assertTrue(problems.contains("did you mean 'name'"), problems);
        assertTrue(problems.contains("sync.set[4].family: expected one of inet, ip, ip6, netdev, bridge"), problems);
        assertTrue(problems.contains("sync.set[4].name"), problems);
        assertEquals(List.of(), valid(ConfigSamples.SHORT).sync().sets());
        assertEquals(1_000, valid(ConfigSamples.SHORT).sync().setIntervalMs());
    }

    @Test
    void shouldNameEveryProblemAtOnceWithLineAndNearestKey() {
        String text = """
                [cluster]
                id = 256
                keyfile = "/k"
                [node]
                name = "fw a"
                role = "primary"
                id = 1
                [peers]
                id = 2
                [[path]]
                name = "sync"
                local = "fw-a.example:47900"
                peer = "10.99.0.2"
                [sync]
                enabled = "yes"
                local = "10.99.0.1:47901"
                peer = "0.0.0.0:47901"
                flows-max = 1000
                [[vip]]
                address = "10.10.0.254"
                interface = "lan0"
                [timing]
                profile = "fastest"
                """;
        assertEquals("""
                f.toml:2: cluster.id: expected a whole number 1..255, found 256
                f.toml:3: cluster.keyfile: expected one of the keys id, key-file, found an unknown key; did you mean 'key-file'?
                f.toml:5: node.name: expected a name of 1..63 letters, digits, '.', '_' or '-', found "fw a"
                f.toml:6: node.role: expected one of master, slave, found "primary"
                f.toml:8: peers: expected one of the keys cluster, node, peer, path, sync, vip, timing, fence, takeover, fail-back, flap, track, hook, route, rule, alert, admin, web, runtime, state, journal, found an unknown key; did you mean 'peer'?
                f.toml:12: path[0].local: expected "address:port" or "[address]:port" with a literal address, no name, found "fw-a.example:47900"
                f.toml:13: path[0].peer: expected "address:port" or "[address]:port" with a literal address, no name, found "10.99.0.2"
                f.toml:15: sync.enabled: expected true or false, found "yes"
                f.toml:17: sync.peer: expected the address of one host, found "0.0.0.0:47901"
                f.toml:18: sync.flows-max: expected a whole number 1024..6000000, found 1000
                f.toml:20: vip[0].address: expected "address/prefix" of one host, such as 10.10.0.254/24 or 2001:db8::254/64, found "10.10.0.254"
                f.toml:23: timing.profile: expected one of calm, fast, extreme, found "fastest"
                f.toml: peer.name: expected a name of 1..63 letters, digits, '.', '_' or '-', found nothing
                f.toml: peer.id: expected a whole number 1..255, found nothing
                """, problems(text));
    }

    @Test
    void shouldHoldValuesAgainstEachOther() {
        refused(
                short_("name = \"fw-b\"", "name = \"fw-a\""),
                "f.toml:8: peer.name: expected another name than node.name");
        refused(short_("id = 2", "id = 1"), "f.toml:9: peer.id: expected another id than node.id, found the same, 1");
        refused(
                short_("47901", "47900"),
                "f.toml:15: sync.local: expected another port than path[0].local, found the same, 47900");
        refused(
                short_("peer = \"10.99.0.2:47900\"", "peer = \"[::1]:47900\""),
                "f.toml:13: path[0].peer: expected an address of the same family as path[0].local, found [::1]:47900");
        refused(
                short_("peer = \"10.99.0.2:47900\"", "peer = \"10.99.0.1:47900\""),
                "f.toml:13: path[0].peer: expected another address than path[0].local, found the same");
        refused(
                ConfigSamples.SHORT + "[[vip]]\naddress = \"10.10.0.254/25\"\ninterface = \"lan1\"\n",
                "f.toml:21: vip[1].address: expected another value than vip[0].address, found the same");
        refused(
                short_("10.10.0.254/24", "10.99.0.2/24"),
                "f.toml:18: vip[0].address: expected another value than path \"sync\", found the same");
        String path = "[[path]]\nname = \"sync\"\nlocal = \"10.99.0.1:47900\"\npeer = \"10.99.0.3:47900\"\n";
        refused(ConfigSamples.SHORT + path, "f.toml:21: path[1].name: expected another value than path[0].name");
        refused(ConfigSamples.SHORT + path, "f.toml:22: path[1].local: expected another value than path[0].local");
        refused(
                ConfigSamples.SHORT.replaceAll("(?s)\\[\\[path]].*\\[sync]", "[sync]"),
                "f.toml: path: expected at least one [[path]], or the nodes cannot hear each other, found none");
        StringBuilder many = new StringBuilder(ConfigSamples.SHORT);
        for (int i = 1; i <= 15; i++) {
            many.append("[[path]]\nname = \"p" + i + "\"\nlocal = \"10.99.1." + i
                    + ":47900\"\npeer = \"10.99.2.1:47900\"\n");
        }
        assertEquals(List.of(), ConfigFile.check("f.toml", many.toString()).problems());
        refused(
                many + "[[path]]\nname = \"more\"\nserial = \"/dev/ttyS0\"\n",
                "f.toml:10: path: expected at most 16 [[path]], found 17");
    }

    @Test
    void shouldDemandThatTheLeaseEndsBeforeThePeerMoves() {
        timing("heartbeat-ms = 10\nlease-ms = 45\ndead-ms = 75", "");
        timing(
                "heartbeat-ms = 10\nlease-ms = 45\ndead-ms = 74",
                "f.toml:23: timing.dead-ms: expected at least lease-ms"
                        + " + heartbeat-ms + 20 = 75, or the peer moves before this node is fenced, found 74");
        timing("heartbeat-ms = 40\nlease-ms = 100\ndead-ms = 160", "");
        timing(
                "heartbeat-ms = 41\nlease-ms = 102\ndead-ms = 500",
                "f.toml:22: timing.lease-ms: expected at least 2.5"
                        + " heartbeats, 103, or one late renewal fences a healthy node, found 102");
        timing(
                "profile = \"fast\"\nheartbeat-ms = 40",
                "f.toml:21: timing.profile: expected a profile alone, or all"
                        + " three numbers, found a profile beside some numbers");
        timing("heartbeat-ms = 40\ndead-ms = 500", "f.toml:20: timing.lease-ms: expected a whole number");
        for (Config.Profile profile : List.of(Config.Profile.CALM, Config.Profile.FAST, Config.Profile.EXTREME)) {
            timing("profile = \"" + profile.text() + "\"", "");
        }
    }

    @Test
    void shouldLetNumbersWinOverAProfileAndSaySo() {
        ConfigReport report = ConfigFile.check(
                "f.toml",
                ConfigSamples.SHORT + "[timing]\nprofile = \"calm\"\nheartbeat-ms = 10\nlease-ms = 45\ndead-ms = 75\n");
        assertEquals(10, report.config().orElseThrow().timing().heartbeatMs());
        assertEquals("timing.profile", report.warnings().getLast().key());
    }

    @Test
    void shouldWarnOfWhatIsAllowedButDoubtful() {
        String text =
                ConfigSamples.SHORT.replaceAll("(?s)\\[\\[vip]].*", "").replace("[sync]", "[sync]\nenabled = false")
                        + "[fence]\nmode = \"off\"\n";
        ConfigReport report = ConfigFile.check("f.toml", text);
        assertEquals(
                List.of("sync.enabled", "fence.mode", "vip"),
                report.warnings().stream().map(ConfigProblem::key).toList());
        assertTrue(report.config().orElseThrow().vips().isEmpty());
    }

    @Test
    void shouldWarnOfWhatIsAskedForAndWillNotBe() {
        assertEquals(List.of("sync.duplicate"), warnings("[sync]\nduplicate = true"));
        assertEquals(
                List.of("sync.enabled", "sync.filter"),
                warnings("[sync]\nenabled = false\nfilter = [{ action = \"skip\", protocol = \"udp\" }]"));
        assertEquals(List.of(), warnings("[sync]\nduplicate = false"));
    }

    private static List<String> warnings(String sync) {
        ConfigReport report = ConfigFile.check("f.toml", ConfigSamples.SHORT.replace("[sync]", sync));
        assertTrue(report.config().isPresent(), report::toString);
        return report.warnings().stream()
                .map(ConfigProblem::key)
                .filter(key -> key.startsWith("sync."))
                .toList();
    }

    @Test
    void shouldAcceptOnlyHostAddressesAsVips() {
        for (String good : List.of("10.0.0.1/31", "10.0.0.0/31", "10.0.0.7/32", "2001:db8::ff/120", "fe80::1/64")) {
            valid(short_("10.10.0.254/24", good));
        }
        for (String bad : List.of(
                "10.10.0.0/24",
                "10.10.0.255/24",
                "10.10.0.1/33",
                "10.10.0.1/0",
                "10.10.0.1/",
                "/24",
                "",
                "10.1/24",
                "010.1.1.1/24",
                "224.0.0.1/24",
                "127.0.0.1/8",
                "0.0.0.0/24",
                "2001:db8::/64",
                "2001:db8::1/129",
                "::ffff:10.0.0.1/96",
                "fe80::1%lan0/64",
                "10.0.0.1/+8",
                "10.0.0.1/24/24",
                "255.255.255.255/32")) {
            refused(short_("10.10.0.254/24", bad), "f.toml:18: vip[0].address: expected ");
        }
        for (String bad : List.of("", ".", "..", "a/b", "a b", "sixteen-letters-", "lan0:1", "lan%d")) {
            refused(short_("\"lan0\"", "\"" + bad + "\""), "f.toml:19: vip[0].interface: expected ");
        }
    }

    @Test
    void shouldReadLiteralsOnly() {
        assertEquals("10.0.0.1:1", ConfigAddress.text(ConfigAddress.addressAndPort("10.0.0.1:1")));
        assertEquals("[2001:db8::1]:65535", ConfigAddress.text(ConfigAddress.addressAndPort("[2001:db8::1]:65535")));
        for (String same : List.of(
                "::", "::1", "1::", "fe80::1:2:3", "1:2:3:4:5:6:7:8", "1:0:2::3", "1::2:0:3:0:4", "a:0:b:0:c:0:d:0")) {
            assertEquals(same, ConfigAddress.text(ConfigAddress.address(same)));
        }
        for (String bad : List.of(
                "localhost:1",
                "10.0.0.1",
                "10.0.0.1:0",
                "10.0.0.1:65536",
                "10.0.0.1:099",
                "[10.0.0.1]:1",
                "2001:db8::1:80",
                "[2001:db8::1]",
                "[]:1",
                ":1",
                "",
                "[::1%lo]:1",
                "10.0.0.256:1",
                "10.0.0:1")) {
            assertNull(ConfigAddress.addressAndPort(bad), bad);
        }
    }

    @Test
    void shouldFindTheNearestWordAndOnlyANearOne() {
        List<String> keys = List.of("heartbeat-ms", "lease-ms", "dead-ms", "profile");
        assertEquals("heartbeat-ms", ConfigNearest.nearest("hearbeat_ms", keys));
        assertEquals("lease-ms", ConfigNearest.nearest("lease", keys));
        assertEquals("", ConfigNearest.nearest("colour", keys));
        assertEquals("", ConfigNearest.nearest("x".repeat(100_000), keys));
        assertEquals(3, ConfigNearest.distance("kitten", "sitting"));
    }

    @Test
    void shouldReportBadSyntaxOnceAndNoAbsentKeys() {
        ConfigReport report = ConfigFile.check("f.toml", "[cluster]\nid = = 7\n");
        assertTrue(report.config().isEmpty());
        assertEquals(1, report.problems().size(), report.toString());
        assertEquals(2, report.problems().getFirst().line());
    }

    @Test
    void shouldTellWhyAFileCannotBeRead(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("twinwall.toml");
        assertTrue(problem(file).endsWith("expected a configuration file, found none there"));
        Files.write(file, new byte[] {(byte) 0xc3, '('});
        assertTrue(problem(file).endsWith("expected UTF-8 text, found other bytes"));
        Files.write(file, new byte[ConfigFile.BYTES_MAX + 1]);
        assertTrue(problem(file).endsWith("expected at most 65536 bytes, found more"));
        assertTrue(problem(directory).contains("expected a readable file, found "));
        Files.writeString(file, ConfigSamples.FULL);
        assertEquals(valid(ConfigSamples.FULL), ConfigFile.load(file));
    }

    private static String problem(Path file) {
        Fatal fatal = assertThrows(Fatal.class, () -> ConfigFile.load(file));
        assertEquals(ExitCode.CONFIG, fatal.exitCode());
        return fatal.getMessage();
    }

    private static void timing(String lines, String expected) {
        String text = ConfigSamples.SHORT + "[timing]\n" + lines + "\n";
        if (expected.isEmpty()) {
            valid(text);
        } else {
            refused(text, expected);
        }
    }

    private static String short_(String from, String to) {
        assertTrue(ConfigSamples.SHORT.contains(from), from);
        return ConfigSamples.SHORT.replace(from, to);
    }

    private static Config valid(String text) {
        return ConfigFile.check("f.toml", text).config().orElseThrow(() -> new AssertionError(problems(text)));
    }

    private static void refused(String text, String line) {
        String problems = problems(text);
        assertTrue(problems.startsWith(line) || problems.contains("\n" + line), problems);
    }

    private static String problems(String text) {
        StringBuilder lines = new StringBuilder();
        ConfigFile.check("f.toml", text)
                .problems()
                .forEach(problem -> lines.append(problem.text()).append('\n'));
        return lines.toString();
    }
}
