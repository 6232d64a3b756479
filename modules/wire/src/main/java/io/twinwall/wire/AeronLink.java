/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CncFileDescriptor;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.exceptions.ConfigurationException;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.protocol.DataHeaderFlyweight;
import io.twinwall.base.BugError;
import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.SparseFile;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * {@link Link} over Aeron: one stream each way over UDP, the driver embedded and driven, like the client, by the one
 * thread that calls {@link #doWork}. There is no other thread: an idle link costs two reads of empty sockets a cycle.
 *
 * <p>It keeps itself up. When it cannot be opened (the address is not there yet, the port is taken) or its driver or
 * client gave up, it is closed and opened again, at most once a second; meanwhile {@link #offer} says CLOSED. The reason
 * is in the log once, and in the counters.
 */
public final class AeronLink implements Link {
    private static final Logger LOG = System.getLogger(AeronLink.class.getName());
    /** Of a full packet of the stream, without the headers of UDP and IP. */
    public static final int MTU_BYTES = 1408;

    /** Half of it is the sender's window: 70 ms of 300,000 new flows a second. */
    private static final int TERM_BYTES = 1 << 20;
    /**
     * Received frames wait in the socket until the next cycle; so much of them the peer may have under way, or less where
     * the kernel grants the socket less.
     */
    public static final int WINDOW_BYTES = 256 << 10;

    /** What each socket is asked to hold; the kernel grants {@code net.core.rmem_max} and {@code wmem_max} at most. */
    public static final int SOCKET_BYTES = 1 << 20;
    /**
     * A stall or outage shorter than this costs nothing; a longer one costs the frames under way and, as the driver lets
     * a dead image cool down for as long again, up to this much more silence. A restarted peer is a new image, which
     * waits for nothing.
     */
    private static final long IMAGE_LIVENESS_NS = TimeUnit.SECONDS.toNanos(2);

    private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(1);
    /**
     * Driver and client live and die together, on one thread, so neither has to find out that the other is gone: their
     * timeouts only have to outlast the longest stall of the machine.
     */
    private static final long NEVER_NS = TimeUnit.MINUTES.toNanos(10);

    private static final long LOG_AGAIN_NS = TimeUnit.SECONDS.toNanos(10);
    /** Bounds a cycle: at 5 to 10 us a datagram, half a millisecond. */
    private static final int DRIVER_RUNS_MAX = 64;

    private static final long REOPEN_NS = TimeUnit.SECONDS.toNanos(1);

    private final AeronLinkConfig config;
    private final NanoClock clock;
    private final LinkCounters counters;
    private final IntConsumer sockets;
    private final FragmentHandler fragments = (buffer, offset, length, header) -> onFragment(buffer, offset, length);
    private MediaDriver driver;
    private AgentInvoker driverInvoker;
    private Aeron aeron;
    private AgentInvoker clientInvoker;
    private ExclusivePublication publication;
    private Subscription subscription;
    private FrameHandler handler;
    private long openAtNs;
    private Counter loggedReason;
    private long loggedNs;
    private boolean open;
    private boolean closed;

    /**
     * Opens the link; when that fails it will try again, see above.
     *
     * @param sockets hears of each descriptor on which something may come
     */
    public AeronLink(AeronLinkConfig config, NanoClock clock, LinkCounters counters, IntConsumer sockets) {
        this.config = config;
        this.clock = clock;
        this.counters = counters;
        this.sockets = sockets;
        tryOpen();
    }

    private void tryOpen() {
        try {
            open();
            open = true;
            counters.opened.increment();
        } catch (ConfigurationException e) {
            closeAll();
            throw new BugError("the link's own settings are wrong", e);
        } catch (RuntimeException | IOException e) {
            counters.openFailures.increment();
            onError(e);
            closeAll();
            openAtNs = clock.nanoTime() + REOPEN_NS;
        }
    }

    private void open() throws IOException {
        tryAddresses();
        driver = MediaDriver.launch(driverContext());
        driverInvoker = driver.sharedAgentInvoker();
        aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(config.directory().toString())
                .useConductorAgentInvoker(true)
                .driverAgentInvoker(driverInvoker)
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(NEVER_NS))
                .idleStrategy(NoOpIdleStrategy.INSTANCE)
                .errorHandler(this::onError)
                .subscriberErrorHandler(AeronLink::rethrow));
        clientInvoker = aeron.conductorAgentInvoker();
        // The driver fills its 11 MB for counters and commands with zeros, of which a link needs some pages.
        SparseFile.giveZerosBack(config.directory().resolve(CncFileDescriptor.CNC_FILE));
        subscription = aeron.addSubscription(channel(config.local()), config.streamId());
        publication = aeron.addExclusivePublication(channel(config.peer()), config.streamId());
    }

    /**
     * Throws when the addresses cannot be used now. To start and end a driver for nothing takes tens of milliseconds, each
     * second, of the thread that another link beside this one needs.
     */
    private void tryAddresses() throws IOException {
        try (DatagramChannel receiver = DatagramChannel.open();
                DatagramChannel sender = DatagramChannel.open()) {
            receiver.bind(address(config.local()));
            sender.connect(address(config.peer()));
        }
    }

    private static InetSocketAddress address(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
    }

    private MediaDriver.Context driverContext() throws IOException {
        int socketBytes = socketBytes();
        return new MediaDriver.Context()
                .aeronDirectoryName(config.directory().toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .warnIfDirectoryExists(false)
                .threadingMode(ThreadingMode.INVOKER)
                .asyncExecutorEnabled(false)
                .counterValuesBufferLength(1 << 20)
                .termBufferSparseFile(true)
                .publicationTermBufferLength(TERM_BYTES)
                .lowStorageWarningThreshold(0)
                .mtuLength(MTU_BYTES)
                .socketSndbufLength(socketBytes)
                .socketRcvbufLength(socketBytes)
                .initialWindowLength(Math.min(WINDOW_BYTES, socketBytes))
                .imageLivenessTimeoutNs(IMAGE_LIVENESS_NS)
                .publicationConnectionTimeoutNs(config.connectionTimeoutNs())
                .statusMessageTimeoutNs(config.statusEveryNs())
                .publicationLingerTimeoutNs(LINGER_NS)
                .clientLivenessTimeoutNs(NEVER_NS)
                .publicationUnblockTimeoutNs(2 * NEVER_NS)
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(NEVER_NS))
                .receiveChannelEndpointSupplier(this::receiver)
                .sendChannelEndpointSupplier(this::sender)
                .errorHandler(this::onError);
    }

    private ReceiveChannelEndpoint receiver(
            UdpChannel channel, DataPacketDispatcher dispatcher, AtomicCounter status, MediaDriver.Context context) {
        return new ReceiveChannelEndpoint(channel, dispatcher, status, context) {
            @Override
            public void openDatagramChannel(AtomicCounter indicator) {
                super.openDatagramChannel(indicator);
                sockets.accept(ChannelDescriptor.of(receiveDatagramChannel));
            }
        };
    }

    private SendChannelEndpoint sender(UdpChannel channel, AtomicCounter status, MediaDriver.Context context) {
        return new SendChannelEndpoint(channel, status, context) {
            @Override
            public void openDatagramChannel(AtomicCounter indicator) {
                super.openDatagramChannel(indicator);
                sockets.accept(ChannelDescriptor.of(receiveDatagramChannel));
            }
        };
    }

    /** What the kernel lets a socket have; asking the driver for more makes it complain on stderr. */
    private static int socketBytes() throws IOException {
        try (DatagramChannel probe = DatagramChannel.open()) {
            // Where descriptors cannot be had, the program is to end with the reason: Aeron would only wait.
            ChannelDescriptor.of(probe);
            probe.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BYTES);
            probe.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BYTES);
            return Math.min(
                    probe.getOption(StandardSocketOptions.SO_RCVBUF), probe.getOption(StandardSocketOptions.SO_SNDBUF));
        }
    }

    private static String channel(String endpoint) {
        return new ChannelUriStringBuilder().media("udp").endpoint(endpoint).build();
    }

    /** All errors are counted; the log gets one of each reason, and not more often than each ten seconds. */
    private void onError(Throwable error) {
        Counter reason = counters.countError(error);
        long nowNs = clock.nanoTime();
        if (reason != loggedReason || nowNs - loggedNs >= LOG_AGAIN_NS) {
            loggedReason = reason;
            loggedNs = nowNs;
            String what = error.getClass().getSimpleName() + ": " + error.getMessage();
            LOG.log(Level.WARNING, "link to {0}: {1}", config.peer(), what);
        }
    }

    private static void rethrow(Throwable error) {
        if (error instanceof Error bug) {
            throw bug;
        }
        throw new BugError("a frame handler threw", error);
    }

    @Override
    public int doWork() {
        if (closed) {
            return 0;
        }
        if (!open) {
            if (clock.nanoTime() - openAtNs >= 0) {
                tryOpen();
            }
            return 0;
        }
        int work = runDriver() + clientInvoker.invoke();
        if (aeron.isClosed() || !driverInvoker.isRunning()) {
            closeAll();
            openAtNs = clock.nanoTime() + REOPEN_NS;
        }
        return work;
    }

    /** The driver sends and receives one datagram at a time; a cycle of ours should move what is there. */
    private int runDriver() {
        int work = 0;
        int idleRuns = 0;
        // What one run finds lost the next asks for, without that the first counts it as work: hence two.
        for (int i = 0; i < DRIVER_RUNS_MAX && idleRuns < (work > 0 ? 2 : 1); i++) {
            int done = driverInvoker.invoke();
            work += done;
            idleRuns = done > 0 ? 0 : idleRuns + 1;
        }
        return work;
    }

    @Override
    public long offer(DirectBuffer frame, int offset, int length) {
        if (!open) {
            return CLOSED;
        }
        long result = publication.offer(frame, offset, length);
        if (result > 0) {
            return result;
        }
        if (result == Publication.NOT_CONNECTED) {
            return NOT_CONNECTED;
        }
        if (result == Publication.BACK_PRESSURED || result == Publication.ADMIN_ACTION) {
            counters.backPressured.increment();
            return BACK_PRESSURED;
        }
        closeAll(); // CLOSED, or the last position of the stream reached, after 2^51 bytes: begin anew
        openAtNs = clock.nanoTime();
        return CLOSED;
    }

    @Override
    public int poll(FrameHandler frameHandler, int limit) {
        if (!open) {
            return 0;
        }
        handler = frameHandler;
        return subscription.poll(fragments, limit);
    }

    private void onFragment(DirectBuffer buffer, int offset, int length) {
        handler.onFrame(buffer, offset, length);
    }

    @Override
    public boolean connected() {
        return open && publication.isConnected();
    }

    @Override
    public int frameBytesMax() {
        return MTU_BYTES - DataHeaderFlyweight.HEADER_LENGTH;
    }

    private void closeAll() {
        open = false;
        CloseHelper.quietCloseAll(publication, subscription, aeron, driver);
        publication = null;
        subscription = null;
        aeron = null;
        driver = null;
    }

    @Override
    public void close() {
        Check.that(!closed, "closed twice");
        closed = true;
        closeAll();
    }
}
