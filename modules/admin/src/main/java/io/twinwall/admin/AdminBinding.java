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
import io.netty.channel.ServerChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.net.SocketAddress;

/**
 * A listener that is bound to its address. Memory: heap buffers, no arenas, so that an idle listener costs its classes and
 * nothing more. Bound and closed by any thread but the admin thread.
 *
 * @param wanted the address asked for, whose port may be 0
 */
record AdminBinding(AdminListener listener, SocketAddress wanted, Channel channel) {
    private static final int HEADER_BYTES_MAX = 8 * 1024;

    /**
     * Binds.
     *
     * @param key the configuration's key that says where, for messages
     * @throws Fatal UNAVAILABLE when another process has the address, NO_PERMISSION
     */
    static AdminBinding bind(
            EventLoopGroup loop,
            Class<? extends ServerChannel> type,
            AdminListener listener,
            SocketAddress address,
            String key) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(type)
                .option(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, 16 * 1024))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        accept(child, listener);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw refused(address, key, bound.cause());
        }
        return new AdminBinding(listener, address, bound.channel());
    }

    private static void accept(Channel child, AdminListener listener) {
        AdminCredentials credentials = listener.credentials();
        if (credentials != null) {
            SslHandler tls = credentials.tls().newHandler(child.alloc());
            tls.setHandshakeTimeoutMillis(listener.limits.readTimeoutMs());
            child.pipeline().addLast(tls);
        }
        child.pipeline()
                .addLast(new HttpServerCodec(new HttpDecoderConfig().setMaxHeaderSize(HEADER_BYTES_MAX)))
                .addLast(new AdminConnection(listener));
    }

    /** The address it is bound to. */
    SocketAddress bound() {
        return channel.localAddress();
    }

    /** Listens no more. Answers under way go on to their end, if they have one. */
    void close() {
        channel.close().awaitUninterruptibly();
        listener.endStreams();
    }

    private static Fatal refused(SocketAddress address, String key, Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        if (reason.contains("Permission denied")) {
            return new Fatal(
                    ExitCode.NO_PERMISSION,
                    "admin: cannot listen on " + address + ": permission denied; run as root, or choose another one",
                    cause);
        }
        return new Fatal(
                ExitCode.UNAVAILABLE,
                "admin: cannot listen on " + address + ": " + reason + "; see who does (ss -ltnp), or choose another "
                        + key,
                cause);
    }
}
