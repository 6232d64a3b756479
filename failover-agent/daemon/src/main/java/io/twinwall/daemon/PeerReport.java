/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.Json;
import io.twinwall.base.BugError;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;

/**
 * What a node tells the other of itself, for people: what heartbeats do not say. Each part is as in the teller's own
 * {@link CliStatus}, durations as of when it told.
 *
 * @param agoMs since it came
 * @param countdown null unless a takeover waits there
 * @param lastTakeover null until it made one
 */
record PeerReport(
        long agoMs,
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
    /** What may be null: not known, or not yet. */
    private static final Set<String> OPTIONAL =
            Set.of("lastTakeover", "phases", "flows", "role", "outcome", "countdown");

    /** The report that {@code json} holds; null when it is none, or anything of it is missing that must be there. */
    static PeerReport parse(byte[] json) {
        try {
            PeerReport report = Json.read(json, PeerReport.class);
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
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            try {
                Object part = component.getAccessor().invoke(value);
                if (part == null ? !OPTIONAL.contains(component.getName()) : !whole(part)) {
                    return false;
                }
            } catch (ReflectiveOperationException e) {
                throw new BugError("a record's component can be read", e);
            }
        }
        return true;
    }

    static PeerReport of(CliStatus own) {
        return new PeerReport(
                0,
                own.configuredRole(),
                own.priority(),
                own.health(),
                own.failBack(),
                own.paths(),
                own.lease(),
                own.vips(),
                own.trackers(),
                own.lastTakeover(),
                own.transitions(),
                own.hooks(),
                own.alerts(),
                own.alarms(),
                own.countdown());
    }

    /** The same, so long after it came. */
    PeerReport after(long ms) {
        return new PeerReport(
                ms,
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
}
