/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Fatal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts a changed configuration file in place while the program runs: all of it that needs no restart, or, when the file
 * is wrong, nothing. Reads the disk and may wait for agents: for the housekeeping thread.
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
        done = counters.counter("reloads_total", "Configurations read again and put in place as a whole.");
        refused = counters.counter(
                "reloads_refused_total", "Configurations read again and refused, or put in place but for a part.");
    }

    /** What runs now. Any thread; waits for no reload. */
    Config current() {
        return current;
    }

    /** Reads the file again and puts in place what needs no restart; a wrong file changes nothing. */
    synchronized CliReload.Answer reload() {
        ConfigReport report = reader.get();
        if (report.config().isEmpty()) {
            List<String> problems =
                    report.problems().stream().map(ConfigProblem::text).toList();
            return tell(new CliReload.Answer(false, List.of(), problems, List.of(), "the configuration is wrong"));
        }
        Config next = report.config().get();
        String misfit = "";
        try {
            next = completion.apply(next);
        } catch (Fatal e) {
            // Of the virtual addresses, which stay as they are all the same.
            misfit = e.getMessage();
        }
        List<String> fixed = new ArrayList<>();
        ConfigChange change = ConfigChange.between(current, next);
        for (ConfigChange.Fixed key : change.fixed()) {
            boolean unfit = key.key().equals("vip") && !misfit.isEmpty();
            fixed.add(key.key() + ": " + (unfit ? misfit : key.reason()));
        }
        String strangers = strangers(next);
        next = next.asFarAsItMayChange(current);
        String clashes = fixed.isEmpty() ? "" : strangers + clashes(next);
        if (!clashes.isEmpty()) {
            String reason =
                    "a restart is needed, and with what runs until then the rest does not go together: " + clashes;
            return tell(new CliReload.Answer(false, List.of(), List.of(), fixed, reason));
        }
        Set<ConfigChange.Part> parts = EnumSet.noneOf(ConfigChange.Part.class);
        parts.addAll(change.parts());
        parts.addAll(owed);
        String problem;
        try {
            problem = parts.isEmpty() ? "" : target.apply(parts, next);
        } catch (Fatal e) {
            return tell(new CliReload.Answer(false, List.of(), List.of(), fixed, e.getMessage()));
        }
        current = next;
        owed = problem.isEmpty() ? Set.of() : parts;
        List<String> names = parts.stream().map(Config.Word::text).toList();
        List<String> reasons = Stream.of(problem, fixed.isEmpty() ? "" : "a restart is needed")
                .filter(reason -> !reason.isEmpty())
                .toList();
        return tell(new CliReload.Answer(
                reasons.isEmpty(), names, List.of(), fixed, reasons.isEmpty() ? null : String.join("; ", reasons)));
    }

    /** Routes whose source is a virtual address that comes with the restart only: no kernel would take them before. */
    private String strangers(Config next) {
        Set<InetAddress> coming = addresses(next);
        coming.removeAll(addresses(current));
        return next.routes().stream()
                .filter(route -> route.source().filter(coming::contains).isPresent())
                .map(route -> "route " + route.to().text() + ": its source "
                        + route.source().orElseThrow().getHostAddress() + " comes with [[vip]]; ")
                .collect(Collectors.joining());
    }

    private static Set<InetAddress> addresses(Config config) {
        return config.vips().stream().map(Config.Vip::address).collect(Collectors.toCollection(HashSet::new));
    }

    /** What of the changed and what stays do not go together, though the file is right. */
    private static String clashes(Config mixed) {
        return ConfigFile.check("", ConfigText.toml(mixed)).problems().stream()
                .map(problem -> problem.key() + ": expected " + problem.expected() + ", found " + problem.found())
                .collect(Collectors.joining("; "));
    }

    private CliReload.Answer tell(CliReload.Answer answer) {
        (answer.applied() ? done : refused).increment();
        if (answer.applied()) {
            LOG.log(Level.INFO, "reload: {0}", answer.parts().isEmpty() ? "nothing changed" : answer.parts());
        } else if (!answer.parts().isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "reload: {0}, but not all of the file: {1} {2}",
                    answer.parts(),
                    answer.reason(),
                    answer.refused());
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
