/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A number with one writer and any readers. {@link #add} is a plain read and an ordered store: no lock prefix, nothing
 * allocated. Readers see a recent value, never a torn one.
 */
public final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final String help;
    private final boolean gauge;
    private final Series series;

    @SuppressWarnings("unused") // through VALUE
    private long value;

    Counter(String name, String help, boolean gauge, Series series) {
        this.name = name;
        this.help = help;
        this.gauge = gauge;
        this.series = series;
    }

    /** Name of this one counter: {@code snake_case}, unit last ({@code _total}, {@code _bytes}, {@code _nanoseconds}). */
    public String name() {
        return name;
    }

    /** One sentence on what is counted, and what a growing number means. */
    public String help() {
        return help;
    }

    /** True when the number may also fall. */
    public boolean gauge() {
        return gauge;
    }

    /** How metrics show it. */
    public Series series() {
        return series;
    }

    /** The value in the unit of {@link #series}. */
    public double exported() {
        return get() * series.perUnit();
    }

    public void increment() {
        add(1);
    }

    public void add(long delta) {
        VALUE.setRelease(this, (long) VALUE.get(this) + delta);
    }

    public void set(long newValue) {
        VALUE.setRelease(this, newValue);
    }

    public long get() {
        return (long) VALUE.getAcquire(this);
    }
}
