/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.Takeover;
import io.twinwall.protocol.Takeover.Phase;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What the role protocol did, in numbers. Written by the role agent's thread. */
final class RoleCounters {
    private static final Series ALARMS = Series.of("alarms_total", "Alarms raised, by kind.");
    private static final Series TRANSITIONS = Series.of("role_transitions_total", "Changes of role, by the new one.");
    private static final Series TAKEOVERS =
            Series.of("takeovers_total", "Takeovers that this node made: planned, or since the active was gone.");
    private static final Series PHASES = Series.of(
                    "takeover_phase_seconds_total", "Time spent in each step of this node's takeovers.")
            .scaled(Series.NANOSECONDS);
    private static final Series FAILURES =
            Series.of("takeover_phase_failures_total", "Steps of takeovers that failed or gave no answer in time.");
    private static final Series LAST = Series.of(
                    "takeover_last_phase_seconds", "Time that each step of this node's last takeover took.")
            .scaled(Series.NANOSECONDS);
    private static final Series FLOWS = Series.of(
            "takeover_last_flows",
            "Flows in this node's last takeover: in the mirror, in the kernel, and refused by it.");
    private static final Series ANSWERS =
            Series.of("operator_requests_total", "What operators asked of the role protocol: met, or refused.");

    private final Counter role;
    private final Counter term;
    private final Counter transitions;
    private final Map<Role, Counter> entered = new EnumMap<>(Role.class);
    private final Map<AlarmCode, Counter> alarms = new EnumMap<>(AlarmCode.class);
    private final Counter takeovers;
    private final Counter planned;
    private final Counter unplanned;
    private final Map<Phase, Counter> phases = new EnumMap<>(Phase.class);
    private final Map<Phase, Counter> failures = new EnumMap<>(Phase.class);
    private final Map<Phase, Counter> lastPhases = new EnumMap<>(Phase.class);
    private final Counter lastTotal;
    private final Counter lastDetect;
    private final Counter mirrored;
    private final Counter installed;
    private final Counter refused;
    private final Counter met;
    private final Counter turnedDown;

    RoleCounters(Counters counters) {
        role = counters.gauge("role", "0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT, 4 MAINTENANCE.");
        term = counters.gauge("term", "This node's claim while it is master, else the highest seen.");
        transitions = counters.counter("role_transitions_total", "Changes of role.", Series.NONE);
        for (Role each : Role.values()) {
            String word = word(each);
            entered.put(
                    each,
                    counters.counter(
                            "role_transitions_to_" + word + "_total",
                            "Changes of role to " + each + ".",
                            TRANSITIONS.with("to", word)));
        }
        for (AlarmCode code : AlarmCode.values()) {
            String word = word(code);
            alarms.put(
                    code,
                    counters.counter(
                            "alarms_" + word + "_total",
                            "Alarms raised: " + word.replace('_', ' ') + ".",
                            ALARMS.with("code", word)));
        }
        takeovers = counters.counter("takeovers_total", "Takeovers that this node made.", Series.NONE);
        planned = counters.counter(
                "takeovers_planned_total", "Takeovers at a planned switchover.", TAKEOVERS.with("kind", "planned"));
        unplanned = counters.counter(
                "takeovers_unplanned_total", "Takeovers of a role that was gone.", TAKEOVERS.with("kind", "unplanned"));
        for (Phase phase : Phase.values()) {
            phase(counters, phase, word(phase));
        }
        String total = "From the decision of this node's last takeover to its first announcement.";
        lastTotal = counters.gauge(
                "takeover_last_nanoseconds",
                total,
                Series.of("takeover_last_seconds", total).scaled(Series.NANOSECONDS));
        String detect = "From the last heartbeat of the active before to the decision of this node's last takeover.";
        lastDetect = counters.gauge(
                "takeover_last_detect_nanoseconds",
                detect,
                Series.of("takeover_last_detect_seconds", detect).scaled(Series.NANOSECONDS));
        mirrored = flows(counters, "mirrored");
        installed = flows(counters, "installed");
        refused = flows(counters, "refused");
        met = counters.counter(
                "operator_requests_met_total", "Requests of operators met.", ANSWERS.with("answer", "met"));
        turnedDown = counters.counter(
                "operator_requests_refused_total", "Requests of operators refused.", ANSWERS.with("answer", "refused"));
    }

    private void phase(Counters counters, Phase phase, String word) {
        phases.put(
                phase,
                counters.counter(
                        "takeover_phase_" + word + "_nanoseconds_total",
                        "Time spent in the step " + phase + " of takeovers.",
                        PHASES.with("phase", word)));
        failures.put(
                phase,
                counters.counter(
                        "takeover_phase_" + word + "_failures_total",
                        "Times that the step " + phase + " of a takeover failed.",
                        FAILURES.with("phase", word)));
        lastPhases.put(
                phase,
                counters.gauge(
                        "takeover_last_" + word + "_nanoseconds",
                        "Time that the step " + phase + " of the last takeover took.",
                        LAST.with("phase", word)));
    }

    private static Counter flows(Counters counters, String what) {
        return counters.gauge(
                "takeover_last_flows_" + what, "Flows " + what + " in the last takeover.", FLOWS.with("kind", what));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    void transition(RoleEffect.Transition transition) {
        role.set(
                switch (transition.to()) {
                    case INIT -> 0;
                    case BACKUP -> 1;
                    case MASTER -> 2;
                    case FAULT -> 3;
                    case MAINTENANCE -> 4;
                });
        term.set(transition.term());
        transitions.increment();
        entered.get(transition.to()).increment();
    }

    void alarm(AlarmCode code) {
        alarms.get(code).increment();
    }

    void answer(boolean accepted) {
        (accepted ? met : turnedDown).increment();
    }

    void takeover(Takeover takeover) {
        takeovers.increment();
        (takeover.planned() ? planned : unplanned).increment();
        for (Takeover.PhaseDone done : takeover.phases()) {
            phases.get(done.phase()).add(done.tookNs());
            failures.get(done.phase()).add(done.ok() ? 0 : 1);
        }
        for (Phase phase : Phase.values()) {
            lastPhases.get(phase).set(takeover.phaseNs(phase));
        }
        lastTotal.set(takeover.totalNs());
        lastDetect.set(takeover.detectNs());
        mirrored.set(takeover.counts().mirrored());
        installed.set(takeover.counts().installed());
        refused.set(takeover.counts().refused());
    }
}
