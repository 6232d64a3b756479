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
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A pair as Prometheus sees it, by its own programs: what it scrapes, what it says of that, and the rules that go with it. */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrometheusLab {
    private static final long READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path RULES = dashboard("rules.yml");
    private static final Path RULES_TEST =
            Path.of("src/test/prometheus/rules-test.yml").toAbsolutePath();
    private static final Path GRAFANA = dashboard("grafana.json");

    /** What has metrics of its own, beyond the lab's configuration. */
    private static final String EVERYTHING = """
            [[hook]]
            on = ["master"]
            command = ["/bin/true"]
            """;

    private Lab lab;
    private Pair pair;
    private PrometheusServer prometheus;

    @BeforeAll
    void start() throws Exception {
        lab = Lab.create();
        for (FirewallNode node : FirewallNode.values()) {
            Cmd.in(
                    lab.namespace(node),
                    "nft",
                    "add rule inet lab_filter input iifname lan0 tcp dport " + LabPlan.METRICS_PORT + " accept");
        }
        pair = new Pair(lab, Program.command(), AgentOptions.defaults().withMore(EVERYTHING));
        pair.awaitPair(READY_MS, progress -> {});
        prometheus = new PrometheusServer(
                lab.directory().resolve("prometheus"),
                lab.namespace("client"),
                RULES,
                pair.agents().stream().map(PrometheusLab::instance).toList());
        Await.until("Prometheus answers", SOON, prometheus::ready);
    }

    @AfterAll
    void end() {
        if (prometheus != null) {
            prometheus.close();
        }
        if (pair != null) {
            pair.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void shouldGiveBothNodesMetricsThatPromtoolTakes() throws IOException {
        for (LabAgent agent : pair.agents()) {
            PrometheusServer.Answer page =
                    PrometheusServer.fetch(lab.namespace("client"), "http://" + instance(agent) + "/metrics");
            assertEquals(200, page.status());
            Cmd.Result judged = Cmd.tryRun(page.body(), "promtool", "check", "metrics");
            assertEquals(new Cmd.Result(0, "", ""), judged, agent.node().nodeName());
        }
    }

    @Test
    void shouldComeWithRulesThatPromtoolTakes() {
        Cmd.Result judged = Cmd.tryRun("", "promtool", "check", "rules", RULES.toString());
        assertEquals(0, judged.exitCode(), judged::toString);
        assertEquals("", judged.stderr());
    }

    /** As they are written in {@code src/test/prometheus}: by the clock of the test, so that nobody waits for four hours. */
    @Test
    void shouldAlertOfWhatIsWrongAndOfNothingElse() throws IOException {
        Cmd.Result judged = Cmd.tryRun("", "promtool", "test", "rules", RULES_TEST.toString());
        assertEquals(0, judged.exitCode(), judged::toString);
        String tested = Files.readString(RULES_TEST);
        List<String> untested = Pattern.compile("- alert: (\\w+)")
                .matcher(Files.readString(RULES))
                .results()
                .map(alert -> alert.group(1))
                .filter(alert -> !tested.contains(alert))
                .toList();
        assertEquals(List.of(), untested);
    }

    @Test
    void shouldTellWhoIsActiveBeforeAndAfterATakeover() {
        LabAgent old = whole();
        LabAgent heir = pair.other(old);
        assertEquals(Set.of(instance(old)), active());
        try {
            old.kill();
            Await.until("the heir is active", SOON, () -> active().equals(Set.of(instance(heir))));
            Await.until("the other is down", SOON, () -> up().equals(Set.of(instance(heir))));
            Await.until(
                    "an alert of the alarm",
                    SOON,
                    () -> !prometheus
                            .query(
                                    "ALERTS{alertname=\"TwinwallAlarm\",alertstate=\"firing\",code=\"peer_lost\",instance=\""
                                            + instance(heir) + "\"}")
                            .isEmpty());
            String silent = "ALERTS{alertname=\"TwinwallSilent\",instance=\"" + instance(old) + "\"}";
            Await.until(
                    "and soon one that it is silent",
                    SOON,
                    () -> !prometheus.query(silent).isEmpty());
        } finally {
            pair.start(old);
        }
    }

    @Test
    void shouldHaveEveryMetricThatDashboardAndRulesName() throws IOException {
        whole();
        Set<String> scraped = prometheus
                .ask("/api/v1/label/__name__/values")
                .valueStream()
                .map(name -> name.asString(""))
                .collect(Collectors.toSet());
        for (Path file : List.of(RULES, GRAFANA)) {
            Set<String> named = Pattern.compile("twinwall_[a-z0-9_]+")
                    .matcher(Files.readString(file))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertTrue(named.size() > 10, file + " names " + named);
            named.removeAll(scraped);
            assertEquals(Set.of(), named, file + " names what a pair does not have");
        }
    }

    @Test
    void shouldHaveSomethingToDrawInEveryPanel() throws IOException {
        whole();
        List<String> drawn =
                JsonMapper.shared().readTree(Files.readString(GRAFANA)).findValuesAsString("expr");
        assertTrue(drawn.size() > 10, drawn::toString);
        for (String expression : drawn) {
            String asked = expression.replace("$job", "fw").replace("$__rate_interval", "10s");
            // A comparison may have nothing to show.
            Await.until(asked, SOON, () -> !prometheus.query(asked).isEmpty() || asked.contains(" == "));
        }
    }

    @Test
    void shouldJudgeEveryRule() {
        whole();
        Await.until(
                "each rule judged",
                SOON,
                () -> rules().stream()
                        .noneMatch(rule -> rule.path("health").asString("").equals("unknown")));
        List<JsonNode> rules = rules();
        assertTrue(rules.size() > 10, rules::toString);
        for (JsonNode rule : rules) {
            assertEquals("ok", rule.path("health").asString(""), rule::toString);
            assertEquals("", rule.path("lastError").asString(""), rule::toString);
        }
        assertFalse(prometheus.said().contains("level=error"), prometheus::said);
    }

    private List<JsonNode> rules() {
        return prometheus
                .ask("/api/v1/rules")
                .path("groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream())
                .toList();
    }

    /** The active of a pair that is whole, and that Prometheus sees to be. */
    private LabAgent whole() {
        LabAgent active = pair.awaitPair(READY_MS, progress -> {});
        Await.until("both are up", SOON, () -> up().size() == 2 && active().equals(Set.of(instance(active))));
        return active;
    }

    private Set<String> up() {
        return instances("up == 1");
    }

    private Set<String> active() {
        return instances("twinwall_role_state{role=\"master\"} == 1");
    }

    private Set<String> instances(String expression) {
        return prometheus
                .query(expression)
                .valueStream()
                .map(one -> one.at("/metric/instance").asString(""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String instance(LabAgent agent) {
        return LabPlan.Link.LAN.address(agent.node()) + ":" + LabPlan.METRICS_PORT;
    }

    private static Path dashboard(String file) {
        return Path.of("../dashboards").resolve(file).toAbsolutePath().normalize();
    }
}
