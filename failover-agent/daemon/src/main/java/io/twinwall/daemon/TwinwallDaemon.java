/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.addresses.Announcer;
import io.twinwall.addresses.Vip;
import io.twinwall.addresses.Vips;
import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.base.BugError;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.ConntrackKernel;
import io.twinwall.conntracksync.PollingIdle;
import io.twinwall.conntracksync.SyncAgent;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncConfig;
import io.twinwall.linux.AnonymousMapping;
import io.twinwall.nftbridge.LeaseConfig;
import io.twinwall.protocol.Counts;
import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.wire.AeronLink;
import io.twinwall.wire.AeronLinkConfig;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.LinkCounters;
import io.twinwall.wire.LinkIdentity;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.AgentRunner;

/**
 * The composition root of the running agent: makes every part, gives each its thread, and takes them down in order. The
 * threads: role (heartbeats, roles, lease, addresses), sync (table, conntrack, link), admin (Netty), housekeeping (disk,
 * the list of own addresses).
 */
final class TwinwallDaemon implements Daemon {
    private static final Logger LOG = System.getLogger("twinwall");
    private static final long OWN_ADDRESSES_EVERY_S = 10;
    private static final long STOP_WAIT_MS = 5_000;

    /** 128 and the number of SIGTERM. */
    private static final int STOP_FAILED = 143;

    /** A list of flows is made whole in a small heap, one at a time. */
    private static final int FLOWS_PAGE_MAX = 10_000;

    private final NanoClock clock = NanoClock.SYSTEM;
    private final Counters counters = new Counters();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean listing = new AtomicBoolean();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stoppedDown = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AnonymousMapping memory = new AnonymousMapping();

    @Override
    public ExitCode run(Config given, Path file) {
        Config config = VipInterfaces.chosen(given);
        Path directory = makeDirectory(config.runtime().directory());
        LinkIdentity identity = new LinkIdentity(
                config.cluster().id(), config.node().id(), config.peer().id());
        ClusterKey key = ClusterKey.read(config.cluster().keyFile());
        ScheduledExecutorService housekeeping =
                Executors.newSingleThreadScheduledExecutor(task -> daemonThread(task, "twinwall-housekeeping"));

        HeartbeatPaths paths = new HeartbeatPaths(config.paths(), counters);
        PeerSession session = new PeerSession(identity, key, config.node().priority(), counters);
        Vips vips = Vips.open(vipsOf(config));
        Announcer announcer = Announcer.open(vipsOf(config));
        Gate gate = gate(config);
        HookRunner hooks = new HookRunner(
                config.hooks(), config.node().name(), config.peer().name(), counters, clock);
        RoleJournal journal = new RoleJournal(counters, clock, hooks::onTransition);
        AtomicReference<RoleAgent> roles = new AtomicReference<>();
        Optional<SyncAgent> sync = syncAgent(config, key, directory, roles);
        StateFile terms = new StateFile(
                config.state().directory(),
                housekeeping,
                (what, token, problem) -> roles.get()
                        .post(new RoleEvent.EffectDone(
                                token,
                                switch (what) {
                                    case TERM -> EffectKind.PERSIST_TERM;
                                    case MAINTENANCE -> EffectKind.PERSIST_MAINTENANCE;
                                },
                                problem.isEmpty(),
                                problem,
                                Counts.NONE)));
        EffectExecutor executor = new EffectExecutor(
                paths, session, gate, vips, announcer, sync.map(agent -> agent::offer), terms, journal, clock);
        RoleAgent roleAgent = new RoleAgent(
                roleConfig(config),
                paths,
                session,
                executor,
                sync.<EffectExecutor.SyncPort>map(agent -> agent::offer).orElse(command -> true),
                clock);
        roles.set(roleAgent);

        Reload reload = new Reload(
                () -> ConfigFile.check(file),
                VipInterfaces::chosen,
                config,
                (parts, next) -> {
                    if (!parts.equals(Set.of(ConfigChange.Part.HOOK))) {
                        return "only hooks can be changed at run time";
                    }
                    hooks.configure(next.hooks());
                    return "";
                },
                counters);
        StatusPage status = new StatusPage(
                reload::current, roleAgent, journal, sources(hooks), gate, vips, counters, clock);
        RoleRoutes routes = new RoleRoutes(
                roleAgent::post,
                action -> RoleProtocol.precheck(roleAgent.state(), clock.nanoTime(), roleAgent.config(), action),
                journal,
                reload::reload,
                housekeeping);
        AdminServer admin = admin(config, status, routes, sync);
        admin.start();
        Optional<Future<?>> ownAddresses =
                sync.map(agent -> follow(new OwnAddresses(vipAddresses(config), agent), housekeeping));
        Optional<AgentRunner> syncRunner =
                sync.map(agent -> new AgentRunner(new PollingIdle(), this::fail, null, agent));
        syncRunner.ifPresent(runner -> AgentRunner.startOnThread(runner, task -> daemonThread(task, "twinwall-sync")));
        gate.prepareIfAbsent();
        roleAgent.post(new RoleEvent.Started(terms.load().term(), false));
        Thread roleThread = daemonThread(() -> runRoles(roleAgent), "twinwall-role");
        Thread hook = new Thread(() -> stop(roleAgent), "twinwall-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        for (String signal : List.of("TERM", "INT")) {
            Signals.handle(signal, () -> stopOrderly(roleAgent));
        }
        Signals.handle("HUP", () -> housekeeping.execute(reload::reload));
        roleThread.start();
        LOG.log(
                Level.INFO,
                "{0} runs; cluster {1}, peer {2}",
                config.node().name(),
                config.cluster().id(),
                config.peer().name());

        awaitEnd();
        admin.close();
        syncRunner.ifPresent(AgentRunner::close);
        paths.close();
        if (failure.get() == null) {
            gate.remove();
        }
        announcer.close();
        vips.close();
        hooks.close();
        ownAddresses.ifPresent(refreshing -> refreshing.cancel(false));
        housekeeping.shutdown();
        stoppedDown.countDown();
        return exitCode();
    }

    private static Future<?> follow(OwnAddresses own, ScheduledExecutorService housekeeping) {
        own.refresh();
        return housekeeping.scheduleWithFixedDelay(
                own::refresh, OWN_ADDRESSES_EVERY_S, OWN_ADDRESSES_EVERY_S, TimeUnit.SECONDS);
    }

    private void runRoles(RoleAgent roleAgent) {
        try {
            roleAgent.run();
            ended.countDown();
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** An agent cannot go on: the program ends, the lease runs out by itself, and the peer takes over. */
    private void fail(Throwable cause) {
        if (failure.compareAndSet(null, cause)) {
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
    private void stopOrderly(RoleAgent roleAgent) {
        if (!stop(roleAgent)) {
            Runtime.getRuntime().halt(STOP_FAILED);
        }
    }

    /** Hands over and gives up everything, within bounds; false when that took too long. */
    private boolean stop(RoleAgent roleAgent) {
        if (ended.getCount() > 0 && stopping.compareAndSet(false, true)) {
            roleAgent.post(new RoleEvent.StopAsked());
        }
        try {
            if (stoppedDown.await(STOP_WAIT_MS, TimeUnit.MILLISECONDS)) {
                return true;
            }
            LOG.log(Level.WARNING, "did not stop in order within {0} ms", STOP_WAIT_MS);
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

    private Optional<SyncAgent> syncAgent(
            Config config, ClusterKey key, Path directory, AtomicReference<RoleAgent> roles) {
        Config.Sync sync = config.sync();
        if (!sync.enabled()) {
            return Optional.empty();
        }
        AeronLink link = new AeronLink(
                new AeronLinkConfig(
                        directory.resolve("aeron"),
                        endpoint(sync.local()),
                        endpoint(sync.peer()),
                        config.cluster().id()),
                clock,
                new LinkCounters(counters));
        return Optional.of(new SyncAgent(
                new SyncConfig(
                        sync.flowsMax(),
                        SyncConfig.DEFAULT_BUCKET_BITS,
                        key.tableHashSeed(config.cluster().id())),
                ConntrackKernel.real(sync.eventBufferMb() << 20),
                link,
                memory,
                clock,
                counters,
                report -> roles.get().post(report)));
    }

    private AdminServer admin(
            Config config, StatusPage status, RoleRoutes routes, Optional<SyncAgent> sync) {
        AdminServer server = new AdminServer(
                AdminConfig.of(config.admin().socket(), config.admin().metrics().orElse(null)),
                new AdminMetrics(counters),
                counters);
        return routes.register(server)
                .route("GET", "/v1/status", request -> AdminResponse.ok(status.status()))
                .routeAsync("GET", "/v1/flows", request -> flows(request, sync));
    }

    private static StatusPage.Sources sources(HookRunner hooks) {
        return new StatusPage.Sources() {
            @Override
            public CliStatus.Health health() {
                return null;
            }

            @Override
            public List<CliStatus.Tracker> trackers() {
                return List.of();
            }

            @Override
            public List<CliStatus.Hook> hooks() {
                return hooks.results();
            }
        };
    }

    private CompletableFuture<AdminResponse> flows(AdminRequest request, Optional<SyncAgent> sync) {
        FlowsPage page = new FlowsPage((int) request.number("limit", 100, 1, FLOWS_PAGE_MAX));
        if (sync.isEmpty()) {
            return CompletableFuture.completedFuture(AdminResponse.ok(page.page()));
        }
        if (!listing.compareAndSet(false, true)) {
            return CompletableFuture.completedFuture(AdminResponse.problem(503, "another list of flows is being made"));
        }
        CompletableFuture<Integer> done = new CompletableFuture<>();
        if (!sync.get().offer(new SyncCommand.Visit(page::add, done))) {
            listing.set(false);
            return CompletableFuture.completedFuture(AdminResponse.problem(503, "the sync agent does not keep up"));
        }
        return done.thenApply(visited -> AdminResponse.ok(page.page()))
                .whenComplete((response, problem) -> listing.set(false));
    }

    private Gate gate(Config config) {
        if (config.fence() == Config.Fence.OFF || config.vips().isEmpty()) {
            return Gate.none(counters);
        }
        return Gate.of(
                LeaseConfig.of(
                        config.vips().stream()
                                .map(Config.Vip::interfaceName)
                                .distinct()
                                .toList(),
                        vipAddresses(config),
                        config.timing().leaseMs()),
                counters);
    }

    private static RoleConfig roleConfig(Config config) {
        Config.Timing timing = config.timing();
        return new RoleConfig(
                config.node().id(),
                config.node().name(),
                config.node().role() == Config.Role.MASTER,
                config.node().priority(),
                List.of(new RoleConfig.Peer(config.peer().id(), config.peer().name())),
                config.paths().size(),
                RoleConfig.Timing.of(timing.heartbeatNs(), timing.leaseNs(), timing.deadNs()),
                switch (config.fence()) {
                    case STRICT -> io.twinwall.protocol.Fence.STRICT;
                    case WHEN_PEER_READY -> io.twinwall.protocol.Fence.WHEN_PEER_READY;
                    case OFF -> io.twinwall.protocol.Fence.OFF;
                },
                RoleConfig.Limits.DEFAULT,
                false,
                false,
                RoleConfig.FailBack.NEVER,
                RoleConfig.Flap.DEFAULT);
    }

    private static List<Vip> vipsOf(Config config) {
        return config.vips().stream()
                .map(vip -> new Vip(vip.address(), vip.prefixLength(), vip.interfaceName()))
                .toList();
    }

    private static List<InetAddress> vipAddresses(Config config) {
        return config.vips().stream().map(Config.Vip::address).toList();
    }

    private static String endpoint(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
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

    private static Thread daemonThread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
