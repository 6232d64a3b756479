/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RoleJournalTest {
    private static final CliStatus.Health WELL = new CliStatus.Health(100, 0, "", "", "UNKNOWN");

    private final Counters counters = new Counters();
    private final List<HookRunner.Occasion> hooks = new ArrayList<>();
    private long nowNs = 1_000_000_000L;
    private final RoleJournal journal = new RoleJournal(counters, () -> nowNs, hooks::add);

    @Test
    void shouldKeepTheLastTransitionsAndTellTheHooks() {
        for (int term = 1; term <= 25; term++) {
            journal.transition(new RoleEffect.Transition(Role.BACKUP, Role.MASTER, term, "reason " + term));
        }
        assertEquals(RoleJournal.TRANSITIONS_MAX, journal.changes().size());
        assertEquals(25, journal.changes().getFirst().transition().term());
        assertEquals(6, journal.changes().getLast().transition().term());
        assertEquals(25, hooks.size());
        assertEquals(new HookRunner.Occasion(Config.When.MASTER, Config.When.BACKUP, 25, "reason 25"), hooks.getLast());
        assertEquals(25, counters.value("role_transitions_total"));
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
                alarms.contains(new CliStatus.Alarm("PEER_LOST", "fw-b is not heard", 2_000, true)), alarms.toString());
        assertTrue(alarms.contains(new CliStatus.Alarm("LATE", "late by 200 ms", 0, true)), alarms.toString());
        assertTrue(alarms.contains(new CliStatus.Alarm("TWO_ACTIVES", "fw-b claims too", 0, false)), alarms.toString());
        nowNs += 61_000_000_000L;
        assertTrue(alarms(state, config, WELL).contains(new CliStatus.Alarm("LATE", "late by 200 ms", 61_000, false)));
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
                new CliStatus.Peer("fw-b", "NEVER_SEEN", null, 0, null, -1, false, null),
                StatusPeer.peer(state, nowNs, config));
        Config file = ConfigFile.check("f.toml", ConfigSamples.SHORT).config().orElseThrow();
        assertEquals(
                List.of(new CliStatus.Path("sync", "UDP", "NEVER_HEARD", -1, "it is shut")),
                StatusPeer.paths(file, state, path -> "it is shut", nowNs));
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
