/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProcessTrackerTest {
    private static final long INTERVAL_NS = Specs.QUICK.intervalNs();

    private final TreeMap<Integer, List<String>> living = new TreeMap<>();
    private OptionalInt inFile = OptionalInt.empty();
    private int searches;
    private long nowNs;

    private final ProcessTable table = new ProcessTable() {
        @Override
        public boolean lives(int pid) {
            return living.containsKey(pid);
        }

        @Override
        public String comm(int pid) {
            return lives(pid) ? living.get(pid).getFirst() : "";
        }

        @Override
        public int[] pids() {
            searches++;
            return living.keySet().stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public OptionalInt read(Path file) {
            return inFile;
        }
    };

    private TrackerState next(ProcessTracker tracker) {
        tracker.onTime(nowNs);
        nowNs += INTERVAL_NS;
        return tracker.state();
    }

    @Test
    void shouldSearchOnlyWhileTheProcessIsGone() {
        ProcessTracker tracker = new ProcessTracker(Specs.comm("dns", "unbound"), table, 0);
        living.put(10, List.of("bash"));
        assertEquals("no process named unbound", next(tracker).detail());
        living.put(11, List.of("unbound", "-d"));
        assertEquals(Verdict.UP, next(tracker).verdict());
        assertEquals(2, searches);
        next(tracker);
        next(tracker);
        assertEquals(2, searches);
        living.remove(11);
        assertEquals(Verdict.DOWN, next(tracker).verdict());
        living.put(12, List.of("unbound", "-d"));
        assertEquals("process 12 lives", next(tracker).detail());
    }

    @Test
    void shouldNotTakeAnotherProcessWithTheSameNumber() {
        ProcessTracker tracker = new ProcessTracker(Specs.comm("dns", "unbound"), table, 0);
        living.put(11, List.of("unbound", "-d"));
        assertEquals(Verdict.UP, next(tracker).verdict());
        living.put(11, List.of("bash"));
        TrackerState state = next(tracker);
        assertEquals(Verdict.DOWN, state.verdict());
        assertEquals("no process named unbound", state.detail());
    }

    @Test
    void shouldFollowThePidFile() {
        ProcessTracker tracker = new ProcessTracker(Specs.pidFile("dns", Path.of("/run/dns.pid")), table, 0);
        assertEquals("no process number in /run/dns.pid", next(tracker).detail());
        inFile = OptionalInt.of(44);
        assertEquals("process 44 of /run/dns.pid does not live", next(tracker).detail());
        living.put(44, List.of("unbound"));
        assertEquals(Verdict.UP, next(tracker).verdict());
        assertEquals(0, searches);
    }

    @Test
    void shouldReadTheRealProcesses() {
        ProcFs proc = new ProcFs();
        int self = (int) ProcessHandle.current().pid();
        assertTrue(proc.lives(self));
        assertEquals("java", proc.comm(self));
        assertTrue(java.util.Arrays.stream(proc.pids()).anyMatch(pid -> pid == self));
        assertEquals("", proc.comm(Integer.MAX_VALUE));
    }
}
