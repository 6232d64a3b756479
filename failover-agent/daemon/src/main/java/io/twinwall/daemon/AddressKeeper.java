/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.net.InetAddress;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Puts the virtual addresses on this host, keeps them there, and takes them off. The kernel changes addresses under one
 * lock (RTNL), which others hold for as long as they like: the reset of a network card, the end of a namespace. A healthy
 * node that prolonged its addresses on the role agent's thread would fall silent for that long and be taken over. So there
 * only a takeover adds, which is waited for in any case, and a step-down removes; what a node does while it has the
 * addresses is done in order on a thread of its own, and so are looks, in every role.
 *
 * <p>Nothing queued outlasts a removal: it begins by seeing whether the addresses are still to be here, and a removal waits
 * for what is under way. Methods are the role agent's, but for {@link #held}.
 */
final class AddressKeeper {
    private static final long LOOK_EVERY_NS = 1_000_000_000L;
    private static final long CLOSE_WAIT_MS = 1_000;

    /** The addresses, as this needs them; what failed is returned, or "". */
    interface Addresses {
        String add(boolean armed);

        String refresh(boolean armed);

        String remove();

        Set<InetAddress> held();
    }

    private final Addresses addresses;
    private final ThreadPoolExecutor thread;

    /** Held while they are changed, with whether they are to be here, which only the role agent says, and how often they came and went. */
    private final Object order = new Object();

    private boolean here;
    private long times;
    private long lookedNs;
    private volatile Set<InetAddress> held = Set.of();

    AddressKeeper(Addresses addresses) {
        this.addresses = addresses;
        thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform().name("twinwall-addresses").daemon().unstarted(task));
        // Else the role agent would start it, and it would inherit the real-time priority.
        thread.prestartAllCoreThreads();
    }

    static AddressKeeper of(Presence presence) {
        return new AddressKeeper(new Addresses() {
            @Override
            public String add(boolean armed) {
                return presence.add(armed);
            }

            @Override
            public String refresh(boolean armed) {
                return presence.refresh(armed);
            }

            @Override
            public String remove() {
                return presence.remove();
            }

            @Override
            public Set<InetAddress> held() {
                return presence.held();
            }
        });
    }

    /** Adds them: at once when they come to this node, later when it has them and one is to be mended. */
    void add(boolean armed, Consumer<String> atOnce, Consumer<String> later) {
        if (here) {
            keep(() -> addresses.add(armed), later);
            return;
        }
        String problem;
        synchronized (order) {
            here = true;
            times++;
            problem = addresses.add(armed);
        }
        look();
        atOnce.accept(problem);
    }

    /** Prolongs their lives; {@code later} hears what failed, or "". */
    void refresh(boolean armed, Consumer<String> later) {
        keep(() -> addresses.refresh(armed), later);
    }

    /** Takes them off, after what is under way and instead of what is not. Returns what failed, or "". */
    String remove() {
        synchronized (order) {
            here = false;
            times++;
            held = Set.of();
            return addresses.remove();
        }
    }

    /**
     * To be called each cycle: has {@link #held} be true to the kernel, each second; also where they are not to be, since
     * somebody may have put them there.
     */
    void work(long nowNs) {
        if (nowNs - lookedNs >= LOOK_EVERY_NS && thread.getQueue().isEmpty()) {
            lookedNs = nowNs;
            look();
        }
    }

    /** The addresses that were on their interfaces at the last look. Any thread; waits for nobody. */
    Set<InetAddress> held() {
        return held;
    }

    private void keep(Supplier<String> change, Consumer<String> later) {
        long mine = times;
        thread.execute(() -> {
            String problem = "";
            synchronized (order) {
                if (here && times == mine) {
                    problem = change.get();
                }
            }
            later.accept(problem);
            lookNow();
        });
    }

    private void look() {
        thread.execute(this::lookNow);
    }

    /** Changes do not wait for it: where they came or went meanwhile, it says nothing. */
    private void lookNow() {
        long before;
        synchronized (order) {
            before = times;
        }
        Set<InetAddress> seen = addresses.held();
        synchronized (order) {
            if (times == before) {
                held = seen;
            }
        }
    }

    /** False when something is still under way: then what it uses must stay. */
    boolean end() {
        return Ends.await(thread, "twinwall-addresses", CLOSE_WAIT_MS);
    }
}
