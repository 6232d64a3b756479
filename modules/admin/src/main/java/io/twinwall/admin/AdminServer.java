/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.ResourceLeakDetector;
import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Fatal;
import io.twinwall.base.Series;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * HTTP/1.1 in up to three places: on a Unix domain socket whose file mode says who may open it, for the command line; when
 * configured, metrics and health on TCP, where nothing else is served; and, when configured, all that the socket serves
 * by TLS, for those who have a token.
 *
 * <p>One thread, {@code twinwall-admin}, accepts, decodes, runs the handlers and answers; a handler that must wait for
 * another thread is an asynchronous route.
 */
public final class AdminServer implements AutoCloseable {
    static {
        // Its sampling costs memory and answers a question that heap buffers do not pose.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    private final AdminRoutes all = new AdminRoutes();
    private final AdminRoutes numbers = new AdminRoutes();
    private final AdminListener.Tally tally;
    private final AdminOutbox outbox = new AdminOutbox();
    private final Counter expires;
    private volatile Supplier<List<String>> ailments = List::of;
    private AdminConfig config;
    private SocketFile socketFile;
    private EventLoopGroup loop;
    private AdminBinding metrics;
    private AdminBinding remote;

    public AdminServer(AdminConfig config, AdminMetrics metrics, Counters counters) {
        this.config = config;
        this.tally = AdminListener.Tally.of(counters);
        String help = "When the certificate of the remote listener ends, in seconds since 1970; 0: there is none.";
        expires = counters.gauge(
                "admin_certificate_expires_seconds",
                help,
                Series.of("admin_certificate_expiry_timestamp_seconds", help));
        for (AdminRoutes routes : new AdminRoutes[] {all, numbers}) {
            routes.add(
                    "GET",
                    "/metrics",
                    now(request -> new AdminResponse(
                            200, AdminMetrics.CONTENT_TYPE, metrics.scrape().getBytes(StandardCharsets.UTF_8))));
            routes.add("GET", "/healthz", now(request -> health()));
        }
    }

    /**
     * Has {@code /healthz} answer 503 and these reasons, one a line, while there are any. Asked on the admin thread: it
     * must not wait for anybody.
     */
    public AdminServer health(Supplier<List<String>> reasons) {
        ailments = reasons;
        return this;
    }

    private AdminResponse health() {
        List<String> reasons = ailments.get();
        return reasons.isEmpty()
                ? AdminResponse.text(200, "ok\n")
                : AdminResponse.text(503, String.join("\n", reasons) + "\n");
    }

    /** Serves {@code path} on the socket by {@code handler}, on the admin thread: it must not block. */
    public AdminServer route(String method, String path, Function<AdminRequest, AdminResponse> handler) {
        return routeAsync(method, path, now(handler));
    }

    /**
     * Serves {@code path} on the socket by {@code handler}, whose answer any thread may complete; without one within
     * {@link AdminConfig.AdminLimits#answerTimeoutMs()} the client is told 503. A path that ends in {@code /*} is for any
     * last segment.
     */
    public AdminServer routeAsync(
            String method, String path, Function<AdminRequest, CompletableFuture<AdminResponse>> handler) {
        Check.that(loop == null, "routes are added before the start");
        all.add(method, path, handler);
        return this;
    }

    /**
     * Starts to listen.
     *
     * @throws Fatal UNAVAILABLE when another process serves the socket or a port; NO_PERMISSION, ENVIRONMENT; CONFIG when
     *     what a file holds is not what it should
     */
    public synchronized void start() {
        Check.that(loop == null, "started twice");
        socketFile = SocketFile.claim(config.socket().path());
        ThreadFactory threads =
                task -> Thread.ofPlatform().name("twinwall-admin").daemon().unstarted(task);
        loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
        try {
            AdminListener local = new AdminListener(all, AdminGuard.LOCAL, config.limits(), tally, outbox);
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socketFile.birthplace());
            AdminBinding.bind(loop, NioServerDomainSocketChannel.class, local, address, "[admin] socket");
            socketFile.publish(config.socket());
            metrics = bindMetrics(config);
            remote = bindRemote(config);
        } catch (Fatal e) {
            close();
            throw e;
        }
    }

    private AdminBinding bindMetrics(AdminConfig wanted) {
        if (wanted.metrics() == null) {
            return null;
        }
        AdminListener listener = new AdminListener(numbers, AdminGuard.ANYBODY, wanted.limits(), tally, outbox);
        return AdminBinding.bind(loop, NioServerSocketChannel.class, listener, wanted.metrics(), "[admin] metrics");
    }

    private AdminBinding bindRemote(AdminConfig wanted) {
        if (wanted.remote() == null) {
            expires.set(0);
            return null;
        }
        return bindRemote(wanted, AdminCredentials.read(wanted.remote()));
    }

    private AdminBinding bindRemote(AdminConfig wanted, AdminCredentials credentials) {
        AdminListener listener = AdminListener.remote(all, credentials, wanted.limits(), tally, outbox);
        AdminBinding bound = AdminBinding.bind(
                loop, NioServerSocketChannel.class, listener, wanted.remote().listen(), "[admin.remote] listen");
        expires.set(credentials.expiresS());
        return bound;
    }

    /**
     * Puts another configuration in place while serving: who may open the socket, and what is served on TCP. The socket's
     * path stays what it is. What cannot be put in place is left as it was. Waits for the admin thread.
     *
     * @return the problems, for a person; "" when all is in place
     */
    public synchronized String reconfigure(AdminConfig next) {
        List<String> problems = new ArrayList<>();
        attempt(problems, () -> {
            // Also when it is as it was: somebody may have changed the file.
            socketFile.permit(next.socket());
            config = config.with(next.socket());
        });
        attempt(problems, () -> {
            move(metrics, next.metrics(), () -> bindMetrics(next), () -> bindMetrics(config), this::metrics);
            config = config.with(next.metrics());
        });
        attempt(problems, () -> {
            // First what may be wrong with the files: the listener that serves is worth more than one that cannot.
            if (next.remote() != null) {
                AdminCredentials.read(next.remote());
            }
            InetSocketAddress address =
                    next.remote() == null ? null : next.remote().listen();
            // Back with what it served with: its files may be gone by now.
            AdminCredentials before = remote == null ? null : remote.listener().credentials();
            move(remote, address, () -> bindRemote(next), () -> bindRemote(config, before), this::remote);
            config = config.with(next.remote());
            String problem = renew();
            if (problem != null && !problem.isEmpty()) {
                problems.add(problem);
            }
        });
        return String.join("; ", problems);
    }

    private void metrics(AdminBinding bound) {
        metrics = bound;
    }

    private void remote(AdminBinding bound) {
        remote = bound;
    }

    /** One address may be a part of another, so that the old listener goes first; it comes back when the new cannot. */
    private static void move(
            AdminBinding old,
            InetSocketAddress address,
            Supplier<AdminBinding> next,
            Supplier<AdminBinding> back,
            Consumer<AdminBinding> place) {
        if (old == null ? address == null : old.wanted().equals(address)) {
            return;
        }
        if (old != null) {
            old.close();
            place.accept(null);
        }
        try {
            place.accept(next.get());
        } catch (Fatal e) {
            if (old != null) {
                place.accept(back.get());
            }
            throw e;
        }
    }

    private static void attempt(List<String> problems, Runnable change) {
        try {
            change.run();
        } catch (Fatal e) {
            problems.add(e.getMessage());
        }
    }

    /**
     * Reads certificate, key and tokens again. Streams are ended, since whoever reads them may not be let in any more.
     *
     * @return null when they are as they were, "" when others are in place, else why not
     */
    public synchronized String renew() {
        if (remote == null) {
            return null;
        }
        try {
            AdminCredentials fresh = AdminCredentials.read(config.remote());
            if (fresh.print().equals(remote.listener().credentials().print())) {
                return null;
            }
            remote.listener().credentials(fresh);
            remote.listener().endStreams();
            expires.set(fresh.expiresS());
            return "";
        } catch (Fatal e) {
            return e.getMessage();
        }
    }

    /** Where metrics are served, with the port the kernel chose when the configured one is 0; null for nowhere. */
    public synchronized InetSocketAddress metricsAddress() {
        return metrics == null ? null : (InetSocketAddress) metrics.bound();
    }

    /** As {@link #metricsAddress}, of the remote listener. */
    public synchronized InetSocketAddress remoteAddress() {
        return remote == null ? null : (InetSocketAddress) remote.bound();
    }

    /** Stops listening, drops open connections and removes the socket. */
    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        }
        if (socketFile != null) {
            socketFile.close();
        }
    }

    private static Function<AdminRequest, CompletableFuture<AdminResponse>> now(
            Function<AdminRequest, AdminResponse> handler) {
        return request -> CompletableFuture.completedFuture(handler.apply(request));
    }
}
