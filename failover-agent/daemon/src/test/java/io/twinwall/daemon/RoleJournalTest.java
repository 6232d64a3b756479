/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Counts;
import io.twinwall.protocol.Handover;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Takeover;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RoleJournalTest {
    private static final CliStatus.Health WELL = new CliStatus.Health(100, 0, "", "", "UNKNOWN");

    private final Counters counters = new Counters();
    private final List<HookRunner.Occasion> hooks = new ArrayList<>();
    private final Told told = new Told();
    private long nowNs = 1_000_000_000L;
    private final RoleJournal journal = new RoleJournal(counters, () -> nowNs, hooks::add, told, Optional.empty());

    @Test
    void shouldKeepTheLastTransitionsAndTellTheHooks() {
        for (int term = 1; term <= 25; term++) {
            journal.transition(new RoleEffect.Transition(Role.BACKUP, Role.MASTER, term, "reason " + term), null);
        }
        assertEquals(RoleJournal.TRANSITIONS_MAX, journal.changes().size());
        assertEquals(25, journal.changes().getFirst().transition().term());
        assertEquals(6, journal.changes().getLast().transition().term());
        assertEquals(25, hooks.size());
        assertEquals(new HookRunner.Occasion(Config.When.MASTER, Config.When.BACKUP, 25, "reason 25"), hooks.getLast());
        assertEquals(25, counters.value("role_transitions_total"));
    }

    @Test
    void shouldCountTransitionsAndTakeoversByWhatTheyWere() {
        journal.transition(new RoleEffect.Transition(Role.INIT, Role.BACKUP, 1, "started"), null);
        journal.transition(new RoleEffect.Transition(Role.BACKUP, Role.MASTER, 2, "peer dead"), null);
        assertEquals(2, counters.value("role"));
        assertEquals(1, counters.value("role_transitions_to_master_total"));
        for (int i = 0; i < RoleJournal.TAKEOVERS_MAX + 2; i++) {
            journal.takeover(takeover(i % 2 == 0, i));
        }
        assertEquals(RoleJournal.TAKEOVERS_MAX, journal.takeovers().size());
        assertEquals(9, journal.takeovers().getFirst().term());
        assertEquals(5, counters.value("takeovers_planned_total"));
        assertEquals(5, counters.value("takeovers_unplanned_total"));
        assertEquals(10, counters.value("takeovers_total"));
        assertEquals(10 * 300_000L, counters.value("takeover_phase_drain_nanoseconds_total"));
        assertEquals(10, counters.value("takeover_phase_gate_failures_total"));
        assertEquals(300_000L, counters.value("takeover_last_drain_nanoseconds"));
        assertEquals(0, counters.value("takeover_last_hooks_nanoseconds"));
        assertEquals(7, counters.value("takeover_last_flows_refused"));
    }

    @Test
    void shouldTellTheAlertsOfWhatPeopleAreTold() {
        RoleEffect.Alarm alarm = new RoleEffect.Alarm(AlarmCode.LATE, "by 200 ms");
        Takeover takeover = new Takeover("dead", false, true, 2, 0, 0, 0, List.of(), Counts.NONE);
        journal.alarm(alarm);
        journal.takeover(takeover);
        journal.lossWindow(new SyncReport.LossWindowClosed(5_000_000, 3));
        assertEquals(List.of(alarm, takeover, "5000000 3"), told.all());
        assertEquals(1, counters.value("takeovers_total"));
    }

    private static Takeover takeover(boolean planned, long term) {
        return new Takeover(
                "peer dead",
                planned,
                true,
                term,
                1_000,
                2_000,
                500_000,
                List.of(
                        new Takeover.PhaseDone(Takeover.Phase.DRAIN, 300_000, true, ""),
                        new Takeover.PhaseDone(Takeover.Phase.GATE, 100_000, false, "no lo")),
                new Counts(1_000, 993, 7));
    }

    @Test
    void shouldAnswerOneAskerAtATime() {
        CompletableFuture<RoleEffect.Answer> first = new CompletableFuture<>();
        assertTrue(journal.expectAnswer(first));
        assertFalse(journal.expectAnswer(new CompletableFuture<>()));
        journal.answer(new RoleEffect.Answer(true, ""));
        assertTrue(first.join().accepted());
        assertTrue(journal.expectAnswer(new CompletableFuture<>()));
    }

    @Test
    void shouldShowConditionsWhileTheyHoldAndEventsForAMinute() {
        RoleConfig config = config();
        RoleState state = RoleProtocol.initial(config, nowNs);
        journal.alarm(new RoleEffect.Alarm(AlarmCode.PEER_LOST, "fw-b is not heard"));
        nowNs += 1_000_000_000L;
        journal.alarm(new RoleEffect.Alarm(AlarmCode.LATE, "first"));
        nowNs += 1_000_000_000L;
        journal.alarm(new RoleEffect.Alarm(AlarmCode.LATE, "late by 200 ms"));
        journal.alarm(new RoleEffect.Alarm(AlarmCode.TWO_ACTIVES, "fw-b claims too"));
        List<CliStatus.Alarm> alarms = alarms(state, config, WELL);
        assertEquals(3, alarms.size());
        assertTrue(
                alarms.contains(CliStatus.Alarm.of("PEER_LOST", "fw-b is not heard", 2_000, true)), alarms.toString());
        assertTrue(alarms.contains(CliStatus.Alarm.of("LATE", "late by 200 ms", 0, true)), alarms.toString());
        assertTrue(alarms.contains(CliStatus.Alarm.of("TWO_ACTIVES", "fw-b claims too", 0, false)), alarms.toString());
        nowNs += 61_000_000_000L;
        assertTrue(alarms(state, config, WELL).contains(CliStatus.Alarm.of("LATE", "late by 200 ms", 61_000, false)));
        journal.alarm(new RoleEffect.Alarm(AlarmCode.FAULT, "uplink"));
        nowNs += 61_000_000_000L;
        CliStatus.Health faulty = new CliStatus.Health(100, 0, "uplink", "uplink", "UNKNOWN");
        assertTrue(alarms(state, config, faulty).getFirst().active());
        assertFalse(alarms(state, config, WELL).getFirst().active());
    }

    @Test
    void shouldShowAPeerNeverHeardAndItsPaths() {
        RoleConfig config = config();
        RoleState state = RoleProtocol.initial(config, nowNs);
        assertEquals(
                new CliStatus.Peer(
                        "fw-b",
                        "NEVER_SEEN",
                        null,
                        0,
                        null,
                        -1,
                        false,
                        null,
                        -1,
                        false,
                        -1,
                        false,
                        false,
                        List.of(),
                        null,
                        null,
                        null,
                        null),
                StatusPeer.peer(state, PeerWatch.Seen.NOTHING, Optional.empty(), Optional.empty(), nowNs, config));
        Config file = ConfigFile.check("f.toml", ConfigSamples.SHORT).config().orElseThrow();
        assertEquals(
                List.of(new CliStatus.Path("sync", "UDP", "NEVER_HEARD", -1, "it is shut", "FAILS", 7, 0)),
                StatusPeer.paths(
                        file,
                        state,
                        path -> "it is shut",
                        Map.of("heartbeat_path_0_state", 1L, "heartbeat_path_0_sent_total", 7L),
                        nowNs));
    }

    @Test
    void shouldRememberWhatThePeerWasAndSinceWhen() {
        PeerWatch watch = new PeerWatch();
        assertNull(watch.seen().role());
        watch.heard(heartbeat(Role.BACKUP, 3), 1_000);
        watch.heard(heartbeat(Role.BACKUP, 4), 2_000);
        assertEquals(new PeerWatch.Seen(Role.BACKUP, 1_000, false, List.of()), watch.seen());
        for (int i = 0; i < 30; i++) {
            watch.heard(heartbeat(i % 2 == 0 ? Role.MASTER : Role.BACKUP, 5 + i), 3_000 + i);
        }
        assertEquals(PeerWatch.CHANGES_MAX, watch.seen().changes().size());
        assertEquals(
                new PeerWatch.Change(Role.MASTER, Role.BACKUP, 34, 3_029),
                watch.seen().changes().getFirst());
        assertTrue(watch.seen().begun());
        assertEquals(3_029, watch.seen().sinceNs());
    }

    private static Heartbeat heartbeat(Role role, long term) {
        return new Heartbeat(
                1, 0, term, role, Readiness.READY, 100, true, false, false, false, false, 0, Handover.NONE);
    }

    private List<CliStatus.Alarm> alarms(RoleState state, RoleConfig config, CliStatus.Health health) {
        return StatusAlarms.alarms(journal.alarms(), state, health, config, nowNs);
    }

    private static RoleConfig config() {
        return new RoleConfig(
                1,
                "fw-a",
                true,
                100,
                List.of(new RoleConfig.Peer(2, "fw-b")),
                1,
                RoleConfig.Timing.of(40_000_000L, 110_000_000L, 170_000_000L),
                io.twinwall.protocol.Fence.OFF,
                RoleConfig.Limits.DEFAULT,
                false,
                false,
                RoleConfig.FailBack.NEVER,
                RoleConfig.Flap.DEFAULT);
    }
}
