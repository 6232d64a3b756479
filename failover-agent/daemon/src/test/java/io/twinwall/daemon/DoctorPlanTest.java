/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.Json;
import io.twinwall.doctor.Plan;
import io.twinwall.doctor.Running;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the doctor is told: of the configuration, and by the daemon. */
class DoctorPlanTest {
    private static final Path FILE = Path.of("/etc/twinwall/twinwall.toml");
    private static final Path SOCKET = Path.of("/run/twinwall/admin.sock");

    private static Config config(String text) {
        return ConfigFile.check("t.toml", text).config().orElseThrow();
    }

    private static Plan plan(String text) {
        return DoctorPlan.of(config(text), FILE, SOCKET);
    }

    @Test
    void shouldTellOfTheWholeConfiguration() {
        Plan plan = plan(ConfigSamples.FULL);
        assertEquals("fw-b", plan.node());
        assertEquals(
                new Plan.Files(
                        FILE,
                        Path.of("/etc/twinwall/other.key"),
                        Path.of("/var/lib/other"),
                        Path.of("/dev/shm/other"),
                        SOCKET),
                plan.files());
        assertEquals(new Plan.Sync(true, 4_194_304, 128), plan.sync());
        assertTrue(plan.fenced());
        assertEquals(
                List.of("10.10.0.254/24 on lan0", "2001:db8:1::254/64 on "),
                plan.vips().stream()
                        .map(vip -> vip.text() + " on " + vip.interfaceName())
                        .toList());
        assertEquals(
                List.of("HEARTBEATS sync ", "HEARTBEATS lan lan0", "STREAM sync "),
                plan.links().stream()
                        .map(link -> link.use() + " " + link.name() + " " + link.interfaceName())
                        .toList());
        assertEquals(List.of(Path.of("/dev/ttyS0")), plan.serialLines());
        assertEquals(
                List.of("the route to 0.0.0.0/0 by 203.0.113.1 true", "the test address 203.0.113.1 false"),
                plan.hops().stream().map(hop -> hop.title() + " " + hop.route()).toList());
        assertEquals(
                List.of("/etc/twinwall/hooks/announce", "/etc/twinwall/hooks/withdraw", "/usr/local/sbin/check"),
                plan.programs().stream().map(Path::toString).toList());
        assertEquals(
                List.of("ip6 filter bans", "inet filter knocked_1"),
                plan.sets().stream().map(Object::toString).toList());
        assertTrue(plan.services());
        assertEquals(PairDigest.of(config(ConfigSamples.FULL)), plan.pairDigest());
    }

    @Test
    void shouldTellOfEveryFileThatIsToBeKept() {
        Plan.Named named = plan(ConfigSamples.FULL).named();
        assertEquals(
                List.of(
                        "SECRET /etc/twinwall/mail.password the password of the alert \"ops\"",
                        "PUBLIC /etc/twinwall/ca.pem the trusted certificates of the alert \"ops\"",
                        "SECRET /etc/twinwall/chat.secret the secret of the alert \"chat\"",
                        "PUBLIC /etc/twinwall/ca.pem the trusted certificates of the alert \"chat\"",
                        "PUBLIC /etc/twinwall/alert the program of the alert \"pager\"",
                        "CERTIFICATE /etc/twinwall/tls.crt the certificate of [admin.remote]",
                        "GROUP_SECRET /etc/twinwall/tls.key the key of [admin.remote]",
                        "GROUP_SECRET /etc/twinwall/tokens the tokens of [admin.remote]"),
                named.kept().stream()
                        .map(kept -> kept.care() + " " + kept.file() + " " + kept.title())
                        .toList());
        assertEquals(Path.of("/var/lib/other/history"), named.journal().orElseThrow());
        assertTrue(named.secretUrls());
        assertFalse(plan(ConfigSamples.SHORT).named().secretUrls());
        assertTrue(plan(ConfigSamples.SHORT + "[journal]\nenabled = false\n")
                .named()
                .journal()
                .isEmpty());
    }

    @Test
    void shouldWantNothingOfWhatIsOff() {
        Plan plan = plan(
                ConfigSamples.SHORT.replace("[sync]\n", "[sync]\nenabled = false\n") + "[fence]\nmode = \"off\"\n");
        assertFalse(plan.fenced());
        assertFalse(plan.sync().enabled());
        assertFalse(plan.services());
        assertEquals(
                List.of(Plan.Use.HEARTBEATS),
                plan.links().stream().map(Plan.Link::use).toList());
    }

    /** The same file on both nodes, but for who is who. */
    @Test
    void shouldDigestWhatBothNodesMustHaveAlike() {
        String here = ConfigSamples.SHORT;
        String there = here.replace("10.99.0.1", "10.99.0.x")
                .replace("10.99.0.2", "10.99.0.1")
                .replace("10.99.0.x", "10.99.0.2")
                .replace("fw-a", "fw-x")
                .replace("fw-b", "fw-a")
                .replace("fw-x", "fw-b")
                .replace("id = 1\nrole = \"master\"", "id = 2\nrole = \"slave\"\npriority = 50")
                .replace("name = \"fw-a\"\nid = 2\n[[path]]", "name = \"fw-a\"\nid = 1\n[[path]]")
                .replace("interface = \"lan0\"\n", "");
        assertNotEquals(here, there);
        String digest = PairDigest.of(config(here));
        assertTrue(digest.matches("[0-9a-f]{12}"), digest);
        assertEquals(digest, PairDigest.of(config(there)));
        String trackers = "[[track]]\nkind = \"interface\"\ninterface = \"lan0\"\n";
        assertEquals(digest, PairDigest.of(config(here + trackers)), "each host has trackers of its own");
        for (String other : List.of(
                here.replace("id = 7", "id = 8"),
                here.replace("10.10.0.254/24", "10.10.0.253/24"),
                here + "[timing]\nprofile = \"calm\"\n",
                here + "[fence]\nmode = \"strict\"\n",
                here + "[[sync.filter]]\naction = \"skip\"\nprotocol = \"udp\"\n",
                here + "[fail-back]\npolicy = \"always\"\n")) {
            assertNotEquals(digest, PairDigest.of(config(other)), other);
        }
        String numbers = "[timing]\nheartbeat-ms = 40\nlease-ms = 110\ndead-ms = 170\n";
        assertEquals(digest, PairDigest.of(config(here + numbers)), "the numbers count, not the profile's name");
    }

    @Test
    void shouldDigestTheWholeConfigurationAsTheDaemonRunsIt() {
        String here = ConfigSamples.SHORT;
        String digest = plan(here).configDigest();
        assertTrue(digest.matches("[0-9a-f]{16}"), digest);
        assertEquals(digest, ConfigDigest.of(config(here)));
        assertEquals(digest, plan("# the same\n" + here).configDigest());
        for (String other : List.of(
                here + "[[track]]\nkind = \"interface\"\ninterface = \"lan0\"\n",
                here + "[[hook]]\non = [\"master\"]\ncommand = [\"/etc/twinwall/hook\"]\n",
                here + "[[alert]]\nkind = \"script\"\ncommand = [\"/etc/twinwall/alert\"]\n",
                here + "[admin]\nmetrics = \"127.0.0.1:9470\"\n",
                here + "[web]\nenabled = true\n",
                here + "[journal]\nenabled = false\n")) {
            assertEquals(PairDigest.of(config(here)), plan(other).pairDigest(), other);
            assertNotEquals(digest, plan(other).configDigest(), other);
        }
    }

    /** Which the doctor tells as vip-interface. */
    @Test
    void shouldNotDigestAFileThatDoesNotFitThisHost() {
        String open = ConfigSamples.SHORT
                .replace("interface = \"lan0\"\n", "")
                .replace("10.10.0.254/24", "198.51.100.254/32");
        assertEquals("", plan(open).configDigest());
    }

    @Test
    void shouldTellWhatTheDaemonTells() {
        Running running = DoctorDaemon.running(Json.read(CliSamples.STATUS, CliStatus.class));
        assertEquals("0.1.0", running.version());
        assertEquals("3fa2c17be09d", running.pairDigest());
        assertEquals("8d20a4f1c2b3e596", running.configDigest());
        assertEquals("MASTER", running.role());
        assertEquals(new Running.Peer("fw-b", "ALIVE", "READY", true, true, true, -3), running.peer());
        assertEquals(
                List.of(
                        new Running.PathState("sync", "HEARD", ""),
                        new Running.PathState("wire", "NEVER_HEARD", "no such line")),
                running.paths());
        assertEquals(List.of(new Running.Alarm("STEP_FAILED", "VIPS: no wan0")), running.alarms());
        assertEquals(70_000L, running.counters().get("events_total"));
    }

    @Test
    void shouldUnderstandAnOlderDaemon() {
        Running running = DoctorDaemon.running(Json.read("{\"node\":\"fw-a\",\"role\":\"BACKUP\"}", CliStatus.class));
        assertEquals("", running.version());
        assertEquals("", running.configDigest());
        assertEquals("NEVER_SEEN", running.peer().state());
        assertEquals(List.of(), running.paths());
        assertEquals(List.of(), running.alarms());
    }
}
