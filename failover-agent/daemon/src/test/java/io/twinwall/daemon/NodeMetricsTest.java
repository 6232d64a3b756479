/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.Json;
import io.twinwall.base.Counters;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.testkit.PromLint;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeMetricsTest {
    private final Counters counters = new Counters();
    private final RoleJournal journal =
            new RoleJournal(counters, () -> 1, occasion -> {}, new Told(), Optional.empty());
    private CliStatus status = Json.read(CliSamples.STATUS, CliStatus.class);
    private List<String> ailments = List.of();
    private final AdminMetrics metrics =
            new AdminMetrics(counters).collect(new NodeMetrics(() -> status, () -> ailments, "1.2.3")::collect);

    @Test
    void shouldShowEveryStateAsPrometheusExpectsIt() {
        String page = metrics.scrape();
        assertEquals(List.of(), PromLint.problems(page));
        for (String line : List.of(
                "role_state{role=\"master\"} 1.0",
                "role_state{role=\"backup\"} 0.0",
                "role_age_seconds 5025.0",
                "readiness_state{readiness=\"ready\"} 1.0",
                "health_priority 80.0",
                "reach_state{state=\"answered\"} 1.0",
                "peer_state{state=\"alive\"} 1.0",
                "peer_role_state{role=\"backup\"} 1.0",
                "peer_heard_age_seconds 0.012",
                "peer_hears_this_node 1.0",
                "peer_health_priority 50.0",
                "heartbeat_path_heard{path=\"sync\"} 1.0",
                "heartbeat_path_heard_age_seconds{path=\"wire\"} NaN",
                "gate_open 1.0",
                "lease_armed 1.0",
                "lease_seconds 0.11",
                "vip_held{address=\"2001:db8:1::254/64\",interface=\"lan0\"} 1.0",
                "tracker_judged{tracker=\"resolver\"} 1.0",
                "flows{where=\"passive_kernel\"} 998.0",
                "host_entries_max 262144.0",
                "set_differing{set=\"inet filter limits\"} 7.0",
                "takeover_last_ready 1.0",
                "peer_same_version 1.0",
                "peer_same_configuration 1.0",
                "peer_clock_ahead_seconds -0.003",
                "takeover_countdown_seconds 23.4",
                "takeover_vetoed 0.0",
                "alarm_active{code=\"step_failed\"} 1.0",
                "alarm_active{code=\"late\"} 0.0",
                "hook_last_ok{command=\"/etc/twinwall/hooks/mail\",hook=\"0\"} 0.0",
                "node_info{configured_role=\"master\",node=\"fw-a\",peer=\"fw-b\"} 1",
                "healthy 1.0")) {
            assertTrue(page.contains("\ntwinwall_" + line + "\n"), line + " in " + page);
        }
        assertTrue(page.contains("\ntwinwall_build_info{java="), page);
    }

    @Test
    void shouldSayWhatIsNotKnown() {
        String json = """
                {"node":"fw-b","role":"BACKUP","readiness":"COLD","configuredRole":"slave",
                 "health":{"fault":"no carrier","reach":"UNKNOWN"},
                 "peer":{"name":"fw-a","state":"NEVER_SEEN","roleForMs":-1,"heardMsAgo":-1,"priority":-1},
                 "paths":[],"lease":{"renewedMsAgo":-1},"vips":[],"trackers":[],"hooks":[],"alarms":[],"keys":{},"sets":[],
                 "flowCounts":{"activeKernel":-1,"activeTable":-1,"mirror":-1,"passiveKernel":-1,"refused":-1}}
                """;
        status = Json.read(json, CliStatus.class);
        ailments = List.of("role FAULT: no carrier");
        String page = metrics.scrape();
        assertEquals(List.of(), PromLint.problems(page));
        for (String line : List.of(
                "peer_role_state{role=\"master\"} 0.0",
                "peer_role_age_seconds NaN",
                "peer_heard_age_seconds NaN",
                "flows{where=\"mirror\"} NaN",
                "takeover_last_age_seconds NaN",
                "peer_same_version NaN",
                "peer_same_configuration NaN",
                "peer_clock_ahead_seconds NaN",
                "takeover_countdown_seconds NaN",
                "takeover_vetoed 0.0",
                "health_fault 1.0",
                "healthy 0.0")) {
            assertTrue(page.contains("\ntwinwall_" + line + "\n"), line + " in " + page);
        }
    }

    @Test
    void shouldTellInWhatThePeerIsUnlikeAndThatATakeoverWasVetoed() {
        status = Json.read(
                CliSamples.STATUS
                        .replace("\"sameVersion\":true,\"samePair\":true", "\"sameVersion\":false,\"samePair\":false")
                        .replace("{\"leftMs\":23400,\"vetoed\":false}", "{\"leftMs\":0,\"vetoed\":true}"),
                CliStatus.class);
        String page = metrics.scrape();
        for (String line : List.of(
                "peer_same_version 0.0",
                "peer_same_configuration 0.0",
                "takeover_countdown_seconds NaN",
                "takeover_vetoed 1.0")) {
            assertTrue(page.contains("\ntwinwall_" + line + "\n"), line + " in " + page);
        }
    }

    @Test
    void shouldHaveAMemberForEachAlarmAndEachRole() {
        String page = metrics.scrape();
        for (AlarmCode code : AlarmCode.values()) {
            String word = code.name().toLowerCase(Locale.ROOT);
            assertTrue(page.contains("alarms_total{code=\"" + word + "\"} 0.0"), word);
        }
        assertTrue(page.contains("alarm_active{code=\"sync_path_lost\"} 0.0"), page);
        assertTrue(page.contains("alarm_active{code=\"journal_off\"} 0.0"), page);
        assertTrue(page.contains("role_transitions_total{to=\"maintenance\"} 0.0"), page);
        assertTrue(page.contains("takeover_phase_seconds_total{phase=\"announce\"} 0.0"), page);
        assertEquals(List.of(), journal.takeovers());
    }
}
