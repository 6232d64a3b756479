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

    @SuppressWarnings("unused") // through VALUE
    private long value;

    Counter(String name, String help, boolean gauge) {
        this.name = name;
        this.help = help;
        this.gauge = gauge;
    }

    /** Name as in metrics: {@code snake_case}, unit last ({@code _total}, {@code _bytes}, {@code _seconds}). */
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
