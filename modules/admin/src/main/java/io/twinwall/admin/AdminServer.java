/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ResourceLeakDetector;
import io.twinwall.base.Check;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * HTTP/1.1 on a Unix domain socket that only its owner may open, for the command line; and, when configured, metrics
 * and health on TCP, where nothing else is served.
 *
 * <p>One thread, {@code twinwall-admin}, accepts, decodes, runs the handlers and answers; a handler that must wait for
 * another thread is an asynchronous route. Memory: heap buffers, no arenas, so that an idle server costs its classes
 * and nothing more.
 */
public final class AdminServer implements AutoCloseable {
    private static final int HEADER_BYTES_MAX = 8 * 1024;

    static {
        // Its sampling costs memory and answers a question that heap buffers do not pose.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    private final AdminConfig config;
    private final AdminRoutes local = new AdminRoutes();
    private final AdminRoutes remote = new AdminRoutes();
    private final AdminListener.Tally tally;
    private SocketFile socketFile;
    private EventLoopGroup loop;
    private Channel metricsChannel;

    public AdminServer(AdminConfig config, AdminMetrics metrics, Counters counters) {
        this.config = config;
        this.tally = AdminListener.Tally.of(counters);
        for (AdminRoutes routes : new AdminRoutes[] {local, remote}) {
            routes.add(
                    "GET",
                    "/metrics",
                    now(request -> new AdminResponse(
                            200, AdminMetrics.CONTENT_TYPE, metrics.scrape().getBytes(StandardCharsets.UTF_8))));
            routes.add("GET", "/healthz", now(request -> AdminResponse.text(200, "ok\n")));
        }
    }

    /** Serves {@code path} on the socket by {@code handler}, on the admin thread: it must not block. */
    public AdminServer route(String method, String path, Function<AdminRequest, AdminResponse> handler) {
        return routeAsync(method, path, now(handler));
    }

    /**
     * Serves {@code path} on the socket by {@code handler}, whose answer any thread may complete; without one within
     * {@link AdminConfig#answerTimeoutMs()} the client is told 503.
     */
    public AdminServer routeAsync(
            String method, String path, Function<AdminRequest, CompletableFuture<AdminResponse>> handler) {
        Check.that(loop == null, "routes are added before the start");
        local.add(method, path, handler);
        return this;
    }

    /**
     * Starts to listen.
     *
     * @throws Fatal UNAVAILABLE when another process serves the socket or the port; NO_PERMISSION, ENVIRONMENT
     */
    public void start() {
        Check.that(loop == null, "started twice");
        socketFile = SocketFile.claim(config.socket());
        ThreadFactory threads =
                task -> Thread.ofPlatform().name("twinwall-admin").daemon().unstarted(task);
        loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
        try {
            listen(NioServerDomainSocketChannel.class, local, UnixDomainSocketAddress.of(socketFile.birthplace()));
            socketFile.publish();
            if (config.metrics() != null) {
                metricsChannel = listen(NioServerSocketChannel.class, remote, config.metrics());
            }
        } catch (Fatal e) {
            close();
            throw e;
        }
    }

    /** Where metrics are served, with the port the kernel chose when the configured one is 0; null for nowhere. */
    public InetSocketAddress metricsAddress() {
        return metricsChannel == null ? null : (InetSocketAddress) metricsChannel.localAddress();
    }

    /** Stops listening, drops open connections and removes the socket. */
    @Override
    public void close() {
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

    private Channel listen(Class<? extends ServerChannel> type, AdminRoutes routes, SocketAddress address) {
        AdminListener listener = new AdminListener(routes, config, tally);
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(type)
                .option(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, 16 * 1024))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(new HttpDecoderConfig().setMaxHeaderSize(HEADER_BYTES_MAX)))
                                .addLast(new AdminConnection(listener));
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw refused(address, bound.cause());
        }
        return bound.channel();
    }

    private static Fatal refused(SocketAddress address, Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        if (reason.contains("Permission denied")) {
            return new Fatal(
                    ExitCode.NO_PERMISSION,
                    "admin: cannot listen on " + address + ": permission denied; run as root, or choose another one",
                    cause);
        }
        return new Fatal(
                ExitCode.UNAVAILABLE,
                "admin: cannot listen on " + address + ": " + reason + "; see who does (ss -ltnp), or choose another"
                        + " [admin] metrics",
                cause);
    }
}
