/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One connection, which carries one request and its answer and is then closed: nothing to pipeline, no idle client to
 * guard. On the admin thread. Holds at most {@link AdminConfig#bodyBytesMax()} of a body; what arrives beyond that is
 * read and dropped for {@link #LINGER_MS}, so that the client sees the answer and not a reset connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends in channelInactive, which cleans up
final class AdminConnection extends SimpleChannelInboundHandler<Object> {
    private static final long LINGER_MS = 1_000;

    private enum State {
        READING,
        WAITING,
        ANSWERED
    }

    private final AdminListener listener;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private State state = State.READING;
    private HttpRequest head;
    private boolean readAll;
    private ScheduledFuture<?> deadline;

    AdminConnection(AdminListener listener) {
        this.listener = listener;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        listener.connectionsOpen++;
        if (listener.connectionsOpen > listener.config.connectionsMax()) {
            listener.tally.crowded().increment();
            refuse(ctx, 503, "too many connections");
        } else {
            startDeadline(ctx, listener.config.readTimeoutMs());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        listener.connectionsOpen--;
        state = State.ANSWERED;
        stopDeadline();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Object message) {
        if (state != State.READING) {
            return;
        }
        if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
            listener.tally.malformed().increment();
            refuseMalformed(ctx, object.decoderResult().cause());
            return;
        }
        if (message instanceof HttpRequest request) {
            onHead(ctx, request);
        }
        if (message instanceof HttpContent content && state == State.READING) {
            onContent(ctx, content);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
        if (cause instanceof Error) {
            // A bug, or no memory: the program's outermost frame decides, not the pipeline.
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, cause);
        }
    }

    private void onHead(ChannelHandlerContext ctx, HttpRequest request) {
        head = request;
        if (HttpUtil.getContentLength(request, 0L) > listener.config.bodyBytesMax()) {
            refuseTooLarge(ctx);
        } else if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    private void onContent(ChannelHandlerContext ctx, HttpContent content) {
        ByteBuf bytes = content.content();
        if (body.size() + bytes.readableBytes() > listener.config.bodyBytesMax()) {
            refuseTooLarge(ctx);
            return;
        }
        try {
            bytes.readBytes(body, bytes.readableBytes());
        } catch (IOException e) {
            throw new IllegalStateException("a byte array refused bytes", e);
        }
        if (content instanceof LastHttpContent) {
            readAll = true;
            dispatch(ctx);
        }
    }

    private void dispatch(ChannelHandlerContext ctx) {
        state = State.WAITING;
        startDeadline(ctx, listener.config.answerTimeoutMs());
        CompletableFuture<AdminResponse> answer;
        try {
            answer = listener.routes.answer(request());
        } catch (IllegalArgumentException e) {
            refuse(ctx, 400, "malformed path or query");
            return;
        }
        answer.whenComplete((response, thrown) -> {
            if (ctx.executor().inEventLoop()) {
                answer(ctx, response);
            } else {
                ctx.executor().execute(() -> answer(ctx, response));
            }
        });
    }

    private AdminRequest request() {
        QueryStringDecoder uri = new QueryStringDecoder(head.uri());
        Map<String, String> query = new HashMap<>();
        uri.parameters().forEach((name, values) -> query.put(name, values.getLast()));
        return new AdminRequest(head.method().name(), uri.path(), query, body.toByteArray());
    }

    private void refuseMalformed(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            refuse(ctx, 414, "request line too long");
        } else if (cause instanceof TooLongHttpHeaderException) {
            refuse(ctx, 431, "headers too long");
        } else {
            refuse(ctx, 400, "not an HTTP request");
        }
    }

    private void refuseTooLarge(ChannelHandlerContext ctx) {
        listener.tally.malformed().increment();
        refuse(ctx, 413, "body longer than " + listener.config.bodyBytesMax() + " bytes");
    }

    private void refuse(ChannelHandlerContext ctx, int status, String reason) {
        answer(ctx, AdminResponse.problem(status, reason));
    }

    private void answer(ChannelHandlerContext ctx, AdminResponse answer) {
        if (state == State.ANSWERED) {
            return;
        }
        state = State.ANSWERED;
        startDeadline(ctx, listener.config.answerTimeoutMs());
        listener.tally.requests().increment();
        if (answer.status() >= 400) {
            listener.tally.refused().increment();
        }
        ctx.writeAndFlush(encoded(answer)).addListener(written -> finish(ctx));
    }

    private FullHttpResponse encoded(AdminResponse answer) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (answer.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code() && head != null) {
            response.headers()
                    .set(HttpHeaderNames.ALLOW, listener.routes.allowed(new QueryStringDecoder(head.uri()).path()));
        }
        return response;
    }

    private void finish(ChannelHandlerContext ctx) {
        if (readAll || !ctx.channel().isActive()) {
            ctx.close();
            return;
        }
        ctx.pipeline().remove(HttpServerCodec.class);
        startDeadline(ctx, LINGER_MS);
        ((DuplexChannel) ctx.channel()).shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private void startDeadline(ChannelHandlerContext ctx, long ms) {
        stopDeadline();
        deadline = ctx.executor().schedule(() -> onDeadline(ctx), ms, TimeUnit.MILLISECONDS);
    }

    private void stopDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void onDeadline(ChannelHandlerContext ctx) {
        switch (state) {
            case READING -> {
                listener.tally.slow().increment();
                refuse(ctx, 408, "no whole request within " + listener.config.readTimeoutMs() + " ms");
            }
            case WAITING -> {
                listener.tally.slow().increment();
                refuse(ctx, 503, "no answer within " + listener.config.answerTimeoutMs() + " ms");
            }
            case ANSWERED -> ctx.close();
        }
    }
}
