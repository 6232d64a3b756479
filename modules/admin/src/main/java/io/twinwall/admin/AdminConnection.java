/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One connection, which carries one request and its answer and is then closed: nothing to pipeline, no idle client to
 * guard; unless the answer is a stream, which ends with its client. On the admin thread. Holds at most {@code
 * bodyBytesMax} of a body; what arrives beyond that is read and dropped for {@link #LINGER_MS}, so that the client sees
 * the answer and not a reset connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends in channelInactive, which cleans up
final class AdminConnection extends SimpleChannelInboundHandler<Object> {
    private static final System.Logger LOG = System.getLogger(AdminConnection.class.getName());
    private static final long LINGER_MS = 1_000;

    private enum State {
        READING,
        WAITING,
        STREAMING,
        ANSWERED
    }

    private final AdminListener listener;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private State state = State.READING;
    private HttpRequest head;
    private boolean readAll;
    private AdminStream stream;
    private ScheduledFuture<?> deadline;
    private long answerByNs;

    AdminConnection(AdminListener listener) {
        this.listener = listener;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        listener.connectionsOpen++;
        if (listener.connectionsOpen > listener.limits.connectionsMax()) {
            listener.tally.crowded().increment();
            // To say so costs a handshake by TLS, and a while of waiting that it was read: not for any number.
            if (listener.credentials() == null && listener.connectionsOpen <= 2 * listener.limits.connectionsMax()) {
                refuse(ctx, 503, "too many connections");
            } else {
                ctx.close();
            }
        } else {
            startDeadline(ctx, listener.limits.readTimeoutMs());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        listener.connectionsOpen--;
        state = State.ANSWERED;
        stopDeadline();
        if (stream != null) {
            stream.leave(ctx);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            listener.tally.handshakesFailed().increment();
        }
        ctx.fireUserEventTriggered(event);
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
        AdminResponse refusal = listener.guard().refusal(request);
        if (refusal != null) {
            tellOfBadTokens(ctx, refusal);
            answer(ctx, refusal);
        } else if (HttpUtil.getContentLength(request, 0L) > listener.limits.bodyBytesMax()) {
            refuseTooLarge(ctx);
        } else if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    private void tellOfBadTokens(ChannelHandlerContext ctx, AdminResponse refusal) {
        if (refusal.status() != HttpResponseStatus.UNAUTHORIZED.code()) {
            return;
        }
        listener.tally.unauthorized().increment();
        // A browser comes without one first.
        if (head.headers().contains(HttpHeaderNames.AUTHORIZATION) && listener.mayTell()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a wrong token from {0}",
                    ctx.channel().remoteAddress());
        }
    }

    private void onContent(ChannelHandlerContext ctx, HttpContent content) {
        ByteBuf bytes = content.content();
        if (body.size() + bytes.readableBytes() > listener.limits.bodyBytesMax()) {
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
        answerByNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(listener.limits.answerTimeoutMs());
        startDeadline(ctx, listener.limits.answerTimeoutMs());
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
        refuse(ctx, 413, "body longer than " + listener.limits.bodyBytesMax() + " bytes");
    }

    private void refuse(ChannelHandlerContext ctx, int status, String reason) {
        answer(ctx, AdminResponse.problem(status, reason));
    }

    private void answer(ChannelHandlerContext ctx, AdminResponse answer) {
        if (state == State.ANSWERED) {
            return;
        }
        if (answer.stream() != null && !answer.stream().hasRoom()) {
            refuse(ctx, 503, "as many clients are told already as may be");
            return;
        }
        if (!listener.outbox.take(answer.body().length)) {
            listener.tally.slow().increment();
            refuse(ctx, 503, "other long answers are under way; ask again, or for less");
            return;
        }
        startDeadline(ctx, leftMs());
        state = State.ANSWERED;
        listener.tally.requests().increment();
        if (answer.status() >= 400) {
            listener.tally.refused().increment();
        }
        if (answer.stream() != null) {
            begin(ctx, answer);
            return;
        }
        ctx.writeAndFlush(encoded(answer)).addListener(written -> {
            listener.outbox.giveBack(answer.body().length);
            finish(ctx);
        });
    }

    /** What is left of the time for the answer, or the least in which one can be read. */
    private long leftMs() {
        return state == State.WAITING
                ? Math.max(LINGER_MS, TimeUnit.NANOSECONDS.toMillis(answerByNs - System.nanoTime()))
                : listener.limits.answerTimeoutMs();
    }

    /** The end of the connection is that of the answer. */
    private void begin(ChannelHandlerContext ctx, AdminResponse answer) {
        stopDeadline();
        state = State.STREAMING;
        HttpResponse begun = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()));
        headers(begun.headers(), answer);
        ctx.write(begun);
        listener.streaming(ctx.channel());
        stream = answer.stream();
        stream.join(ctx);
    }

    private FullHttpResponse encoded(AdminResponse answer) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body()));
        headers(response.headers(), answer);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (answer.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code() && head != null) {
            response.headers()
                    .set(HttpHeaderNames.ALLOW, listener.routes.allowed(new QueryStringDecoder(head.uri()).path()));
        }
        return response;
    }

    private static void headers(HttpHeaders headers, AdminResponse answer) {
        headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set("X-Content-Type-Options", "nosniff")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        answer.headers().forEach(headers::set);
    }

    private void finish(ChannelHandlerContext ctx) {
        if (readAll || !ctx.channel().isActive()) {
            ctx.close();
            return;
        }
        ctx.pipeline().remove(HttpServerCodec.class);
        startDeadline(ctx, LINGER_MS);
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        }
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
                refuse(ctx, 408, "no whole request within " + listener.limits.readTimeoutMs() + " ms");
            }
            case WAITING -> {
                listener.tally.slow().increment();
                refuse(ctx, 503, "no answer within " + listener.limits.answerTimeoutMs() + " ms");
            }
            case STREAMING -> {
                // It ends with its client.
            }
            case ANSWERED -> ctx.close();
        }
    }
}
