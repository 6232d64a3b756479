/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/**
 * The counters of one program, in the order they were made. Each is made once, at start, by the object that writes it;
 * the admin server reads them all. Making the same name twice is a bug.
 */
public final class Counters {
    private static final Pattern SNAKE_CASE = Pattern.compile("[a-z][a-z0-9_]*");

    private final List<Counter> all = new CopyOnWriteArrayList<>();

    /** Makes a counter that only grows. {@code name} ends in {@code _total}. Metrics show it under its own name. */
    public Counter counter(String name, String help) {
        return counter(name, help, Series.of(name, help));
    }

    /** As above; metrics show it as {@code series}, whose family ends in {@code _total}, too. */
    public Counter counter(String name, String help, Series series) {
        Check.that(endsInTotal(name), "a counter's name ends in _total: " + name);
        Check.that(!series.exported() || endsInTotal(series.family()), "a counter's series ends in _total: " + name);
        return make(name, help, false, series);
    }

    /** Makes a gauge, which may rise and fall. Metrics show it under its own name. */
    public Counter gauge(String name, String help) {
        return gauge(name, help, Series.of(name, help));
    }

    /** As above; metrics show it as {@code series}. */
    public Counter gauge(String name, String help, Series series) {
        Check.that(!endsInTotal(name) && !endsInTotal(series.family()), "a gauge's name ends in _total: " + name);
        return make(name, help, true, series);
    }

    /** All counters made so far. */
    public List<Counter> all() {
        return List.copyOf(all);
    }

    /** The value of the counter {@code name}; a bug when there is none. For tests and status pages. */
    public long value(String name) {
        for (Counter counter : all) {
            if (counter.name().equals(name)) {
                return counter.get();
            }
        }
        throw new BugError("no counter " + name);
    }

    private static boolean endsInTotal(String name) {
        return name.endsWith("_total");
    }

    private synchronized Counter make(String name, String help, boolean gauge, Series series) {
        Check.that(SNAKE_CASE.matcher(name).matches(), "a counter's name is snake_case: " + name);
        for (Counter counter : all) {
            Check.that(!counter.name().equals(name), "two counters named " + name);
            Check.that(!series.exported() || series.fits(counter.series()), "its series does not fit: " + name);
        }
        Counter counter = new Counter(name, help, gauge, series);
        all.add(counter);
        return counter;
    }
}
