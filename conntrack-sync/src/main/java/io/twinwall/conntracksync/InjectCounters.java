/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import io.twinwall.linux.Errno;

/** What the injector tells of itself. */
final class InjectCounters {
    final Counter created;
    final Counter updated;
    final Counter deleted;
    final Counter renewed;
    final Counter opened;
    final Counter retries;
    final Counter refused;
    final Counter batches;
    final Counter unsent;
    final Counter installed;
    private final Counter exists;
    private final Counter absent;
    private final Counter noMemory;
    private final Counter invalid;
    private final Counter other;

    InjectCounters(Counters counters) {
        created = counters.counter("sync_inject_made_total", "Entries created in this kernel.");
        updated = counters.counter("sync_inject_updated_total", "Entries updated in this kernel.");
        deleted = counters.counter("sync_inject_deleted_total", "Entries deleted from this kernel.");
        renewed = counters.counter("sync_inject_renewed_total", "Entries whose timeout was renewed.");
        opened = counters.counter(
                "sync_inject_opened_total",
                "TCP entries of this kernel's own that are let go on whatever the windows, now that it sees no packets.");
        retries = counters.counter("sync_inject_retries_total", "Requests refused once and tried again.");
        refused = counters.counter(
                "sync_inject_refused_total", "Flows this kernel would not take, after retries.", Series.NONE);
        batches = counters.counter("sync_inject_batches_total", "Batches of requests sent to this kernel.");
        unsent = counters.counter(
                "sync_inject_unsent_total", "Requests that could not be sent for want of memory; tried again.");
        installed = counters.gauge("sync_inject_installed", "Flows that this kernel holds because of the mirror.");
        exists = failureCounter(counters, "eexist", "another entry has one of its tuples");
        absent = failureCounter(counters, "enoent", "its master or helper is not there");
        noMemory = failureCounter(counters, "enomem", "the table is full (nf_conntrack_max) or memory short");
        invalid = failureCounter(counters, "einval", "the kernel does not know such a flow");
        other = failureCounter(counters, "other", "another errno");
    }

    void failure(int errno) {
        Counter counter = switch (errno) {
            case Errno.EEXIST -> exists;
            case Errno.ENOENT -> absent;
            case Errno.ENOMEM, Errno.ENOSPC -> noMemory;
            case Errno.EINVAL -> invalid;
            default -> other;
        };
        counter.increment();
    }

    private static Counter failureCounter(Counters counters, String name, String why) {
        Series refused =
                Series.of("sync_inject_refused_total", "Flows this kernel would not take, after retries, by errno.");
        return counters.counter(
                "sync_inject_refused_" + name + "_total", "Flows refused: " + why + ".", refused.with("errno", name));
    }
}
