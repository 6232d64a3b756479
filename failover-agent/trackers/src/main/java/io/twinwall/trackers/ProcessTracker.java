/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.util.OptionalInt;

/**
 * Looks a process up each interval. The one that was found last is asked first, so that all of them are searched only while
 * it is gone.
 */
final class ProcessTracker extends ProbeTracker {
    private static final int NONE = 0;

    private final TrackSpec.Process spec;
    private final ProcessTable processes;
    private int found = NONE;

    ProcessTracker(TrackSpec.Process spec, ProcessTable processes, long nowNs) {
        super(spec, spec.timing(), nowNs);
        this.spec = spec;
        this.processes = processes;
    }

    @Override
    void begin(long nowNs) {
        switch (spec.key()) {
            case TrackSpec.PidFile file -> byFile(file, nowNs);
            case TrackSpec.Comm comm -> search(comm.name(), nowNs);
        }
    }

    private void byFile(TrackSpec.PidFile key, long nowNs) {
        OptionalInt pid = processes.read(key.file());
        if (pid.isEmpty()) {
            finish(false, "no process number in " + key.file(), nowNs);
        } else if (processes.lives(pid.getAsInt())) {
            finish(true, "process " + pid.getAsInt() + " lives", nowNs);
        } else {
            finish(false, "process " + pid.getAsInt() + " of " + key.file() + " does not live", nowNs);
        }
    }

    private void search(String name, long nowNs) {
        if (found == NONE || !matches(found)) {
            found = NONE;
            for (int pid : processes.pids()) {
                if (matches(pid)) {
                    found = pid;
                    break;
                }
            }
        }
        finish(found != NONE, found == NONE ? "no process named " + name : "process " + found + " lives", nowNs);
    }

    private boolean matches(int pid) {
        return switch (spec.key()) {
            case TrackSpec.PidFile ignored -> false;
            case TrackSpec.Comm key -> processes.comm(pid).equals(key.name());
        };
    }

    @Override
    void look(long nowNs) {}

    @Override
    String giveUp() {
        return "not looked up in time";
    }
}
