/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertFact;
import io.twinwall.alerts.AlertKind;
import io.twinwall.alerts.Alerts;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleState;
import io.twinwall.wire.PathsLink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Which conditions hold that people are to be told of: of the role protocol's by what it has alarmed and still
 * remembers, of the others by counters and paths. On the alerts' thread; reads published state only.
 */
final class AlertLook implements Alerts.Look {
    /** How long what comes and goes in peace must last. */
    static final long LONG_NS = 60_000_000_000L;

    private static final long PATH_SILENT_MS = 10_000;
    private static final int REFUSED_MIN = 10;
    private static final List<String> STAGES = List.of("kernel_table", "table_mirror", "mirror_kernel");
    private static final List<String> FOREIGN = List.of("tag", "key_id", "cluster", "node");

    /** Where it looks. */
    interface Sources {
        RoleState state();

        RoleConfig roles();

        /** What runs now, which a reload changes. */
        Config config();

        /** The last alarm of each kind. */
        List<RoleJournal.Raised> alarms();

        /** The last changes of role, newest first. */
        List<RoleJournal.Changed> changes();

        Optional<PathsLink> syncPaths();

        /** How the two nodes compare, by the last heartbeat that told. */
        Optional<PairLikeness.Compared> likeness();

        /** What is wrong with the journal now. */
        List<CliStatus.Alarm> journalAlarms(long nowNs);
    }

    /** Since when something has been so without a break. */
    private static final class Spell {
        private boolean on;
        private long sinceNs;

        boolean isLong(boolean now, long nowNs) {
            sinceNs = on ? sinceNs : nowNs;
            on = now;
            return on && nowNs - sinceNs >= LONG_NS;
        }
    }

    /** Whether a number rises, by some steps a minute at least. */
    private static final class Rising {
        private final long least;
        private boolean begun;
        private boolean lately;
        private long from;
        private long fromNs;

        Rising(long least) {
            this.least = least;
        }

        boolean rises(long value, long nowNs) {
            if (!begun || nowNs - fromNs >= LONG_NS) {
                lately = begun && value - from >= least;
                begun = true;
                from = value;
                fromNs = nowNs;
            }
            return lately || value - from >= least;
        }
    }

    private final Sources sources;
    private final Supplier<List<Counter>> all;
    private final Consumer<AlertFact> events;
    private final long startedNs;
    private final Map<String, Counter> counters = new HashMap<>();
    private final Map<String, Spell> spells = new HashMap<>();
    private final Rising refused = new Rising(REFUSED_MIN);
    private final Rising unstored = new Rising(1);
    private long restored = -1;

    /** @param events takes what happened and has no end, found by the way */
    AlertLook(Sources sources, Counters counters, Consumer<AlertFact> events, long startedNs) {
        this.sources = sources;
        this.all = counters::all;
        this.events = events;
        this.startedNs = startedNs;
    }

    @Override
    public List<AlertFact.Raised> holding(long nowNs) {
        if (counters.isEmpty()) {
            all.get().forEach(counter -> counters.put(counter.name(), counter));
        }
        List<AlertFact.Raised> found = new ArrayList<>();
        RoleState state = sources.state();
        roles(found, state, nowNs);
        paths(found, state, nowNs);
        if (state.role() == Role.MASTER) {
            drift(found, nowNs);
            unlike(found, state, nowNs);
        } else {
            spells.clear();
            leaseRestored();
        }
        restored = count("lease_restored_total");
        keys(found, nowNs);
        sources.journalAlarms(nowNs).stream()
                .findFirst()
                .ifPresent(alarm -> found.add(new AlertFact.Raised(AlertKind.JOURNAL_OFF, "", alarm.text())));
        return found;
    }

    private void roles(List<AlertFact.Raised> found, RoleState state, long nowNs) {
        RoleConfig config = sources.roles();
        PeerView peer = state.peers().getFirst();
        boolean alive = state.alive(peer, nowNs, config);
        boolean master = state.role() == Role.MASTER;
        if (peer.alarmed().lost()) {
            alarmed(found, AlarmCode.PEER_LOST);
        } else if (!peer.heard() && master && nowNs - startedNs >= LONG_NS) {
            found.add(new AlertFact.Raised(
                    AlertKind.PEER_LOST, "", peer.name() + " has never been heard since this node started"));
        }
        if (alive && peer.alarmed().deaf()) {
            alarmed(found, AlarmCode.PEER_DEAF);
        }
        if (alive && master && peer.alarmed().rival()) {
            alarmed(found, AlarmCode.TWO_ACTIVES);
        }
        if (master && peer.fitness().alarmed()) {
            alarmed(found, AlarmCode.PEER_NOT_READY);
        }
        if (master && state.grip().failingAlarmed()) {
            alarmed(found, AlarmCode.GATE_FAILING);
        }
        if (master && news(AlarmCode.VIP_CONFLICT, nowNs)) {
            alarmed(found, AlarmCode.VIP_CONFLICT);
        }
        if (state.standing().isolationAlarmed()) {
            alarmed(found, AlarmCode.ISOLATED);
        }
        if (nowNs < state.tempers().heldUntilNs()) {
            alarmed(found, AlarmCode.FLAPPING);
        }
        if (state.countdown().running()) {
            alarmed(found, AlarmCode.COUNTDOWN);
        }
        String fault = state.standing().fault();
        if (!fault.isEmpty() || state.role() == Role.FAULT) {
            found.add(new AlertFact.Raised(AlertKind.FAULT, "", fault.isEmpty() ? lastReason() : fault));
        }
        if (state.role() == Role.MAINTENANCE) {
            found.add(new AlertFact.Raised(AlertKind.MAINTENANCE, "", "this node was told to stay out"));
        }
    }

    private void alarmed(List<AlertFact.Raised> found, AlarmCode code) {
        String text = sources.alarms().stream()
                .filter(raised -> raised.alarm().code() == code)
                .map(raised -> raised.alarm().text())
                .findFirst()
                .orElse("");
        found.add(new AlertFact.Raised(AlertFacts.kind(code), "", text));
    }

    private boolean news(AlarmCode code, long nowNs) {
        return sources.alarms().stream()
                .anyMatch(raised -> raised.alarm().code() == code && nowNs - raised.atNs() < LONG_NS);
    }

    private String lastReason() {
        return sources.changes().stream()
                .findFirst()
                .map(changed -> changed.transition().reason())
                .orElse("");
    }

    /** Heartbeat paths of a peer that is heard by another, and paths of the stream. */
    private void paths(List<AlertFact.Raised> found, RoleState state, long nowNs) {
        if (state.alive(state.peers().getFirst(), nowNs, sources.roles())) {
            for (CliStatus.Path path : StatusPeer.paths(sources.config(), state, number -> "", Map.of(), nowNs)) {
                boolean never = path.heardMsAgo() < 0;
                if (never ? nowNs - startedNs >= LONG_NS : path.heardMsAgo() >= PATH_SILENT_MS) {
                    String name = "heartbeat path " + path.name();
                    String why = never ? " was never heard" : " is silent";
                    found.add(new AlertFact.Raised(
                            AlertKind.PATH_LOST, name, name + (path.state().equals("DOWN") ? " has no carrier" : why)));
                }
            }
        }
        sources.syncPaths().ifPresent(link -> {
            List<String> names = link.names();
            for (int i = 0; i < names.size(); i++) {
                if (link.lostSinceNs(i) != PathsLink.NOT_LOST) {
                    String name = "sync path " + names.get(i);
                    found.add(new AlertFact.Raised(
                            AlertKind.PATH_LOST,
                            name,
                            name + " does not reach the peer; the stream goes on by another"));
                }
            }
        });
    }

    /** The active knows of the whole pair; one of two is to tell. */
    private void drift(List<AlertFact.Raised> found, long nowNs) {
        for (String stage : STAGES) {
            long differing = count("sync_proof_" + stage + "_differing");
            String name = stage.replace('_', '-');
            String what = stage.equals("table_mirror") ? "buckets of flows" : "flows";
            drift(found, name, differing, what + " differ between " + name.replace("-", " and "), nowNs);
        }
        drift(
                found,
                "refused",
                count("sync_peer_refused"),
                "flows are refused by the passive's kernel, and would be lost in a takeover",
                nowNs);
        drift(found, "sets", count("sets_problems"), "sets are not mirrored, or not wholly", nowNs);
    }

    private void drift(List<AlertFact.Raised> found, String subject, long number, String what, long nowNs) {
        drift(found, subject, number > 0, number + " " + what, nowNs);
    }

    private void drift(List<AlertFact.Raised> found, String subject, boolean differs, String what, long nowNs) {
        if (spells.computeIfAbsent(subject, name -> new Spell()).isLong(differs, nowNs)) {
            found.add(new AlertFact.Raised(AlertKind.DRIFT, subject, what + ", for more than a minute"));
        }
    }

    /** A peer that is not heard is not known to differ. */
    private void unlike(List<AlertFact.Raised> found, RoleState state, long nowNs) {
        PeerView peer = state.peers().getFirst();
        boolean alive = state.alive(peer, nowNs, sources.roles());
        Optional<PairLikeness.Compared> heard = sources.likeness().filter(compared -> alive);
        boolean otherPair =
                heard.map(PairLikeness.Compared::samePair).map(same -> !same).orElse(false);
        boolean otherVersion = heard.map(compared -> !compared.sameVersion()).orElse(false);
        drift(found, "configuration", otherPair, peer.name() + " has another configuration of the pair", nowNs);
        drift(found, "version", otherVersion, peer.name() + " is of another version", nowNs);
    }

    /** On the active this is an alarm of the role protocol's. */
    private void leaseRestored() {
        if (restored >= 0 && count("lease_restored_total") > restored) {
            events.accept(new AlertFact.Happened(
                    AlertKind.LEASE_RESTORED, "", "the lease's tables were damaged by others and are restored"));
        }
    }

    private void keys(List<AlertFact.Raised> found, long nowNs) {
        long foreign = 0;
        for (String reason : FOREIGN) {
            foreign += count("wire_heartbeats_refused_" + reason + "_total");
        }
        if (refused.rises(foreign, nowNs)) {
            found.add(new AlertFact.Raised(
                    AlertKind.KEY_TROUBLE,
                    "heartbeats",
                    "heartbeats are refused for their key or ids: the peer has others, or a stranger sends them"));
        }
        if (unstored.rises(count("keys_store_failures_total"), nowNs)) {
            found.add(new AlertFact.Raised(AlertKind.KEY_TROUBLE, "file", "the key file cannot be written"));
        }
    }

    /** 0 where there is no such counter: a part that is not configured. */
    private long count(String name) {
        Counter counter = counters.get(name);
        return counter == null ? 0 : counter.get();
    }
}
