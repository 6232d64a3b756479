/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.alerts.AlertFact;
import io.twinwall.alerts.AlertKind;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Countdown;
import io.twinwall.protocol.Grip;
import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Standing;
import io.twinwall.protocol.Tempers;
import io.twinwall.wire.PathsLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which conditions hold, seen from what the role protocol and the counters say. */
class AlertLookTest implements AlertLook.Sources {
    private static final long S = 1_000_000_000L;

    private final Config config =
            ConfigFile.check("f.toml", ConfigSamples.SHORT).config().orElseThrow();
    private final RoleConfig roles = RoleConfigs.of(config);
    private final List<AlertFact> events = new ArrayList<>();
    private final List<RoleJournal.Raised> alarms = new ArrayList<>();
    private final List<RoleJournal.Changed> changes = new ArrayList<>();
    private final List<CliStatus.Alarm> journalAlarms = new ArrayList<>();
    private final Counters counters = new Counters();
    private final Counter differing = counters.gauge("sync_proof_mirror_kernel_differing", "");
    private final Counter foreign = counters.counter("wire_heartbeats_refused_tag_total", "");
    private final Counter unstored = counters.counter("keys_store_failures_total", "");
    private final Counter restored = counters.counter("lease_restored_total", "");
    private long nowNs = 1_000 * S;
    private final AlertLook look = new AlertLook(this, counters, events::add, nowNs);
    private RoleState state = RoleProtocol.initial(roles, nowNs);
    private Countdown countdown = state.countdown();
    private PairLikeness.Compared likeness = new PairLikeness.Compared(true, null, 0);

    @Test
    void shouldFindNothingInAPairThatIsWell() {
        become(Role.MASTER);
        hear();
        for (int i = 0; i < 200; i++) {
            nowNs += S;
            hear();
            assertEquals(List.of(), found());
        }
    }

    @Test
    void shouldHoldWhatTheRoleProtocolHasAlarmedAndStillRemembers() {
        become(Role.MASTER);
        hear();
        alarm(AlarmCode.PEER_LOST, "fw-b is gone");
        alarm(AlarmCode.PEER_DEAF, "fw-b is deaf");
        alarm(AlarmCode.TWO_ACTIVES, "fw-b too");
        alarm(AlarmCode.PEER_NOT_READY, "fw-b is not ready");
        assertEquals(List.of(), found(), "an alarm of the past is no condition");
        peer(new PeerView.Alarmed(true, false, false), fit(false));
        assertEquals(List.of("peer-lost fw-b is gone"), found());
        peer(new PeerView.Alarmed(false, true, true), fit(true));
        assertEquals(
                List.of("peer-deaf fw-b is deaf", "two-actives fw-b too", "peer-not-ready fw-b is not ready"), found());
        become(Role.BACKUP);
        assertEquals(List.of("peer-deaf fw-b is deaf"), found());
    }

    @Test
    void shouldHoldWhatThisNodeItselfSuffersFrom() {
        become(Role.MASTER);
        hear();
        Standing well = state.standing();
        standing(new Standing(0, "uplink", "uplink", well.reach(), false, well.restUntilNs(), false, true, false));
        assertEquals(List.of("fault uplink"), found());
        alarm(AlarmCode.ISOLATED, "yielding");
        standing(new Standing(0, "", "", well.reach(), true, well.restUntilNs(), false, false, true));
        become(Role.FAULT);
        changes.add(new RoleJournal.Changed(
                new RoleEffect.Transition(Role.MASTER, Role.FAULT, 3, "isolated: nobody answers"), nowNs));
        assertEquals(List.of("isolated yielding", "fault isolated: nobody answers"), found());
        standing(well);
        become(Role.MAINTENANCE);
        assertEquals(List.of("maintenance this node was told to stay out"), found());
        alarm(AlarmCode.FLAPPING, "too often");
        Tempers calm = state.tempers();
        tempers(new Tempers(
                List.of(), nowNs + 1, false, calm.betterSinceNs(), calm.needSinceNs(), 0, calm.retryAtNs()));
        become(Role.BACKUP);
        assertEquals(List.of("flapping too often"), found());
        nowNs += 1;
        assertEquals(List.of(), found());
    }

    @Test
    void shouldHoldAGateThatFailsAndAStrangersClaimWhileActive() {
        become(Role.MASTER);
        hear();
        alarm(AlarmCode.GATE_FAILING, "cannot be opened");
        Grip grip = state.grip();
        grip(new Grip(grip.gate(), 0, 0, 0, 0, 3, true, false));
        assertEquals(List.of("gate-failing cannot be opened"), found());
        grip(grip);
        alarm(AlarmCode.VIP_CONFLICT, "02:00:00:00:00:07");
        assertEquals(List.of("vip-conflict 02:00:00:00:00:07"), found());
        nowNs += 60 * S;
        hear();
        assertEquals(List.of(), found());
    }

    @Test
    void shouldHoldATakeoverThatWaitsUntilItIsMadeOrVetoed() {
        become(Role.BACKUP);
        hear();
        alarm(AlarmCode.COUNTDOWN, "takes over in 30 s");
        assertEquals(List.of(), found());
        Countdown none = state.countdown();
        countdown = new Countdown(nowNs + 30 * S, false);
        become(Role.BACKUP);
        assertEquals(List.of("countdown takes over in 30 s"), found());
        countdown = new Countdown(none.untilNs(), true);
        become(Role.BACKUP);
        assertEquals(List.of(), found());
    }

    @Test
    void shouldMissAPeerThatNeverCame() {
        become(Role.MASTER);
        nowNs += 59 * S;
        assertEquals(List.of(), found());
        nowNs += S;
        assertEquals(List.of("peer-lost fw-b has never been heard since this node started"), found());
        become(Role.BACKUP);
        assertEquals(List.of(), found());
    }

    @Test
    void shouldMissAPathThatIsSilentWhileThePeerIsHeard() {
        become(Role.BACKUP);
        hear();
        long heardNs = nowNs;
        for (int i = 0; i < 9; i++) {
            nowNs += S;
            heardElsewhere(heardNs);
            assertEquals(List.of(), found());
        }
        nowNs += S;
        heardElsewhere(heardNs);
        assertEquals(List.of("path-lost heartbeat path sync is silent"), found());
        nowNs += 10 * S;
        assertEquals(List.of(), found(), "the peer is not heard at all");
    }

    @Test
    void shouldNotMissAPathThatIsHeardWhileItLooks() {
        become(Role.BACKUP);
        nowNs += 60 * S;
        hear();
        long lookedNs = nowNs - 20_000_000;
        assertEquals(List.of(), look.holding(lookedNs));
    }

    @Test
    void shouldTellOfADifferenceThatLastsFromTheActiveAlone() {
        become(Role.MASTER);
        hear();
        differing.set(-1);
        assertEquals(List.of(), found());
        differing.set(12);
        for (int i = 0; i < 60; i++) {
            assertEquals(List.of(), found());
            nowNs += S;
            hear();
        }
        assertEquals(List.of("drift 12 flows differ between mirror and kernel, for more than a minute"), found());
        become(Role.BACKUP);
        assertEquals(List.of(), found());
        become(Role.MASTER);
        assertEquals(List.of(), found(), "it counts anew");
        differing.set(0);
        nowNs += 100 * S;
        hear();
        assertEquals(List.of(), found());
    }

    @Test
    void shouldTellOfAPeerThatIsUnlikeThisNodeForAMinute() {
        String pair = "drift fw-b has another configuration of the pair, for more than a minute";
        String version = "drift fw-b is of another version, for more than a minute";
        become(Role.MASTER);
        hear();
        likeness = new PairLikeness.Compared(true, false, 0);
        assertEquals(List.of(), found());
        nowNs += 59 * S;
        hear();
        likeness = new PairLikeness.Compared(false, false, 0);
        assertEquals(List.of(), found());
        nowNs += S;
        hear();
        assertEquals(List.of(pair), found());
        assertEquals("configuration", look.holding(nowNs).getFirst().subject());
        nowNs += 59 * S;
        hear();
        assertEquals(List.of(pair, version), found());
        assertEquals("version", look.holding(nowNs).getLast().subject());
        likeness = new PairLikeness.Compared(true, true, 5_000);
        assertEquals(List.of(), found());
        likeness = new PairLikeness.Compared(false, false, 0);
        assertEquals(List.of(), found(), "it counts anew");
        become(Role.BACKUP);
        nowNs += 60 * S;
        hear();
        assertEquals(List.of(), found(), "the active tells");
    }

    @Test
    void shouldNotHoldAgainstAPeerWhatItToldWhenItWasHeard() {
        become(Role.MASTER);
        hear();
        likeness = new PairLikeness.Compared(false, false, 0);
        assertEquals(List.of(), found());
        nowNs += 60 * S;
        assertEquals(List.of(), found());
    }

    @Test
    void shouldTellOfKeysThatDoNotFitWhileHeartbeatsAreRefused() {
        become(Role.BACKUP);
        foreign.add(1_000);
        assertEquals(List.of(), found(), "of before");
        foreign.add(9);
        assertEquals(List.of(), found(), "some may come astray");
        foreign.add(1);
        List<String> told = List.of("key-trouble heartbeats are refused for their key or ids: the peer has others, or a"
                + " stranger sends them");
        assertEquals(told, found());
        nowNs += 60 * S;
        assertEquals(told, found());
        nowNs += 60 * S;
        assertEquals(List.of(), found());
        unstored.increment();
        assertEquals(List.of("key-trouble the key file cannot be written"), found());
    }

    @Test
    void shouldTellThatTheJournalIsOffUntilItGoesOn() {
        become(Role.BACKUP);
        journalAlarms.add(CliStatus.Alarm.of("JOURNAL_OFF", "nothing is journalled: no room", 0, true));
        assertEquals(List.of("journal-off nothing is journalled: no room"), found());
        journalAlarms.clear();
        assertEquals(List.of(), found());
    }

    @Test
    void shouldTellOfARestoredLeaseFromThePassiveSinceTheActiveAlarmsIt() {
        become(Role.BACKUP);
        restored.add(3);
        assertEquals(List.of(), found());
        assertEquals(List.of(), events);
        restored.increment();
        assertEquals(List.of(), found());
        assertEquals(
                List.of(new AlertFact.Happened(
                        AlertKind.LEASE_RESTORED, "", "the lease's tables were damaged by others and are restored")),
                events);
        become(Role.MASTER);
        hear();
        restored.increment();
        assertEquals(List.of(), found());
        become(Role.BACKUP);
        assertEquals(List.of(), found());
        assertEquals(1, events.size());
    }

    private List<String> found() {
        return look.holding(nowNs).stream()
                .map(one -> one.kind().word() + " " + one.text())
                .toList();
    }

    private void alarm(AlarmCode code, String text) {
        alarms.add(new RoleJournal.Raised(new RoleEffect.Alarm(code, text), nowNs));
    }

    private static PeerView.Fitness fit(boolean alarmed) {
        return new PeerView.Fitness(0, alarmed ? "not ready" : "", alarmed);
    }

    /** The peer is heard now, by every path. */
    private void hear() {
        PeerView peer = state.peers().getFirst();
        peer(peer.alarmed(), peer.fitness(), nowNs);
    }

    /** The peer is heard now, but by the path last at {@code pathNs}. */
    private void heardElsewhere(long pathNs) {
        PeerView peer = state.peers().getFirst();
        peer(peer.alarmed(), peer.fitness(), pathNs);
    }

    private void peer(PeerView.Alarmed alarmed, PeerView.Fitness fitness) {
        peer(alarmed, fitness, nowNs);
    }

    private void peer(PeerView.Alarmed alarmed, PeerView.Fitness fitness, long pathNs) {
        PeerView p = state.peers().getFirst();
        PeerView next = new PeerView(
                p.node(),
                p.name(),
                1,
                p.last(),
                nowNs,
                nowNs,
                p.masterAwakeNs(),
                p.goneNs(),
                p.sending(),
                p.asked(),
                fitness,
                alarmed,
                List.of(pathNs));
        state = with(state.role(), next, state.grip(), state.standing(), state.tempers());
    }

    private void become(Role role) {
        state = with(role, state.peers().getFirst(), state.grip(), state.standing(), state.tempers());
    }

    private void grip(Grip grip) {
        state = with(state.role(), state.peers().getFirst(), grip, state.standing(), state.tempers());
    }

    private void standing(Standing standing) {
        state = with(state.role(), state.peers().getFirst(), state.grip(), standing, state.tempers());
    }

    private void tempers(Tempers tempers) {
        state = with(state.role(), state.peers().getFirst(), state.grip(), state.standing(), tempers);
    }

    private RoleState with(Role role, PeerView peer, Grip grip, Standing standing, Tempers tempers) {
        return new RoleState(
                role,
                state.roleSinceNs(),
                state.roleSinceAwakeNs(),
                state.term(),
                state.masterKnown(),
                state.replica(),
                grip,
                state.addresses(),
                state.lateness(),
                List.of(peer),
                state.pathsUp(),
                state.nextHeartbeatNs(),
                state.work(),
                state.talk(),
                state.probing(),
                state.enquiry(),
                standing,
                tempers,
                state.outset(),
                countdown,
                state.stopping(),
                state.nextToken(),
                state.lastTakeover(),
                state.steppedNs(),
                state.wakeAtNs());
    }

    @Override
    public RoleState state() {
        return state;
    }

    @Override
    public RoleConfig roles() {
        return roles;
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public List<RoleJournal.Raised> alarms() {
        return alarms;
    }

    @Override
    public List<RoleJournal.Changed> changes() {
        return changes;
    }

    @Override
    public Optional<PathsLink> syncPaths() {
        return Optional.empty();
    }

    @Override
    public Optional<PairLikeness.Compared> likeness() {
        return Optional.of(likeness);
    }

    @Override
    public List<CliStatus.Alarm> journalAlarms(long atNs) {
        return journalAlarms;
    }
}
