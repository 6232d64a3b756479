/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertBookTest {
    private static final long S = 1_000_000_000L;
    private static final long REPEAT_NS = 3_600 * S;

    private final Map<AlertKind, String> texts = new EnumMap<>(AlertKind.class);
    private AlertBook book = book(List.of(), Severity.INFO, REPEAT_NS, 600);
    /** Far from 0, and below it: a monotonic clock begins anywhere. */
    private long nowNs = -77_000 * S;

    @Test
    void shouldTellOfAConditionWhenItBeginsAndWhenItIsOver() {
        raise(AlertKind.PEER_LOST, "", "fw-b is not heard any more");
        assertEquals(List.of("opened peer-lost 1 fw-b is not heard any more"), due());
        assertEquals(List.of(), due());
        passing(40, AlertKind.PEER_LOST);
        holding();
        passing(29);
        assertEquals(List.of("recovered peer-lost 1 fw-b is not heard any more"), passing(2));
        assertEquals(List.of(), passing(100_000));
        assertEquals(0, book.open());
    }

    @Test
    void shouldSayHowLongAConditionHeld() {
        raise(AlertKind.FAULT, "", "uplink");
        passing(90, AlertKind.FAULT);
        List<Notice> over = List.of();
        while (over.isEmpty()) {
            nowNs += S;
            book.holding(List.of(), nowNs);
            over = book.due(nowNs);
        }
        assertEquals(91 * S, over.getFirst().lastedNs());
    }

    @Test
    void shouldTakeAConditionThatComesAndGoesForOne() {
        raise(AlertKind.PEER_LOST, "", "once");
        assertEquals(1, due().size());
        List<String> told = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            told.addAll(passing(20));
            raise(AlertKind.PEER_LOST, "", "again");
            told.addAll(passing(20, AlertKind.PEER_LOST));
        }
        assertEquals(List.of(), told);
        assertEquals(List.of("recovered peer-lost 11 again"), passing(60));
    }

    @Test
    void shouldTellAgainOfAConditionThatGoesOn() {
        raise(AlertKind.ISOLATED, "", "nobody answers");
        assertEquals(1, due().size());
        assertEquals(List.of(), passing(3_598, AlertKind.ISOLATED));
        assertEquals(List.of("open isolated 1 nobody answers"), passing(10, AlertKind.ISOLATED));
        assertEquals(2, passing(7_200, AlertKind.ISOLATED).size());
    }

    @Test
    void shouldTellOfAConditionOnceAloneWhereNoRepetitionIsWanted() {
        book = book(List.of(), Severity.INFO, 0, 600);
        raise(AlertKind.ISOLATED, "", "nobody answers");
        assertEquals(1, due().size());
        assertEquals(List.of(), passing(100_000, AlertKind.ISOLATED));
    }

    @Test
    void shouldTellOfAConditionThatIsOverBeforeAnybodyLooked() {
        raise(AlertKind.TWO_ACTIVES, "", "fw-b too");
        holding();
        assertEquals(List.of("opened two-actives 1 fw-b too"), due());
        assertEquals(List.of("recovered two-actives 1 fw-b too"), passing(31));
    }

    @Test
    void shouldOpenAConditionThatOnlyALookFinds() {
        book.holding(List.of(new AlertFact.Raised(AlertKind.DRIFT, "refused", "3 flows")), nowNs);
        assertEquals(List.of("opened drift 1 3 flows"), due());
    }

    @Test
    void shouldKeepSubjectsApart() {
        raise(AlertKind.PATH_LOST, "sync path lan", "lan");
        raise(AlertKind.PATH_LOST, "sync path sync", "sync");
        assertEquals(2, due().size());
        assertEquals(2, book.open());
        book.holding(List.of(new AlertFact.Raised(AlertKind.PATH_LOST, "sync path sync", "sync")), nowNs);
        assertEquals(1, book.open());
    }

    @Test
    void shouldTellOfTheFirstEventAtOnceAndOfThoseThatFollowTogether() {
        happen(AlertKind.LATE, "by 200 ms");
        assertEquals(List.of("event late 1 by 200 ms"), due());
        for (int i = 1; i <= 5; i++) {
            happen(AlertKind.LATE, "again " + i);
        }
        assertEquals(List.of(), passing(58));
        assertEquals(List.of("event late 5 again 5"), passing(3));
    }

    @Test
    void shouldWaitLongerAndLongerWhileEventsGoOn() {
        List<Long> toldAtS = new ArrayList<>();
        long beganNs = nowNs;
        for (int s = 0; s < 4 * 3_600; s++) {
            happen(AlertKind.STEP_FAILED, "VIPS");
            if (!due().isEmpty()) {
                toldAtS.add((nowNs - beganNs) / S);
            }
            nowNs += S;
        }
        assertEquals(List.of(0L, 60L, 180L, 420L, 900L, 1_860L, 3_780L, 7_380L, 10_980L), toldAtS);
    }

    @Test
    void shouldForgetASeriesThatIsOver() {
        happen(AlertKind.LATE, "one");
        due();
        passing(61);
        happen(AlertKind.LATE, "two");
        assertEquals(List.of("event late 1 two"), due());
    }

    @Test
    void shouldTellOnlyWhatIsWanted() {
        book = book(List.of(AlertKind.LATE, AlertKind.TWO_ACTIVES), Severity.INFO, REPEAT_NS, 600);
        raise(AlertKind.TWO_ACTIVES, "", "a");
        raise(AlertKind.PEER_LOST, "", "b");
        happen(AlertKind.LATE, "c");
        happen(AlertKind.FORCED, "d");
        assertEquals(List.of("opened two-actives 1 a", "event late 1 c"), due());
        book = book(List.of(), Severity.CRITICAL, REPEAT_NS, 600);
        raise(AlertKind.PEER_LOST, "", "warning");
        raise(AlertKind.FAULT, "", "critical");
        assertEquals(List.of("opened fault 1 critical"), due());
        assertEquals(1, book.open());
    }

    @Test
    void shouldTellTheGravestFirst() {
        happen(AlertKind.SWITCHOVER, "info");
        happen(AlertKind.LATE, "warning");
        raise(AlertKind.FAULT, "", "critical");
        assertEquals(List.of("opened fault 1 critical", "event late 1 warning", "event switchover 1 info"), due());
    }

    @Test
    void shouldHoldBackWhatIsTooMuchAndTellOfItInOneSummary() {
        book = book(List.of(), Severity.INFO, REPEAT_NS, 6);
        happen(AlertKind.LATE, "1");
        happen(AlertKind.FORCED, "2");
        assertEquals(2, due().size(), "a third of six an hour at once");
        happen(AlertKind.SWITCHOVER, "3");
        raise(AlertKind.PEER_LOST, "", "4");
        assertEquals(List.of(), due());
        assertEquals(2, book.heldBackInAll());
        // One each ten minutes.
        assertEquals(List.of(), passing(598, AlertKind.PEER_LOST));
        assertEquals(
                List.of(
                        "summary held-back 2 more than 6 notices an hour: 2 were held back (1 peer-lost, 1 switchover); "
                                + "open now: peer-lost"),
                passing(3, AlertKind.PEER_LOST));
        // It was told of, and so is its end.
        passing(600, AlertKind.PEER_LOST);
        assertEquals(List.of("recovered peer-lost 1 4"), passing(40));
    }

    @Test
    void shouldSayThatNothingIsOpenWhenWhatWasHeldBackIsOver() {
        book = book(List.of(), Severity.INFO, REPEAT_NS, 3);
        happen(AlertKind.LATE, "taken");
        due();
        raise(AlertKind.PATH_LOST, "sync path lan", "held back");
        assertEquals(List.of(), due());
        holding();
        List<String> told = passing(1_300);
        assertEquals(1, told.size(), told::toString);
        assertTrue(told.getFirst().endsWith("(1 path-lost); nothing is open now"), told::toString);
    }

    @Test
    void shouldNeverTellMoreThanAllowedWhateverHappens() {
        book = book(List.of(), Severity.INFO, 60 * S, 30);
        int told = 0;
        for (int s = 0; s < 10 * 3_600; s++) {
            for (AlertKind kind : AlertKind.choice()) {
                if (!kind.lasts()) {
                    happen(kind, "x");
                } else if (s % 100 < 50) {
                    raise(kind, "", "x");
                }
            }
            if (s % 100 >= 50) {
                holding();
            }
            told += due().size();
            nowNs += S;
        }
        assertTrue(told <= 10 + 10 * 30, "told " + told);
        assertTrue(told >= 10 * 30, "told " + told);
    }

    private static AlertBook book(List<AlertKind> kinds, Severity least, long repeatNs, int perHour) {
        return new AlertBook(new AlertPolicy(kinds, least, repeatNs, perHour));
    }

    private void raise(AlertKind kind, String subject, String text) {
        texts.put(kind, text);
        book.take(new AlertFact.Raised(kind, subject, text), nowNs);
    }

    private void happen(AlertKind kind, String text) {
        book.take(new AlertFact.Happened(kind, "", text), nowNs);
    }

    private void holding(AlertKind... kinds) {
        List<AlertFact.Raised> all = new ArrayList<>();
        for (AlertKind kind : kinds) {
            all.add(new AlertFact.Raised(kind, "", texts.getOrDefault(kind, "")));
        }
        book.holding(all, nowNs);
    }

    /** {@code seconds} with a look each, at which {@code kinds} hold; what was told. */
    private List<String> passing(int seconds, AlertKind... kinds) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            nowNs += S;
            holding(kinds);
            told.addAll(due());
        }
        return told;
    }

    private List<String> due() {
        return book.due(nowNs).stream()
                .map(one -> one.state().word() + " " + one.kind().word() + " " + one.times() + " " + one.text())
                .toList();
    }
}
