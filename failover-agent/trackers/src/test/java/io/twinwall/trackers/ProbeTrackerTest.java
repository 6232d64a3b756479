/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.netlink.RtLink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Intervals, timeouts and sockets of a test address, with a scripted network and a clock by hand. */
class ProbeTrackerTest {
    private static final long MS = 1_000_000;

    private final List<String> log = new ArrayList<>();
    private RtLink link = lan(3);
    private boolean answers;
    private String trouble = "";
    private boolean refuses;

    private final AddressTracker.Opener opener = new AddressTracker.Opener() {
        @Override
        public Object key(RtLink on) {
            return on.ifIndex();
        }

        @Override
        public Probe open(RtLink on) {
            if (refuses) {
                throw new Fatal(ExitCode.NO_PERMISSION, "add CAP_NET_RAW");
            }
            log.add("open " + on.ifIndex());
            return new Fake();
        }
    };

    private final class Fake implements Probe {
        @Override
        public String ask(int sequence) {
            log.add("ask " + sequence);
            return trouble;
        }

        @Override
        public boolean answered(int since) {
            log.add("since " + since);
            return answers;
        }

        @Override
        public int fd() {
            return 7;
        }

        @Override
        public void close() {
            log.add("close");
        }
    }

    private static RtLink lan(int index) {
        return new RtLink(index, "lan0", 0x1, true, 6, 1500, "02:00:00:00:00:01", false);
    }

    private final AddressTracker tracker = new AddressTracker(
            Specs.address("gw", TrackSpec.Method.ARP, "10.0.0.1", Specs.timing(2, 2)), name -> link, opener, 0);

    /** What was done to the network, without the looks for answers. */
    private List<String> done() {
        return log.stream().filter(line -> !line.startsWith("since")).toList();
    }

    private Verdict at(long ms) {
        tracker.onTime(ms * MS);
        return tracker.judge().verdict();
    }

    @Test
    void shouldAskEachIntervalAndCountAnswers() {
        assertEquals(0, tracker.waitNs(0));
        assertEquals(Tracker.NO_FD, tracker.fd());
        at(0);
        assertEquals(7, tracker.fd());
        assertEquals(60 * MS, tracker.waitNs(0), "until the timeout");
        answers = true;
        tracker.onReady(5 * MS);
        assertEquals(Tracker.NO_FD, tracker.fd(), "nobody wants to be woken between tries");
        assertEquals(95 * MS, tracker.waitNs(5 * MS));
        assertEquals(Verdict.UNKNOWN, at(99));
        at(100);
        tracker.onReady(101 * MS);
        assertEquals(Verdict.UP, tracker.judge().verdict());
        assertEquals("10.0.0.1 answers", tracker.state().detail());
        assertEquals(List.of("open 3", "ask 1", "ask 2"), done());
    }

    @Test
    void shouldCountTimeouts() {
        at(0);
        assertEquals(Verdict.UNKNOWN, at(60));
        at(100);
        assertEquals(Verdict.UNKNOWN, at(159));
        assertEquals(Verdict.DOWN, at(160));
        assertEquals(
                "10.0.0.1 does not answer arp on lan0 within 60 ms",
                tracker.state().detail());
    }

    @Test
    void shouldTakeAnAnswerThatWaitedWhileTheThreadWasHeldUp() {
        at(0);
        answers = true;
        at(5_000);
        at(5_100);
        assertEquals(Verdict.UP, at(5_160), "both tries were answered");
        assertTrue(done().size() <= 4, () -> "missed tries are not made up for: " + log);
    }

    @Test
    void shouldFailWithoutCarrierAndNameIt() {
        link = new RtLink(3, "lan0", 0x1, false, 2, 1500, "", false);
        at(0);
        assertEquals(Verdict.DOWN, at(100));
        assertEquals("lan0 has no carrier", tracker.state().detail());
        link = null;
        at(200);
        assertEquals("there is no interface lan0", tracker.state().detail());
        assertEquals(List.of(), log, "nothing was sent");
    }

    @Test
    void shouldAskOutOfTurnWithoutJudging() {
        answers = true;
        at(0);
        tracker.onReady(MS);
        assertNull(tracker.takeAnswer(), "nobody asked");
        answers = false;
        tracker.ask(10 * MS);
        assertEquals(7, tracker.fd(), "an answer may come");
        assertEquals(90 * MS, tracker.waitNs(10 * MS), "its turn is as before");
        tracker.onReady(11 * MS);
        assertNull(tracker.takeAnswer());
        answers = true;
        tracker.onReady(12 * MS);
        assertEquals(new Tracker.Answer(10 * MS, 12 * MS), tracker.takeAnswer());
        assertNull(tracker.takeAnswer(), "told once");
        assertEquals(Tracker.NO_FD, tracker.fd());
        assertEquals(Verdict.UNKNOWN, tracker.judge().verdict(), "only its own tries count");
        answers = false;
        for (int ms = 20; ms < 100; ms += 10) {
            tracker.ask(ms * MS);
        }
        link = null;
        tracker.ask(99 * MS);
        assertEquals(Verdict.UNKNOWN, tracker.judge().verdict());
        assertEquals("10.0.0.1 answers", tracker.state().detail());
    }

    @Test
    void shouldTakeAnAnswerToAnyQuestionThatWaitsAsOneToTheFirst() {
        tracker.ask(0);
        tracker.ask(20 * MS);
        at(40);
        log.clear();
        answers = true;
        tracker.onReady(50 * MS);
        assertEquals(List.of("since 1"), log);
        assertEquals(new Tracker.Answer(0, 50 * MS), tracker.takeAnswer());
        assertEquals("10.0.0.1 answers", tracker.state().detail(), "it ends the try as well");
        tracker.ask(60 * MS);
        tracker.onReady(121 * MS);
        assertNull(tracker.takeAnswer(), "too late to say anything of now");
    }

    @Test
    void shouldForgetQuestionsThatWaitedTooLong() {
        tracker.ask(0);
        tracker.ask(61 * MS);
        log.clear();
        answers = true;
        tracker.onReady(62 * MS);
        assertEquals(List.of("since 2"), log);
        assertEquals(new Tracker.Answer(61 * MS, 62 * MS), tracker.takeAnswer());
    }

    @Test
    void shouldOpenAnewOnAnInterfaceMadeAnew() {
        answers = true;
        at(0);
        tracker.onReady(MS);
        link = lan(9);
        at(100);
        tracker.onReady(101 * MS);
        assertEquals(List.of("open 3", "ask 1", "close", "open 9", "ask 2"), done());
        tracker.close();
        assertEquals("close", log.getLast());
    }

    @Test
    void shouldFailWhenTheKernelRefusesToSendOrToOpen() {
        trouble = "cannot send ARP: Network is down";
        at(0);
        assertEquals(Verdict.DOWN, at(100));
        assertEquals("cannot send ARP: Network is down", tracker.state().detail());
        assertEquals(List.of("open 3", "ask 1", "close", "open 3", "ask 2", "close"), done());
        refuses = true;
        at(200);
        assertEquals("add CAP_NET_RAW", tracker.state().detail());
    }
}
