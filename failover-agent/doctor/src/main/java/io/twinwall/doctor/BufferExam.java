/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.OptionalLong;

/** Whether the buffer of conntrack's events outlasts a moment in which the agent does not read. */
final class BufferExam implements Exam {
    /** What an event costs; the kernel grants twice what is asked for. */
    private static final long EVENT_BYTES = 1_280;

    private static final long MIB = 1 << 20;
    private static final int BUFFER_MB_MAX = 1_024;

    /** Longer than a machine that is well stands still. */
    private static final int STALL_S = 1;

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (!plan.sync().enabled() || host.daemon().isEmpty()) {
            return;
        }
        int bufferMb = plan.sync().eventBufferMb();
        long overruns = host.daemon().get().counter("sync_kernel_event_overruns_total");
        if (overruns > 0) {
            found.warning(
                    "event-overrun",
                    "Conntrack's events overflowed the buffer of " + bufferMb + " MiB " + overruns
                            + " times since the daemon started.",
                    "Each time the passive lacks the newest flows until a repair, which reads the whole table, is"
                            + " done.",
                    bufferMb < BUFFER_MB_MAX
                            ? remedy(plan, Math.min(BUFFER_MB_MAX, 2L * bufferMb))
                            : Remedy.advice("The buffer is as large as can be: give the host more processor time."));
            return;
        }
        OptionalLong rate = host.eventsPerSecond();
        long events = bufferMb * MIB * 2 / EVENT_BYTES;
        if (rate.isPresent() && rate.getAsLong() * STALL_S > events) {
            long neededMb = rate.getAsLong() * STALL_S * EVENT_BYTES / 2 / MIB + 1;
            found.warning(
                    "event-buffer",
                    "Conntrack tells of " + rate.getAsLong() + " events a second; the buffer of " + bufferMb
                            + " MiB holds " + events + ".",
                    "When the agent does not read for a second, events are lost, and the passive lacks flows until a"
                            + " repair.",
                    remedy(plan, Math.min(BUFFER_MB_MAX, Long.highestOneBit(neededMb) * 2)));
        }
    }

    private static Remedy remedy(Plan plan, long bufferMb) {
        return Remedy.run(Shell.set(plan.files().configuration(), "sync", "event-buffer-mb", String.valueOf(bufferMb)))
                .saying("Then restart the daemon; an active hands over first.");
    }
}
