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

    /** Makes a counter that only grows. {@code name} ends in {@code _total}. */
    public Counter counter(String name, String help) {
        Check.that(name.endsWith("_total"), "a counter's name ends in _total: " + name);
        return make(name, help, false);
    }

    /** Makes a gauge, which may rise and fall. */
    public Counter gauge(String name, String help) {
        return make(name, help, true);
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

    private synchronized Counter make(String name, String help, boolean gauge) {
        Check.that(SNAKE_CASE.matcher(name).matches(), "a counter's name is snake_case: " + name);
        for (Counter counter : all) {
            Check.that(!counter.name().equals(name), "two counters named " + name);
        }
        Counter counter = new Counter(name, help, gauge);
        all.add(counter);
        return counter;
    }
}
