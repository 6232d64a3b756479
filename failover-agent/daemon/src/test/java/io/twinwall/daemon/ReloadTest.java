/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.daemon.ConfigChange.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReloadTest {
    private final List<Object> applied = new ArrayList<>();
    private final Counters counters = new Counters();
    private String text = ConfigSamples.FULL;
    private String problem = "";
    private String misfit = "";
    private boolean fatal;

    @Test
    void shouldFindWhatEveryKeyNeeds() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("role = \"slave\"|role = \"master\"", Part.PRIORITY);
        parts.put("priority = 50|priority = 51", Part.PRIORITY);
        parts.put("probe-vips = false|probe-vips = true", Part.TAKEOVER);
        parts.put("delay-s = 30|delay-s = 31", Part.FAIL_BACK);
        parts.put("hold-s = 300|hold-s = 301", Part.FLAP);
        parts.put("weight = 254|weight = 253", Part.TRACK);
        parts.put("\"now\"|\"later\"", Part.HOOK);
        parts.put("metric = 10|metric = 11", Part.ROUTE);
        parts.put("fwmark = 4294967295|fwmark = 1", Part.RULE);
        parts.put("per-hour = 12|per-hour = 13", Part.ALERT);
        parts.put("younger-than-s = 30|younger-than-s = 31", Part.SYNC_FILTER);
        parts.put("127.0.0.1:9470|127.0.0.1:9473", Part.ADMIN);
        parts.put("\"wheel\"|\"adm\"", Part.ADMIN);
        parts.put("0.0.0.0:9471|0.0.0.0:9472", Part.ADMIN);
        parts.put("tls.crt|other.crt", Part.ADMIN);
        parts.put("tls.key|other.key", Part.ADMIN);
        parts.put("/etc/twinwall/tokens|/etc/twinwall/token", Part.ADMIN);
        parts.put("[web]\nenabled = true|[web]\nenabled = false", Part.WEB);
        parts.forEach((change, part) -> {
            ConfigChange found = change(change);
            assertEquals(List.of(), found.fixed(), change);
            assertEquals(Set.of(part), found.parts(), change);
        });
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put("id = 255|id = 254", "cluster");
        refused.put("other.key|another.key", "cluster");
        refused.put("name = \"fw-b\"|name = \"fw-c\"", "node.name");
        refused.put("id = 2\n|id = 3\n", "node.id");
        refused.put("name = \"fw-a\"|name = \"fw-c\"", "peer");
        refused.put("baud = 230400|baud = 460800", "path");
        refused.put("flows-max = 4194304|flows-max = 4194303", "sync");
        refused.put("10.10.0.254/24|10.10.0.253/24", "vip");
        refused.put("heartbeat-ms = 20|heartbeat-ms = 21", "timing");
        refused.put("mode = \"strict\"|mode = \"off\"", "fence");
        refused.put("/run/twinwall/other.sock|/run/twinwall/o.sock", "admin.socket");
        refused.put("/dev/shm/other|/dev/shm/o", "runtime.directory");
        refused.put("/var/lib/other|/var/lib/o", "state.directory");
        refused.put("size-mb = 256|size-mb = 255", "journal");
        refused.forEach((change, key) -> {
            ConfigChange found = change(change);
            assertEquals(
                    List.of(key),
                    found.fixed().stream().map(ConfigChange.Fixed::key).toList(),
                    change);
        });
        assertEquals(new ConfigChange(Set.of(), List.of()), change("zzz|zzz"));
    }

    @Test
    void shouldPutAChangedFileInPlace() {
        Reload reload = reload();
        text = text.replace("weight = 254", "weight = 253").replace("priority = 50", "priority = 60");
        CliReload.Answer answer = reload.reload();
        assertEquals(new CliReload.Answer(true, List.of("priority", "track"), List.of(), List.of(), null), answer);
        assertEquals(60, reload.current().node().priority());
        assertEquals(List.of(Set.of(Part.PRIORITY, Part.TRACK), reload.current()), applied);
        assertEquals(List.of(), reload.reload().parts());
        assertEquals(2, applied.size());
        assertEquals(2, counters.value("reloads_total"));
    }

    @Test
    void shouldPutInPlaceWhatNeedsNoRestartAndNameWhatDoes() {
        Reload reload = reload();
        Config before = reload.current();
        text = text.replace("weight = 254", "weight = 253").replace("/var/lib/other\"", "/var/lib/o\"");
        CliReload.Answer answer = reload.reload();
        assertEquals(ExitCode.REFUSED, CliReload.exitCode(answer));
        assertEquals(
                "in place, but not all of it: track\n  a restart is needed\n  state.directory: "
                        + "it is opened at the start; restart this node, the passive one first\n",
                CliReload.text(answer));
        assertTrue(reload.current().tracks().stream().anyMatch(track -> track.weight() == 253));
        assertEquals(before.state(), reload.current().state());
        assertEquals(List.of(Set.of(Part.TRACK), reload.current()), applied);
        answer = reload.reload();
        assertEquals(List.of(), answer.parts());
        assertEquals(1, answer.refused().size(), "until the restart");
        assertEquals(2, counters.value("reloads_refused_total"));
    }

    /** Each part of a mixture may be right, and the whole wrong. */
    @Test
    void shouldChangeNothingWhenTheRestDoesNotFitWhatRuns() {
        Reload reload = reload();
        Config before = reload.current();
        text = text.replace("heartbeat-ms = 20\nlease-ms = 60\ndead-ms = 120\n", "profile = \"calm\"\n")
                .replace("countdown-s = 0", "countdown-s = 5");
        CliReload.Answer answer = reload.reload();
        assertEquals(ExitCode.REFUSED, CliReload.exitCode(answer));
        assertTrue(
                answer.reason().startsWith("a restart is needed, ")
                        && answer.reason().contains(": takeover.countdown-s: expected 0, "),
                answer.reason());
        assertEquals(1, answer.refused().size());
        assertEquals(before, reload.current());
        assertEquals(List.of(), applied);
    }

    /** The interfaces of virtual addresses are chosen at the start, and so is what they must fit. */
    @Test
    void shouldPutTheRestInPlaceWhenAVirtualAddressDoesNotFitThisHost() {
        misfit = "vip 10.9.0.1/24: no interface has an address in its net";
        Reload reload = reload();
        text = text.replace("weight = 254", "weight = 253").replace("10.10.0.254/24", "10.10.0.253/24");
        CliReload.Answer answer = reload.reload();
        assertEquals(List.of("track"), answer.parts());
        assertEquals(List.of("vip: " + misfit), answer.refused());
        assertEquals(ExitCode.REFUSED, CliReload.exitCode(answer));
    }

    /** No kernel would take it, and a passive would find that out when it is too late. */
    @Test
    void shouldNotPutARouteInPlaceWhoseSourceComesWithTheRestart() {
        String routed = text + "[[route]]\nto = \"198.51.100.0/24\"\ninterface = \"lan0\"\nsource = \"10.10.0.254\"\n";
        text = routed;
        Reload reload = reload();
        text = routed.replace("10.10.0.254", "10.10.0.253");
        CliReload.Answer answer = reload.reload();
        assertEquals(ExitCode.REFUSED, CliReload.exitCode(answer));
        assertTrue(answer.reason().contains("its source 10.10.0.253 comes with [[vip]]"), answer.reason());
        assertEquals(List.of(), applied);
    }

    @Test
    void shouldApplyNothingOfAWrongFile() {
        Reload reload = reload();
        Config before = reload.current();
        text = ConfigSamples.FULL.replace("weight = 254", "weight = 255").replace("delay-s", "delay");
        CliReload.Answer answer = reload.reload();
        assertEquals(2, answer.problems().size(), answer.toString());
        assertEquals(ExitCode.CONFIG, CliReload.exitCode(answer));
        assertEquals(before, reload.current());
        assertEquals(1, counters.value("reloads_refused_total"));
        assertEquals(List.of(), applied);
    }

    @Test
    void shouldSayWhatCouldNotBeChangedAndTryThatAgain() {
        Reload reload = reload();
        text = text.replace("metric = 10", "metric = 11").replace("priority = 50", "priority = 60");
        problem = "default via 10.10.0.9: no such interface";
        CliReload.Answer answer = reload.reload();
        assertEquals(ExitCode.REFUSED, CliReload.exitCode(answer));
        assertEquals(
                "in place, but not all of it: priority, route\n  default via 10.10.0.9: no such interface\n",
                CliReload.text(answer));
        assertEquals(60, reload.current().node().priority());
        problem = "";
        assertEquals(List.of("priority", "route"), reload.reload().parts());
        assertEquals(List.of(), reload.reload().parts());
        assertEquals(1, counters.value("reloads_refused_total"));
    }

    @Test
    void shouldTellOfARefusedKeyFileAsOfAWrongFile() {
        CliReload.Answer nothing = new CliReload.Answer(true, List.of(), List.of(), List.of(), null);
        CliReload.Answer answer = CliReload.with(nothing, "no cluster key");
        assertEquals(ExitCode.CONFIG, CliReload.exitCode(answer));
        assertEquals("nothing was changed: the key file is refused\n  no cluster key\n", CliReload.text(answer));

        CliReload.Answer some = new CliReload.Answer(true, List.of("priority"), List.of(), List.of(), null);
        assertEquals(
                "in place, but not all of it: priority\n  the key file is refused\n  no cluster key\n",
                CliReload.text(CliReload.with(some, "no cluster key")));
        CliReload.Answer wrong = new CliReload.Answer(false, List.of(), List.of(), List.of("node.id"), "a restart");
        assertEquals(
                List.of("no cluster key"),
                CliReload.with(wrong, "no cluster key").problems());
        assertEquals(
                List.of("admin.remote's files"),
                CliReload.withRemote(nothing, "").parts());
        assertEquals(
                "nothing was changed: the files of admin.remote are refused\n  no certificate\n",
                CliReload.text(CliReload.withRemote(nothing, "no certificate")));
        assertEquals(nothing, CliReload.withRemote(nothing, null));
        assertEquals(
                List.of("priority", "cluster.key-file"),
                CliReload.with(some, "").parts());
    }

    @Test
    void shouldChangeNothingWhenTheKernelHasNoSocketLeft() {
        Reload reload = reload();
        Config before = reload.current();
        text = text.replace("metric = 10", "metric = 11");
        fatal = true;
        CliReload.Answer answer = reload.reload();
        assertEquals("no descriptors left", answer.reason());
        assertEquals(ExitCode.REFUSED, CliReload.exitCode(answer));
        assertEquals(before, reload.current());
    }

    @Test
    void shouldChooseTheInterfaceThatHasAnAddressInTheNet() {
        Config config = config(ConfigSamples.SHORT.replace("interface = \"lan0\"\n", ""));
        VipInterfaces.Own lan = own("lan0", "10.10.0.1");
        VipInterfaces.Own wan = own("wan0", "10.10.1.1");
        assertEquals(
                "lan0",
                VipInterfaces.chosen(config, List.of(wan, lan, own("lan0", "10.10.0.9"), own("x", "10.10.0.254")))
                        .vips()
                        .getFirst()
                        .interfaceName());
        Fatal none = assertThrows(Fatal.class, () -> VipInterfaces.chosen(config, List.of(wan)));
        assertEquals(ExitCode.CONFIG, none.exitCode());
        Fatal two =
                assertThrows(Fatal.class, () -> VipInterfaces.chosen(config, List.of(lan, own("br0", "10.10.0.2"))));
        assertTrue(two.getMessage().contains("lan0, br0 have an address"), two.getMessage());
    }

    private static VipInterfaces.Own own(String name, String address) {
        return new VipInterfaces.Own(name, ConfigAddress.address(address));
    }

    private Reload reload() {
        return new Reload(
                () -> ConfigFile.check("f.toml", text),
                config -> {
                    if (!misfit.isEmpty()) {
                        throw new Fatal(ExitCode.CONFIG, misfit);
                    }
                    return config;
                },
                config(text),
                (parts, next) -> {
                    if (fatal) {
                        throw new Fatal(ExitCode.ENVIRONMENT, "no descriptors left");
                    }
                    applied.add(parts);
                    applied.add(next);
                    return problem;
                },
                counters);
    }

    private static ConfigChange change(String fromTo) {
        String[] both = fromTo.split("\\|", -1);
        String next = ConfigSamples.FULL.replaceFirst(
                java.util.regex.Pattern.quote(both[0]), java.util.regex.Matcher.quoteReplacement(both[1]));
        return ConfigChange.between(config(ConfigSamples.FULL), config(next));
    }

    private static Config config(String text) {
        ConfigReport report = ConfigFile.check("f.toml", text);
        return report.config().orElseThrow(() -> new AssertionError(report.problems()));
    }
}
