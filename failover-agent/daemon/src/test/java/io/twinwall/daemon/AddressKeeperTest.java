/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Addresses that are prolonged while the kernel's lock is held by somebody else. */
@Timeout(60)
final class AddressKeeperTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final InetAddress ONE = InetAddress.ofLiteral("10.10.0.254");
    private static final Set<InetAddress> BOTH = Set.of(ONE, InetAddress.ofLiteral("2001:db8:1::254"));

    private final List<String> done = new CopyOnWriteArrayList<>();
    private final List<String> answers = new CopyOnWriteArrayList<>();
    private final Semaphore lock = new Semaphore(0);
    private volatile Set<InetAddress> there = Set.of();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile boolean stuck;
    private volatile boolean slow;
    private volatile String problem = "";
    private final AddressKeeper keeper = new AddressKeeper(new AddressKeeper.Addresses() {
        @Override
        public String add(boolean armed) {
            there = BOTH;
            return change("add " + armed);
        }

        @Override
        public String refresh(boolean armed) {
            return change("refresh " + armed);
        }

        @Override
        public String remove() {
            there = Set.of();
            return change("remove");
        }

        @Override
        public Set<InetAddress> held() {
            Set<InetAddress> seen = there;
            looks.incrementAndGet();
            if (slow) {
                lock.acquireUninterruptibly();
            }
            return seen;
        }
    });

    private String change(String what) {
        if (stuck) {
            done.add("begin " + what);
            lock.acquireUninterruptibly();
        }
        done.add(what);
        return problem;
    }

    @AfterEach
    void end() {
        stuck = false;
        slow = false;
        lock.release(100);
        assertTrue(keeper.end());
    }

    @Test
    void shouldGoOnWhileARefreshIsStuck() {
        comeHere();
        stuck = true;
        keeper.refresh(true, answers::add);
        Await.until("the refresh to be stuck", SOON, () -> done.contains("begin refresh true"));
        keeper.refresh(false, answers::add);
        keeper.add(true, atOnce -> answers.add("at once"), answers::add);
        keeper.work(System.nanoTime());
        assertEquals(BOTH, keeper.held(), "told without waiting");
        assertEquals(List.of(), answers);

        stuck = false;
        lock.release();
        Await.until("three answers", SOON, () -> answers.size() == 3);
        assertEquals(List.of("", "", ""), answers);
        assertEquals(List.of("add false", "begin refresh true", "refresh true", "refresh false", "add true"), done);
    }

    @Test
    void shouldNotPutBackWhatWasRemoved() throws Exception {
        comeHere();
        stuck = true;
        keeper.refresh(true, answers::add);
        Await.until("the refresh to be stuck", SOON, () -> done.contains("begin refresh true"));
        keeper.refresh(true, answers::add);
        keeper.add(true, answers::add, answers::add);
        Thread roles = Thread.ofPlatform().start(() -> answers.add("removed" + keeper.remove()));
        Await.until("the removal to wait for what is under way", SOON, () -> roles.getState() == Thread.State.BLOCKED);
        assertFalse(done.contains("remove"));

        stuck = false;
        lock.release();
        roles.join();
        Await.until("all to be answered", SOON, () -> answers.size() == 4);
        // What was queued may have come before the removal, never after it.
        assertEquals("remove", done.getLast());
        assertEquals(Set.of(), keeper.held());
    }

    @Test
    void shouldForgetWhatWasQueuedBeforeTheyCameAgain() {
        comeHere();
        stuck = true;
        keeper.refresh(true, answers::add);
        Await.until("the refresh to be stuck", SOON, () -> done.contains("begin refresh true"));
        keeper.refresh(true, answers::add);
        stuck = false;
        Thread release = Thread.ofPlatform().start(lock::release);
        keeper.remove();
        keeper.add(false, answers::add, answers::add);
        Await.until("all to be answered", SOON, () -> answers.size() == 3);
        int came = done.lastIndexOf("add false");
        assertEquals(done.size() - 1, came, () -> "after they came again: " + done);
        Await.until("the releasing thread to end", SOON, () -> !release.isAlive());
    }

    @Test
    void shouldTellWhatFailed() {
        comeHere();
        problem = "the interface is gone";
        keeper.refresh(true, answers::add);
        Await.until("the answer", SOON, () -> !answers.isEmpty());
        assertEquals(List.of(problem), answers);
    }

    @Test
    void shouldSeeWhatSomebodyElsePutHereOrTookAway() {
        long nowNs = System.nanoTime();
        there = BOTH;
        keeper.work(nowNs);
        Await.until("both to be seen", SOON, () -> keeper.held().equals(BOTH));
        there = Set.of(ONE);
        keeper.work(nowNs + 900_000_000);
        keeper.work(nowNs + 1_000_000_000);
        Await.until("one to be gone", SOON, () -> keeper.held().equals(Set.of(ONE)));
        assertEquals(2, looks.get(), "once a second");
        assertEquals(List.of(), done);
    }

    @Test
    void shouldNotBelieveALookThatBeganBeforeTheyWent() {
        comeHere();
        int before = looks.get();
        slow = true;
        keeper.work(System.nanoTime());
        Await.until("the look to be under way", SOON, () -> looks.get() > before);
        keeper.remove();
        assertEquals(Set.of(), keeper.held());
        keeper.refresh(true, answers::add);
        lock.release();
        Await.until("what came after the look", SOON, () -> !answers.isEmpty());
        assertEquals(Set.of(), keeper.held());
    }

    private void comeHere() {
        keeper.add(false, answers::add, later -> answers.add("later"));
        assertEquals(List.of(""), answers, "a takeover has it done at once");
        answers.clear();
        Await.until("them to be held", SOON, () -> keeper.held().equals(BOTH));
    }
}
