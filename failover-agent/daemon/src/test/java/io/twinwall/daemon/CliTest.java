/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliTest {
    @TempDir
    private Path directory;

    private final List<Object> ran = new ArrayList<>();
    private Daemon daemon = (config, from) -> {
        ran.add(config);
        return ExitCode.OK;
    };
    private final Demo demo = options -> {
        ran.add(options);
        return ExitCode.REFUSED;
    };
    private String out;
    private String err;

    @Test
    void shouldRefuseUnknownCommandAndSuggestTheNearest() {
        assertEquals(64, run("statsu"));
        assertEquals("""
                twinwall: no command 'statsu', only run, status, flows, verify, history, switchover, promote, maintenance, veto, \
                reload, key, alert, doctor, check-config, demo, completion, man, version; \
                did you mean 'status'?
                See 'twinwall --help'.
                """, err);
        assertEquals("", out);
        assertEquals(64, run("xyzzy"));
        assertTrue(!err.contains("did you mean"), err);
    }

    @Test
    void shouldRefuseWhatAVerbDoesNotTake() {
        assertEquals(64, run("status", "--jsno"));
        assertTrue(err.contains("--jsno") && err.contains("--json") && err.contains("twinwall status --help"), err);
        assertEquals(64, run("status", "--socket", "/a", "--config", "/b"));
        assertEquals(64, run("flows", "--limit", "0"));
        assertTrue(err.contains("--limit: expected 1..10000, found 0"), err);
        assertEquals(64, run("flows", "--limit", "many"));
        assertEquals(64, run("demo", "--flows", "250001"));
        assertEquals(64, run("demo", "--fail", "fire"));
        assertEquals(64, run("check-config", "a", "b"));
        assertEquals(64, run("--frobnicate"));
    }

    @Test
    void shouldHelpWithEachVerbAndNameItsExitCodes() {
        assertEquals(0, run("--help"));
        for (String verb : Cli.VERBS) {
            assertTrue(out.contains("\n  " + verb + " "), out);
        }
        for (String verb : Cli.VERBS) {
            assertEquals(0, run(verb, "--help"), err);
            assertTrue(out.startsWith("Usage: twinwall " + verb), out);
            for (ExitCode code : ExitCode.values()) {
                assertTrue(out.matches("(?s).*\n +" + code.code() + " +\\w.*"), out);
            }
        }
        assertEquals(64, run());
        assertTrue(out.startsWith("Usage: twinwall"), out);
    }

    @Test
    void shouldRunTheDaemonWithACheckedConfiguration() throws Exception {
        Path file = Files.writeString(directory.resolve("t.toml"), ConfigSamples.SHORT);
        assertEquals(0, run("run", "--config", file.toString()));
        assertEquals(List.of(ConfigFile.load(file)), ran);
    }

    @Test
    void shouldTouchNothingWhenTheConfigurationIsWrong() throws Exception {
        Path file = Files.writeString(
                directory.resolve("t.toml"),
                ConfigSamples.SHORT.replace("id = 7", "id = 0").replace("id = 2", "id = 1"));
        assertEquals(78, run("run", "--config", file.toString()));
        assertEquals(List.of(), ran);
        assertEquals(
                "twinwall: " + file + ":2: cluster.id: expected a whole number 1..255, found 0\ntwinwall: " + file
                        + ":9: peer.id: expected another id than node.id, found the same, 1\n",
                err);
        assertEquals(78, run("status", "--config", file.toString()));
    }

    @Test
    void shouldCheckAConfigurationForPeopleAndPrograms() throws Exception {
        Path file = Files.writeString(directory.resolve("t.toml"), ConfigSamples.FULL + "[fence2]\n");
        assertEquals(78, run("check-config", file.toString()));
        assertTrue(err.contains(": fence2: expected one of the keys") && err.contains("did you mean 'fence'?"), err);
        assertEquals("", out);
        assertEquals(78, run("check-config", file.toString(), "--json"));
        assertTrue(out.startsWith("{\"ok\":false,\"problems\":[{\"file\":"), out);
        Files.writeString(file, ConfigSamples.FULL);
        assertEquals(0, run("check-config", file.toString()));
        assertEquals(ConfigSamples.FULL, out);
        assertEquals(0, run("check-config", "--json", file.toString()));
        assertTrue(out.contains("\"timing\":{\"heartbeat-ms\":20,\"lease-ms\":60,\"dead-ms\":120}"), out);
    }

    @Test
    void shouldWarnOfWhatThisHostDoesNotHave() throws Exception {
        Path key = Files.writeString(directory.resolve("k"), "0");
        Files.setPosixFilePermissions(key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));
        Path program = Files.writeString(directory.resolve("hook"), "");
        String text = ConfigSamples.SHORT.replace("id = 7", "id = 7\nkey-file = \"" + key + "\"")
                + "[[hook]]\non = [\"fault\"]\ncommand = [\"" + program + "\"]\n"
                + "[[hook]]\non = [\"fault\"]\ncommand = [\"" + program + "2\"]\n"
                + "[[track]]\nkind = \"interface\"\ninterface = \"absent0\"\n"
                + "[[alert]]\nkind = \"webhook\"\nurl = \"https://h/\"\nsecret-file = \"" + key + "\"\n"
                + "[[alert]]\nkind = \"script\"\ncommand = [\"" + program + "3\"]\n";
        Path file = Files.writeString(directory.resolve("t.toml"), text.replace("\"lan0\"", "\"lo\""));
        assertEquals(0, run("check-config", file.toString()));
        for (String warning : List.of(
                "cluster.key-file: expected a file only its owner may read, mode 0600, found " + key,
                "hook[0].command: expected a program that may be executed, found " + program + " without",
                "hook[1].command: expected a program, found none at " + program + "2",
                "alert[0].secret-file: expected a file only its owner may read, mode 0600, found " + key,
                "alert[1].command: expected a program, found none at " + program + "3",
                "interface: expected an interface of this host, found no \"absent0\"")) {
            assertTrue(err.contains("warning: " + file + ": " + warning), err);
        }
        assertTrue(!err.contains("\"lo\" "), err);
        assertEquals(0, run("check-config", "--json", file.toString()));
        assertTrue(out.contains("\"key\":\"hook[1].command\""), out);
    }

    @Test
    void shouldPrintACompletionThatBashReads() throws Exception {
        assertEquals(0, run("completion", "bash"), err);
        for (String verb : Cli.VERBS) {
            assertTrue(out.matches("(?s).*\\b" + verb + "\\b.*"), verb);
        }
        Path file = Files.writeString(directory.resolve("completion"), out);
        assertEquals(
                0, new ProcessBuilder("bash", "-n", file.toString()).start().waitFor());
        String bash = out;
        assertEquals(0, run("completion", "zsh"), err);
        assertEquals(bash, out);
        assertEquals(0, run("completion", "fish"), err);
        for (String verb : Cli.VERBS) {
            assertTrue(out.contains("-n __fish_use_subcommand -a " + verb + " -d '"), verb);
        }
        assertTrue(out.contains("__fish_seen_subcommand_from maintenance' -a 'on off'\n"), out);
        assertTrue(out.contains("__fish_seen_subcommand_from flows' -s p -l proto -l protonum -r -d '"), out);
        assertTrue(out.contains("__fish_seen_subcommand_from run' -l config -r -F -d '"), out);
        assertEquals(64, run("completion", "tcsh"));
        assertEquals(64, run("completion"));
        assertEquals(64, run("maintenance"));
        assertEquals(64, run("maintenance", "maybe"));
        assertEquals(64, run("alert"));
        assertEquals(64, run("alert", "rest"));
        assertEquals(64, run("alert", "test", "ops", "chat"));
    }

    @Test
    void shouldWriteManualPagesOutOfTheHelp() throws Exception {
        Path manual = directory.resolve("man/man1");
        assertEquals(0, run("man", manual.toString()), err);
        assertEquals(Cli.VERBS.size() + 1 + " pages in " + manual + "\n", out);
        for (String verb : Cli.VERBS) {
            assertTrue(Files.exists(manual.resolve("twinwall-" + verb + ".1")), verb);
        }
        String program = Files.readString(manual.resolve("twinwall.1"));
        assertTrue(program.startsWith(".TH \"TWINWALL\" \"1\" \"\" \"twinwall "), program);
        for (String part : new String[] {
            "NAME\"\ntwinwall \\- Two Linux firewalls that behave like one that never dies\n",
            "\n.TP\n\\fBtwinwall\\-status\\fR(1)\nShow both nodes",
            "\n.SH \"EXIT STATUS\"\n",
            "\n.TP\n\\fB78\\fR\nwrong configuration\n"
        }) {
            assertTrue(program.contains(part), part + " in " + program);
        }
        String flows = Files.readString(manual.resolve("twinwall-flows.1"));
        for (String part : new String[] {
            "\n.SH \"SYNOPSIS\"\ntwinwall flows ",
            "\n.TP\n\\fB\\-s\\fR, \\fB\\-\\-src\\fR, \\fB\\-\\-orig\\-src\\fR \\fINET\\fR\nThe client's address",
            "\\fB\\-n\\fR, \\fB\\-\\-src\\-nat\\fR [\\fINET\\fR]\n",
            "\\fB\\-\\-limit\\fR \\fIN\\fR\nList at most N, 1..10000 (default: 1000).\n",
            "\\fB\\-\\-socket\\fR \\fIPATH\\fR\n",
            "\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n"
        }) {
            assertTrue(flows.contains(part), part + " in " + flows);
        }
        assertTrue(flows.lines().noneMatch(line -> line.startsWith("'") || line.matches("\\.(?!TH|SH|TP).*")), flows);
        Path file = Files.createFile(directory.resolve("file"));
        assertEquals(71, run("man", file.resolve("man").toString()));
        assertTrue(err.contains("cannot write into " + file), err);
    }

    @Test
    void shouldHandOptionsToTheDemonstration() {
        assertEquals(1, run("demo"));
        assertEquals(
                1,
                run(
                        "demo",
                        "--flows",
                        "250000",
                        "--fail",
                        "hang",
                        "--profile",
                        "calm",
                        "--no-sync",
                        "--keep",
                        "--json",
                        "--seed",
                        "9"));
        assertEquals(1, run("demo", "--cleanup"));
        assertEquals(
                List.of(
                        new DemoOptions(
                                1000, DemoOptions.Fail.POWER, DemoOptions.Profile.FAST, true, false, false, false, 1),
                        new DemoOptions(
                                250_000, DemoOptions.Fail.HANG, DemoOptions.Profile.CALM, false, true, false, true, 9),
                        new DemoOptions(
                                1000, DemoOptions.Fail.POWER, DemoOptions.Profile.FAST, true, false, true, false, 1)),
                ran);
    }

    @Test
    void shouldTurnEveryEndIntoAnExitCode() throws Exception {
        Path file = Files.writeString(directory.resolve("t.toml"), ConfigSamples.SHORT);
        daemon = (config, from) -> {
            throw new Fatal(ExitCode.NO_PERMISSION, "needs CAP_NET_ADMIN; run as root");
        };
        assertEquals(77, run("run", "--config", file.toString()));
        assertEquals("twinwall: needs CAP_NET_ADMIN; run as root\n", err);
        for (Throwable bug : List.of(new BugError("broken"), new IllegalStateException("broken"))) {
            daemon = (config, from) -> {
                throw sneaky(bug);
            };
            assertEquals(70, run("run", "--config", file.toString()));
            assertTrue(err.contains("please report") && err.contains("broken\n\tat io.twinwall"), err);
        }
    }

    @Test
    void shouldSayThatNoDaemonRuns() {
        for (String verb : List.of("status", "flows", "verify", "switchover", "promote", "veto", "reload")) {
            assertEquals(69, run(verb, "--socket", directory.resolve("s").toString()));
            assertTrue(err.contains("no daemon answers at") && err.contains("start it: twinwall run"), err);
        }
        assertEquals(69, run("alert", "test", "--socket", directory.resolve("s").toString()));
    }

    private static RuntimeException sneaky(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return (RuntimeException) thrown;
    }

    private int run(String... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = new Main(() -> daemon, () -> demo)
                .run(
                        args,
                        new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                        new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
