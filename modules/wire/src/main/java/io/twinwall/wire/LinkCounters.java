/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.aeron.exceptions.AeronEvent;
import io.aeron.exceptions.RegistrationException;
import io.aeron.exceptions.StorageSpaceException;
import io.aeron.exceptions.TimeoutException;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Counters of the link to the peer. Made once; outlives reopened links. One writing thread. */
public final class LinkCounters {
    final Counter opened;
    final Counter openFailures;
    final Counter backPressured;
    private final Counter network;
    private final Counter timeout;
    private final Counter registration;
    private final Counter storage;
    private final Counter other;

    public LinkCounters(Counters counters) {
        opened = counters.counter("wire_link_opened_total", "Times the link was opened; more than 1: it had broken.");
        openFailures = counters.counter("wire_link_open_failures_total", "Times the link could not be opened.");
        backPressured = counters.counter("wire_link_back_pressured_total", "Frames not taken at once: peer too slow.");
        network = error(counters, "network", "Socket errors: no route, port in use, link down.");
        timeout = error(counters, "timeout", "The link's driver or client was not run in time.");
        registration = error(counters, "registration", "The driver refused a stream.");
        storage = error(counters, "storage", "No room in the link's directory.");
        other = error(counters, "other", "Any other error of the link.");
    }

    private static Counter error(Counters counters, String reason, String help) {
        Series errors = Series.of("wire_link_errors_total", "Errors of the link to the peer, by reason.");
        return counters.counter("wire_link_errors_" + reason + "_total", help, errors.with("reason", reason));
    }

    /** Counts the error; returns the counter, which stands for its reason. */
    Counter countError(Throwable error) {
        Counter counter = counterOf(error);
        counter.increment();
        return counter;
    }

    private Counter counterOf(Throwable error) {
        // An AeronEvent is what the driver tells of a datagram it could not send.
        if (error instanceof IOException || error instanceof UncheckedIOException || error instanceof AeronEvent) {
            return network;
        }
        if (error instanceof TimeoutException) {
            return timeout;
        }
        if (error instanceof StorageSpaceException) {
            return storage;
        }
        if (error instanceof RegistrationException) {
            return registration;
        }
        return error.getCause() == null ? other : counterOf(error.getCause());
    }

    /** Errors of all reasons. */
    public long errors() {
        return network.get() + timeout.get() + registration.get() + storage.get() + other.get();
    }
}
