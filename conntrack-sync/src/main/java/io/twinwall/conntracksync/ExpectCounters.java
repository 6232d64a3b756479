/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import io.twinwall.linux.Errno;

/** What the mirroring of expectations tells of itself. */
final class ExpectCounters {
    final Counter held;
    final Counter installed;
    final Counter events;
    final Counter malformed;
    final Counter unowned;
    final Counter overflow;
    final Counter sent;
    final Counter applied;
    final Counter differed;
    final Counter created;
    final Counter deleted;
    final Counter missing;
    final Counter retries;
    private final Counter noMaster;
    private final Counter noHelper;
    private final Counter inTheWay;
    private final Counter otherwise;

    ExpectCounters(Counters counters) {
        held = counters.gauge(
                "sync_expectations", "Connections that flows expect (FTP data and the like), known here and mirrored.");
        installed = counters.gauge(
                "sync_expectations_installed", "Expectations that this kernel holds because of the mirror.");
        events = counters.counter("sync_expectation_events_total", "Events of expectations read from the kernel.");
        malformed = counters.counter(
                "sync_expectations_malformed_total",
                "Expectations, of the kernel or the peer, that could not be read.");
        unowned = counters.counter(
                "sync_expectations_unowned_total",
                "Expectations passed over since their flow is not replicated: the node's own, or in a zone.");
        overflow = counters.counter(
                "sync_expectations_overflow_total", "Expectations not mirrored since there were too many at once.");
        sent = counters.counter("sync_expectations_sent_total", "Expectations and ends of such sent to the peer.");
        applied =
                counters.counter("sync_expectations_applied_total", "Expectations and ends of such heard of the peer.");
        differed = counters.counter(
                "sync_expectations_differed_total",
                "Times the mirror's expectations were not the source's; all are sent then.");
        created = counters.counter("sync_expectations_made_total", "Expectations created in this kernel.");
        deleted = counters.counter("sync_expectations_deleted_total", "Expectations deleted from this kernel.");
        missing = counters.counter(
                "sync_expectations_missing_total", "Mirrored expectations that this kernel had lost; made anew.");
        retries = counters.counter("sync_expectations_retries_total", "Expectations this kernel refused; tried again.");
        noMaster = refused(counters, "enoent", "the flow that expects is not there");
        noHelper = refused(counters, "eopnotsupp", "the flow that expects has no helper here, or the kernel lacks it");
        inTheWay = refused(counters, "ebusy", "another expectation is in the way");
        otherwise = refused(counters, "other", "another errno");
    }

    private static Counter refused(Counters counters, String name, String why) {
        Series refused =
                Series.of("sync_expectations_refused_total", "Expectations given up but for once a second, by errno.");
        return counters.counter(
                "sync_expectations_refused_" + name + "_total",
                "Expectations this kernel would not take: " + why + ".",
                refused.with("errno", name));
    }

    void refused(int errno) {
        Counter counter = switch (errno) {
            case Errno.ENOENT -> noMaster;
            case Errno.EOPNOTSUPP -> noHelper;
            case Errno.EBUSY, Errno.EEXIST -> inTheWay;
            default -> otherwise;
        };
        counter.increment();
    }
}
