/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Fatal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Puts a changed configuration file in place while the program runs, or, when it is refused, nothing of it. Reads the disk and may wait for
 * agents: for the housekeeping thread.
 */
final class Reload {
    private static final Logger LOG = System.getLogger("twinwall");

    /** The running parts. */
    interface Target {
        /**
         * Puts {@code parts} of {@code next} in place. A Fatal says that nothing was.
         *
         * @return what could not be, for a person; "" when all was
         */
        String apply(Set<ConfigChange.Part> parts, Config next);
    }

    private final Supplier<ConfigReport> reader;
    private final UnaryOperator<Config> completion;
    private final Target target;
    private final Counter done;
    private final Counter refused;
    private volatile Config current;

    /** What could not be put in place as a whole: the next reload tries again. */
    private Set<ConfigChange.Part> owed = Set.of();

    /**
     * @param reader reads and checks the file
     * @param completion fills in what only the running host tells, as it was done at the start
     * @param current what runs now
     */
    Reload(
            Supplier<ConfigReport> reader,
            UnaryOperator<Config> completion,
            Config current,
            Target target,
            Counters counters) {
        this.reader = reader;
        this.completion = completion;
        this.current = current;
        this.target = target;
        done = counters.counter("reloads_total", "Configurations read again and put in place.");
        refused = counters.counter("reloads_refused_total", "Configurations read again and refused as a whole.");
    }

    /** What runs now. Any thread; waits for no reload. */
    Config current() {
        return current;
    }

    /** Reads the file again and puts it in place as a whole, or refuses it as a whole. */
    synchronized CliReload.Answer reload() {
        ConfigReport report = reader.get();
        if (report.config().isEmpty()) {
            List<String> problems =
                    report.problems().stream().map(ConfigProblem::text).toList();
            return tell(new CliReload.Answer(false, List.of(), problems, List.of(), "the configuration is wrong"));
        }
        Config next;
        try {
            next = completion.apply(report.config().get());
        } catch (Fatal e) {
            return tell(new CliReload.Answer(
                    false, List.of(), List.of(e.getMessage()), List.of(), "the configuration does not fit this host"));
        }
        ConfigChange change = ConfigChange.between(current, next);
        if (!change.applicable()) {
            List<String> keys = change.refused().stream()
                    .map(key -> key.key() + ": " + key.reason())
                    .toList();
            return tell(new CliReload.Answer(false, List.of(), List.of(), keys, "a restart is needed"));
        }
        Set<ConfigChange.Part> parts = EnumSet.noneOf(ConfigChange.Part.class);
        parts.addAll(change.parts());
        parts.addAll(owed);
        String problem;
        try {
            problem = parts.isEmpty() ? "" : target.apply(parts, next);
        } catch (Fatal e) {
            return tell(new CliReload.Answer(false, List.of(), List.of(), List.of(), e.getMessage()));
        }
        current = next;
        owed = problem.isEmpty() ? Set.of() : parts;
        List<String> names = parts.stream().map(Config.Word::text).toList();
        return tell(new CliReload.Answer(
                problem.isEmpty(), names, List.of(), List.of(), problem.isEmpty() ? null : problem));
    }

    private CliReload.Answer tell(CliReload.Answer answer) {
        (answer.applied() ? done : refused).increment();
        if (answer.applied()) {
            LOG.log(Level.INFO, "reload: {0}", answer.parts().isEmpty() ? "nothing changed" : answer.parts());
        } else if (!answer.parts().isEmpty()) {
            LOG.log(Level.WARNING, "reload: {0}, but not all of it: {1}", answer.parts(), answer.reason());
        } else {
            LOG.log(
                    Level.WARNING,
                    "reload refused, nothing changed: {0} {1} {2}",
                    answer.reason(),
                    answer.problems(),
                    answer.refused());
        }
        return answer;
    }
}
