/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.BugError;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * What a node tells the other of itself, for people: what heartbeats do not say. Each part is as in the teller's own
 * {@link CliStatus}, durations as of when it told.
 *
 * @param current it tells how the peer is: it is alive, and told this in its present life, less than {@value #OLD_MS} ms ago
 * @param agoMs since it came
 * @param role the role it told this in
 * @param term the term it told this in
 * @param countdown null unless a takeover waits there
 * @param lastTakeover null until it made one
 */
record PeerReport(
        boolean current,
        long agoMs,
        String role,
        long term,
        String configuredRole,
        int priority,
        CliStatus.Health health,
        CliStatus.FailBack failBack,
        List<CliStatus.Path> paths,
        CliStatus.Lease lease,
        List<CliStatus.Vip> vips,
        List<CliStatus.Tracker> trackers,
        CliStatus.Takeover lastTakeover,
        List<CliStatus.Transition> transitions,
        List<CliStatus.Hook> hooks,
        List<CliStatus.Alert> alerts,
        List<CliStatus.Alarm> alarms,
        CliStatus.Countdown countdown) {
    /** Three times as old as one may be whose teller is well. */
    static final long OLD_MS = 30_000;

    /**
     * What may be null: not known, or not yet. A name that a later version adds to one of these records belongs here too,
     * as the version before does not tell it.
     */
    private static final Set<String> OPTIONAL =
            Set.of("lastTakeover", "phases", "flows", "Hook.role", "outcome", "countdown");

    /**
     * The report that {@code json} holds; null when it is none, or any part of it is missing that must be there. A missing
     * number or truth value reads as 0 or false.
     */
    static PeerReport parse(byte[] json) {
        try {
            PeerReport report = Reading.MAPPER.readValue(json, PeerReport.class);
            return report != null && whole(report) ? report : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static boolean whole(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().allMatch(member -> member != null && whole(member));
        }
        if (!(value instanceof Record)) {
            return true;
        }
        String record = value.getClass().getSimpleName() + ".";
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            try {
                Object part = component.getAccessor().invoke(value);
                String name = component.getName();
                if (part == null ? !OPTIONAL.contains(name) && !OPTIONAL.contains(record + name) : !whole(part)) {
                    return false;
                }
            } catch (ReflectiveOperationException e) {
                throw new BugError("a record's component can be read", e);
            }
        }
        return true;
    }

    /** The same as this node shows it. */
    PeerReport shown(boolean isCurrent, long ms) {
        return new PeerReport(
                isCurrent && ms <= OLD_MS,
                ms,
                role,
                term,
                configuredRole,
                priority,
                health,
                failBack,
                paths,
                lease,
                vips,
                trackers,
                lastTakeover,
                transitions,
                hooks,
                alerts,
                alarms,
                countdown);
    }

    /** What of it is worth being told at once when it changes: all that is no measurement. */
    List<Object> standing() {
        List<Object> all = new ArrayList<>(List.of(role, term, priority, configuredRole, failBack));
        all.add(health.priority() + health.reach() + health.fault().isEmpty());
        all.add(lease.mode() + lease.armed() + lease.gateOpen());
        all.addAll(vips);
        paths.forEach(path -> all.add(path.name() + path.state() + path.sending()));
        trackers.forEach(tracker -> all.add(tracker.name() + tracker.state()));
        transitions.forEach(change -> all.add(change.to() + change.term() + change.reason()));
        all.add(
                lastTakeover == null
                        ? ""
                        : lastTakeover.term() + lastTakeover.failures().toString());
        hooks.forEach(hook -> all.add(hook.command() + hook.running() + hook.role() + hook.outcome()));
        alerts.forEach(alert -> all.add(alert.name() + alert.ok() + alert.outcome() + (alert.lost() > 0)));
        alarms.forEach(alarm -> all.add(alarm.code() + alarm.text() + alarm.active()));
        all.add(countdown == null ? "" : countdown.vetoed());
        return all;
    }

    /** Reads what another host wrote: names it does not know are skipped, and no word reaches a terminal but as text. */
    private static final class Reading {
        private static final Pattern UNFIT = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}]");
        private static final JsonMapper MAPPER = JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .addModule(new SimpleModule().addDeserializer(String.class, new Words()))
                .build();

        /** Line ends and what else steers a terminal become a sign. */
        private static final class Words extends StdScalarDeserializer<String> {
            private static final long serialVersionUID = 1;

            Words() {
                super(String.class);
            }

            @Override
            public String deserialize(JsonParser parser, DeserializationContext context) {
                String word = parser.getValueAsString();
                return word == null ? null : UNFIT.matcher(word).replaceAll("?");
            }
        }
    }
}
