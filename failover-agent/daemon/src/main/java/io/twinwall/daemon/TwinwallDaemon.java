/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.BugError;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.protocol.RoleEvent;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The life of the running agent: from the configuration to a {@link Node}, and from a signal or a failure to the exit
 * code. Signals come on threads of their own, failures on that of the part that failed.
 */
final class TwinwallDaemon implements Daemon {
    private static final Logger LOG = System.getLogger("twinwall");

    /** 128 and the number of SIGTERM. */
    private static final int STOP_FAILED = 143;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stoppedDown = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile AsyncLog log;

    @Override
    public ExitCode run(Config given, Path file) {
        RealTime.returnLargeMemory();
        Counters counters = new Counters();
        log = AsyncLog.install(counters);
        // A thread that ends by a bug leaves a program that only seems to work.
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> ended(cause));
        Config config = VipInterfaces.chosen(given);
        Node node = new Node(config, file, makeDirectory(config.runtime().directory()), counters, this::ended);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node), "twinwall-stop"));
        for (String signal : List.of("TERM", "INT")) {
            Signals.handle(signal, () -> stopOrderly(node));
        }
        Signals.handle("HUP", node::reload);
        try {
            node.start();
        } catch (RuntimeException | Error e) {
            // Nobody waits for the end of what never ran.
            stoppedDown.countDown();
            throw e;
        }
        LOG.log(
                Level.INFO,
                "{0} runs; cluster {1}, peer {2}",
                config.node().name(),
                config.cluster().id(),
                config.peer().name());
        awaitEnd();
        node.stop(failure.get() == null);
        stoppedDown.countDown();
        log.flush();
        return exitCode();
    }

    /** A part ended: in order ({@code cause} null), or since it cannot go on; then the lease runs out and the peer takes over. */
    private void ended(Throwable cause) {
        if (cause != null && failure.compareAndSet(null, cause)) {
            LOG.log(Level.ERROR, "an agent failed; the program ends", cause);
        }
        ended.countDown();
    }

    private ExitCode exitCode() {
        return switch (failure.get()) {
            case null -> ExitCode.OK;
            case Fatal fatal -> throw fatal;
            case BugError bug -> throw bug;
            case Throwable other -> throw new BugError("an agent failed", other);
        };
    }

    /** On SIGTERM and SIGINT. The program then ends by itself, with 0; if it does not in time, as an unhandled signal would. */
    private void stopOrderly(Node node) {
        if (!stop(node)) {
            log.flush();
            Runtime.getRuntime().halt(STOP_FAILED);
        }
    }

    /** Hands over and gives up everything, within bounds; false when that took too long. */
    private boolean stop(Node node) {
        if (ended.getCount() > 0 && stopping.compareAndSet(false, true)) {
            node.post(new RoleEvent.StopAsked());
        }
        long limitMs = node.stopLimitMs();
        try {
            if (stoppedDown.await(limitMs, TimeUnit.MILLISECONDS)) {
                return true;
            }
            LOG.log(Level.WARNING, "did not stop in order within {0} ms", limitMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private void awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Path makeDirectory(Path directory) {
        try {
            return Files.createDirectories(directory).toAbsolutePath();
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    "cannot make [runtime] directory " + directory + ": " + e.getMessage() + ". Choose another.",
                    e);
        }
    }
}
