/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.BugError;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.NetNs;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One thread inside the client's or the server's namespace, with all kernel sockets of that side: what is opened on this
 * thread belongs to that namespace for good. Others hand work over with {@link #execute} and {@link #call}; handlers and
 * timers run on the thread itself and own its sockets without locks.
 */
final class EndpointLoop implements AutoCloseable {
    private static final long TICK_MS = 10;

    /** Reacts to a channel that is ready. What it throws closes nothing: it must deal with its own channel's errors. */
    @FunctionalInterface
    interface Handler {
        void ready(SelectionKey key);
    }

    private final Side side;
    private final Queue<Runnable> work = new ConcurrentLinkedQueue<>();
    private final List<Runnable> timers = new ArrayList<>();
    private final Selector selector;
    private final Thread thread;
    private volatile boolean running = true;

    EndpointLoop(Lab lab, Side side) {
        this.side = side;
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "no selector: " + e.getMessage(), e);
        }
        CompletableFuture<Void> entered = new CompletableFuture<>();
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("flows-" + lab.namespace(side))
                .start(() -> run(lab.path(side), entered));
        entered.join();
    }

    Side side() {
        return side;
    }

    /** Runs {@code task} on the loop's thread, soon. */
    void execute(Runnable task) {
        work.add(task);
        selector.wakeup();
    }

    /** Runs {@code task} on the loop's thread and waits for its result. */
    <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, side + " endpoint: " + e.getCause(), e.getCause());
        }
    }

    /** Runs {@code timer} each 10 ms. On the loop's thread only. */
    void eachTick(Runnable timer) {
        timers.add(timer);
    }

    /** Watches a channel. On the loop's thread only. */
    SelectionKey register(SelectableChannel channel, int operations, Handler handler) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, operations, handler);
    }

    private void run(String namespace, CompletableFuture<Void> entered) {
        try {
            NetNs.enter(namespace);
            entered.complete(null);
        } catch (RuntimeException e) {
            entered.completeExceptionally(e);
            return;
        }
        long nextTickNs = System.nanoTime();
        try {
            while (running) {
                selector.select(TICK_MS);
                for (Runnable task = work.poll(); task != null; task = work.poll()) {
                    task.run();
                }
                dispatch();
                if (System.nanoTime() - nextTickNs >= 0) {
                    nextTickNs = System.nanoTime() + TICK_MS * 1_000_000;
                    timers.forEach(Runnable::run);
                }
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            throw new BugError("the endpoint's selector failed", e);
        }
    }

    private void dispatch() {
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
            SelectionKey key = ready.next();
            ready.remove();
            if (key.isValid()) {
                ((Handler) key.attachment()).ready(key);
            }
        }
    }

    /** Closes all sockets: those of live flows without a word to the other end, since the namespaces go with them. */
    @Override
    public void close() {
        running = false;
        selector.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
