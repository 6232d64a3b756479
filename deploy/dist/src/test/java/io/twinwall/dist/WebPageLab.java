/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LabPlan;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import io.twinwall.testkit.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * The page of a running pair in a browser, from a host of the LAN by TLS, as its users have it: what is seen there while a
 * node takes over, and that nothing is seen without a token.
 */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebPageLab {
    private static final long READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FLOWS = 60;
    private static final int PORT = 9471;
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final Path PICTURES = Path.of("target", "pages").toAbsolutePath();
    private static final Pattern NOW = Pattern.compile(": (\\d+) now");

    private final long seed = Seeds.seed("page");
    private Lab lab;
    private Pair pair;

    @BeforeAll
    void start() throws Exception {
        lab = Lab.create();
        TestCertificate certificate = TestCertificate.make(lab.directory(), "tls");
        Path tokens = Files.writeString(lab.directory().resolve("tokens"), TOKEN + "\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        for (FirewallNode node : FirewallNode.values()) {
            Cmd.in(
                    lab.namespace(node),
                    "nft",
                    "add rule inet lab_filter input iifname lan0 tcp dport " + PORT + " accept");
        }
        String served = """
                [admin.remote]
                listen = "0.0.0.0:%d"
                certificate = "%s"
                key = "%s"
                token-file = "%s"

                [web]
                enabled = true
                """.formatted(PORT, certificate.certificate(), certificate.key(), tokens);
        pair = new Pair(lab, Program.command(), AgentOptions.defaults().withMore(served));
    }

    @AfterAll
    void end() {
        if (pair != null) {
            pair.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void shouldShowATakeoverAsItHappens() throws Exception {
        LabAgent old = pair.awaitPair(READY_MS, progress -> {});
        LabAgent heir = pair.other(old);
        String here = heir.node().nodeName();
        String there = old.node().nodeName();
        try (LiveFlows flows = new LiveFlows(lab, FLOWS, seed);
                Browser browser = browser("watching")) {
            signIn(browser, heir);
            browser.look(1280, false);
            seen(browser, "live", "● live from " + here);
            seen(browser, "pair", here + " and " + there);
            seen(browser, "nodes", "● BACKUP ● MASTER");
            seen(browser, "nodes", "● READY");
            seen(browser, "nodes", "● alive, hears this node");
            for (LabPlan.Link path : List.of(LabPlan.Link.SYNC, LabPlan.Link.LAN, LabPlan.Link.WAN)) {
                String name = path.device().replace("0", "");
                seen(browser, "paths", name + " (udp) ● heard ● works ● heard");
            }
            seen(browser, "held", "held by " + there);
            seen(browser, "trackers", "lan " + there + " ● up");
            seen(browser, "trackers", "lan " + here + " ● up");
            JsonNode began = Agents.status(old).json().at("/transitions/0");
            String why =
                    began.path("term").asLong() + " " + began.path("reason").asString();
            seen(browser, "changes", there + " BACKUP → MASTER " + why);
            seen(browser, "sync", "mode MIRROR");
            Await.until("its flows", SOON, () -> drawn(browser, "chart-flows") >= FLOWS);
            Await.until("and that its kernel has them", SOON, () -> drawn(browser, "chart-host") >= FLOWS);
            seen(browser, "chart-lag", "Deltas that wait for this kernel: ");
            seen(browser, "takeovers", "None since the agent started.");
            // One that stood still for a moment when it began tells of it for a minute.
            Await.until(
                    "no alarm",
                    Duration.ofSeconds(80),
                    () -> browser.all("#alarms li").isEmpty());
            keep(browser, "passive");

            browser.run("window.loadedOnce = true");
            old.kill();
            Await.until("the page tells of it", SOON, () -> browser.title().startsWith("MASTER " + here + " "));
            seen(browser, "nodes", "✖ LOST, not heard for ");
            seen(browser, "alarms", "PEER LOST");
            seen(browser, "trackers", "lan " + there + " was up");
            seen(browser, "held", "held here");
            seen(browser, "changes", here + " BACKUP → MASTER ");
            seen(browser, "takeovers", "unplanned: ");
            seen(browser, "takeovers", "0 refused; the copy was complete");
            // In one go, since a page that is live draws anew each second.
            Object drawn = browser.run("""
                    const steps = [...document.querySelectorAll('#takeovers svg rect.step')].map((one) => one.getBoundingClientRect());
                    const seen = steps.filter((one) => one.width > 0 && one.height > 0).length;
                    const told = document.querySelectorAll('#takeovers ol li').length;
                    const curve = document.querySelector('#chart-flows path.curve').getBoundingClientRect();
                    return seen >= 3 && seen === steps.length && seen === told && curve.width > 0""");
            assertEquals(true, drawn, "silence, gate and addresses at least, a step drawn for each that is told");
            assertEquals("", flows.lost());
            seen(browser, "live", "● live from " + here);
            assertEquals(true, browser.run("return window.loadedOnce === true"), "never loaded again");
            keep(browser, "takeover");

            // And at night, on a telephone.
            browser.look(360, true);
            Object cut = browser.run("""
                    return ['html', '#nodes', '#sync', '#held']
                      .filter((one) => { const is = document.querySelector(one); return is.scrollWidth > is.clientWidth; })""");
            assertEquals(List.of(), cut, "to be pushed about with a thumb");
            keep(browser, "telephone");
            nothingElse(browser, page(heir, ""));
        } finally {
            pair.start(old);
        }
    }

    @Test
    void shouldNeitherTellNorActForWhomMayNot() throws Exception {
        LabAgent active = pair.awaitPair(READY_MS, progress -> {});
        String node = active.node().nodeName();
        try (Browser browser = browser("asking")) {
            for (String who : List.of("", "operator:" + TOKEN.replace('0', '1') + "@", TOKEN + ":@")) {
                browser.open(page(active, who));
                String seen = browser.title() + browser.text();
                assertFalse(seen.contains(node) || seen.contains("Twinwall"), seen);
                assertEquals(List.of(), browser.all("#main"));
            }
            assertFalse(browser.complaints().isEmpty(), "the control of what is demanded of a page below and above");
            signIn(browser, active);
            seen(browser, "nodes", "● MASTER ● BACKUP");
            assertEquals(List.of(), browser.complaints());
            Object refused = browser.runLater("""
                    const tell = arguments[0];
                    fetch('/v1/switchover', { method: 'POST', body: '{"force":true}' }).then((answer) => tell(answer.status), tell);
                    """);
            assertEquals(403L, refused, "what a browser remembers may read and no more");
            assertTrue(Agents.status(active).master());
            tellsOfAnAddressInTheWrongPlace(browser, pair.other(active));
        }
    }

    private void tellsOfAnAddressInTheWrongPlace(Browser browser, LabAgent passive) {
        assertEquals(List.of(), browser.all("#held .warn, #held .bad"));
        String[] byHand = {"10.10.0.254/32", "dev", "lan0"};
        Cmd.run("ip", "-n", lab.namespace(passive.node()), "address", "add", byHand[0], byHand[1], byHand[2]);
        seen(browser, "held", "held here, ALSO BY " + passive.node().nodeName() + ", WHICH IS NOT ACTIVE");
        Await.until(
                "it says so itself",
                SOON,
                () -> Program.ask(passive, "status").out().contains("HELD, THOUGH NOT ACTIVE"));
        Cmd.run("ip", "-n", lab.namespace(passive.node()), "address", "del", byHand[0], byHand[1], byHand[2]);
        Await.until(
                "it is where it should be",
                SOON,
                () -> browser.all("#held .bad").isEmpty());
    }

    /** The page of {@code agent} as the client of the lab has it. */
    private static String page(LabAgent agent, String who) {
        return "https://" + who + LabPlan.Link.LAN.address(agent.node()) + ":" + PORT + "/";
    }

    /** A password in the address is what a person types when asked; the browser remembers it. */
    private static void signIn(Browser browser, LabAgent agent) {
        browser.open(page(agent, "operator:" + TOKEN + "@"));
        browser.open(page(agent, ""));
    }

    private Browser browser(String name) throws Exception {
        return new Browser(lab.directory().resolve("browser-" + name), lab.namespace("client"));
    }

    private static void seen(Browser browser, String id, String text) {
        String[] shown = {""};
        try {
            Await.until(id + " shows " + text, SOON, () -> {
                shown[0] = browser.text(id).replaceAll("[\\s\u00a0]+", " ");
                return shown[0].contains(text);
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ", but " + shown[0], e);
        }
    }

    /** The newest number of a chart. */
    private static int drawn(Browser browser, String id) {
        Matcher told = NOW.matcher(browser.text(id));
        return told.find() ? Integer.parseInt(told.group(1)) : -1;
    }

    private static void keep(Browser browser, String name) throws Exception {
        System.out.println("page: " + browser.picture(PICTURES.resolve(name + ".png")));
    }

    /** All that was asked for came from there, and the browser had nothing to complain of. */
    private static void nothingElse(Browser browser, String origin) {
        assertTrue((Long) browser.run("return performance.getEntriesByType('resource').length") >= 5);
        Object elsewhere = browser.run("""
                return performance.getEntriesByType('resource').map((one) => one.name)
                  .filter((name) => new URL(name).origin !== location.origin)""");
        assertEquals(List.of(), elsewhere);
        assertEquals(origin, browser.run("return location.origin + '/'"));
        assertEquals(List.of(), browser.complaints());
    }
}
