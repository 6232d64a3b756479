/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.alerts.Origin;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.ConntrackKernel;
import io.twinwall.conntracksync.FlowRule;
import io.twinwall.conntracksync.FlowRules;
import io.twinwall.conntracksync.PollingIdle;
import io.twinwall.conntracksync.SyncAgent;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncConfig;
import io.twinwall.journal.Evidence;
import io.twinwall.linux.AnonymousMapping;
import io.twinwall.linux.WaitSet;
import io.twinwall.nftbridge.LeaseConfig;
import io.twinwall.protocol.Counts;
import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import io.twinwall.wire.AeronLink;
import io.twinwall.wire.AeronLinkConfig;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.FrameSealer;
import io.twinwall.wire.LinkCounters;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.PathsLink;
import io.twinwall.wire.SideChannel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SystemEpochClock;

/**
 * The composition root: every part of a running node, made in order, each given its thread, and taken down in order. The
 * threads: role (heartbeats, roles, lease, takeovers' addresses), sync (table, conntrack, link), trackers, admin (Netty),
 * addresses (prolonging them, and looking for them), hooks, sets (when some are mirrored), alerts (when there are some), the journal, and
 * housekeeping (disk, the list of own addresses, reloads).
 */
final class Node {
    private static final Logger LOG = System.getLogger("twinwall");
    private static final long OWN_ADDRESSES_EVERY_S = 10;

    /** What the first minutes leave in small pieces is locked until it is given back. */
    private static final long TRIM_EVERY_S = 60;

    private static final long FEED_EVERY_MS = 1_000;
    private static final long REPORT_EVERY_S = 1;

    /** The protocol's own limits of a handover make half of it, the parts that are closed the rest. */
    private static final long STOP_LIMIT_MS = 10_000;

    private static final long ROLE_END_MS = 1_000;
    private static final long PART_END_MS = 2_000;
    private static final long HOUSEKEEPING_END_MS = 2_000;

    private final NanoClock clock = NanoClock.SYSTEM;
    private final Counters counters;
    private final AnonymousMapping memory = new AnonymousMapping();
    /** Never closed: a late answer to an operator may still wake the thread that has ended. */
    private final WaitSet syncWaits = new WaitSet();

    private final ScheduledExecutorService housekeeping =
            Executors.newSingleThreadScheduledExecutor(task -> daemonThread(task, "twinwall-housekeeping"));
    private final RealTime realTime;

    private final Config started;
    private final Consumer<Throwable> failed;
    private final Gate gate;
    private final Presence presence;
    private final AddressKeeper addresses;
    private final HeartbeatPaths paths;
    private final KeyKeeper keys;
    private final HookRunner hooks;
    private final Alerting alerts;
    private final JournalKeeper history;
    private final RoleJournal journal;
    private final Optional<PathsLink> syncPaths;
    private final Optional<SyncAgent> sync;
    private Optional<SetMirrors> sets = Optional.empty();
    private final StateFile stateFile;
    private final RoleAgent roles;
    private final Watchers watchers;
    private final Reload reload;
    private final PairLikeness likeness = new PairLikeness(Cli.version(), SystemEpochClock.INSTANCE);
    private final PeerReports reports;
    private final StatusPage status;
    private final AdminServer admin;
    private final Thread roleThread = daemonThread(this::runRoles, "twinwall-role");
    private final List<Future<?>> chores = new ArrayList<>();
    private Optional<AgentRunner> syncRunner = Optional.empty();
    private volatile Optional<Pulse> syncPulse = Optional.empty();
    private final NodeHealth health;
    private String reportFailure = "";
    private WebFeed feed;
    private volatile Optional<Future<?>> feeding = Optional.empty();

    /**
     * @param file where {@code config} came from, and is read again on a reload
     * @param failed hears, from any thread, of a part that cannot go on
     */
    Node(Config config, Path file, Path directory, Counters counters, Consumer<Throwable> failed) {
        this.started = config;
        this.counters = counters;
        realTime = new RealTime(counters);
        this.failed = cause -> failed(cause, failed);
        LinkIdentity identity = new LinkIdentity(
                config.cluster().id(), config.node().id(), config.peer().id());
        ClusterKey key = ClusterKey.read(config.cluster().keyFile());
        gate = gate(config);
        presence = new Presence(config, counters);
        addresses = AddressKeeper.of(presence);
        paths = new HeartbeatPaths(RoleConfigs.paths(config), fds(gate.fds(), presence.fds()), counters, clock);
        keys = new KeyKeeper(config.cluster().keyFile(), key, identity, housekeeping, counters);
        reports = new PeerReports(identity, keys::key, counters);
        PeerSession session = new PeerSession(identity, keys, this::priority, likeness, reports, counters);
        hooks = new HookRunner(
                config.hooks(), config.node().name(), config.peer().name(), counters, clock);
        history = new JournalKeeper(config.journal(), clock, SystemEpochClock.INSTANCE, counters);
        alerts = new Alerting(config, this::origin, counters, clock);
        journal = new RoleJournal(counters, clock, hooks::onTransition, alerts, Optional.of(history));
        syncPaths = syncPaths(config, directory);
        syncPaths.ifPresent(link -> link.alarms(text -> history.alarm(AlarmHelp.SYNC_PATH_LOST, text)));
        sync = syncAgent(config, key);
        stateFile = new StateFile(config.state().directory(), housekeeping, this::stored);
        EffectExecutor executor = new EffectExecutor(
                paths,
                session,
                gate,
                presence,
                addresses,
                hooks,
                sync.map(agent -> this::tellSync),
                stateFile,
                journal,
                this::askReach,
                this::post,
                clock);
        roles = new RoleAgent(
                RoleConfigs.of(config),
                paths,
                session,
                executor,
                sync.<EffectExecutor.SyncPort>map(agent -> this::tellSync).orElse(command -> true),
                new Witness(
                        config.paths().stream().map(Config.HeartbeatPath::name).toList(), this::trackerEvidence),
                clock);
        watchers = new Watchers(config, this::post, this::priority, clock, counters);
        reload = new Reload(() -> ConfigFile.check(file), VipInterfaces::chosen, config, this::apply, counters);
        health = new NodeHealth(roleThread::isAlive, roles::beatNs, roles::state, () -> syncPulse, clock);
        status = new StatusPage(
                reload::current,
                roles,
                journal,
                new StatusSources(watchers, hooks, paths, keys, syncPaths, sets, alerts, history, likeness, reports),
                gate,
                addresses::held,
                counters,
                clock);
        admin = admin(config);
    }

    /** {@code cause} null: a part ended in order. */
    private void failed(Throwable cause, Consumer<Throwable> next) {
        if (cause != null) {
            health.failed(cause);
        }
        next.accept(cause);
    }

    /**
     * Starts every part, and throws what keeps one from it. The kernel is then as it was: closed tables without an agent
     * would drop all that the host forwards.
     */
    void start() {
        try {
            startParts();
        } catch (RuntimeException | Error e) {
            gate.undo();
            stopParts();
            throw e;
        }
    }

    private void startParts() {
        history.started(started);
        admin.start();
        sync.ifPresent(this::startSync);
        sets.ifPresent(SetMirrors::start);
        StateFile.Stored stored = stateFile.load();
        Rehearsal.run(roles.config(), presence);
        every(TRIM_EVERY_S, TRIM_EVERY_S, realTime::trim);
        every(REPORT_EVERY_S, REPORT_EVERY_S, this::tellPeer);
        web(started.web().enabled());
        housekeeping.execute(() -> likeness.configured(started));
        alerts.start(roles, reload::current, journal, history, syncPaths, likeness, counters);
        gate.prepareIfAbsent();
        post(new RoleEvent.Started(stored.term(), stored.maintenance(), gate.leftOpen()));
        roleThread.start();
    }

    private void tellPeer() {
        try {
            reports.tell(status.report(), clock.nanoTime());
            reportFailure = "";
        } catch (RuntimeException | Error e) {
            // Else the executor would keep it to itself, and never call again.
            if (!e.toString().equals(reportFailure)) {
                reportFailure = e.toString();
                LOG.log(Level.WARNING, "the peer could not be told of this node's status", e);
            }
        }
    }

    /** Whether there is a page for browsers; on the housekeeping thread, or before it has anything to do. */
    private void web(boolean enabled) {
        feeding.ifPresent(chore -> chore.cancel(false));
        if (!enabled) {
            feed.end();
        }
        feeding = enabled
                ? Optional.of(housekeeping.scheduleWithFixedDelay(feed, 0, FEED_EVERY_MS, TimeUnit.MILLISECONDS))
                : Optional.empty();
    }

    private boolean select(Config wanted) {
        List<FlowRule> rules = wanted.sync().filters();
        return tellSync(new SyncCommand.Select(FlowRules.of(rules, SystemEpochClock.INSTANCE)));
    }

    private void startSync(SyncAgent agent) {
        history.deltas().ifPresent(sink -> agent.record(sink, SystemEpochClock.INSTANCE));
        select(started);
        OwnAddresses own = new OwnAddresses(Presence.addressesOf(started), agent);
        own.refresh();
        every(OWN_ADDRESSES_EVERY_S, OWN_ADDRESSES_EVERY_S, own::refresh);
        Pulse pulse = new Pulse(agent, clock);
        syncPulse = Optional.of(pulse);
        AgentRunner runner = new AgentRunner(new PollingIdle(syncWaits, agent::gatherNs), failed::accept, null, pulse);
        syncRunner = Optional.of(runner);
        AgentRunner.startOnThread(runner, task -> daemonThread(task, "twinwall-sync"));
    }

    /** Wakes the sync agent: resting, it would look for up to some milliseconds later, which a takeover would wait. */
    private boolean tellSync(SyncCommand command) {
        boolean taken = sync.orElseThrow().offer(command);
        syncWaits.wake();
        return taken;
    }

    private void every(long firstS, long thenS, Runnable task) {
        chores.add(housekeeping.scheduleWithFixedDelay(task, firstS, thenS, TimeUnit.SECONDS));
    }

    private void runRoles() {
        try {
            realTime.begin();
            roles.run();
            failed.accept(null);
        } catch (Throwable e) {
            failed.accept(e);
        }
    }

    private List<Evidence.Tracker> trackerEvidence() {
        return watchers.evidence();
    }

    private void askReach() {
        watchers.ask();
    }

    /** Something happened that the role protocol is to know. Any thread. */
    void post(RoleEvent event) {
        roles.post(event);
    }

    /** Reads the configuration again, on the housekeeping thread; nothing once the program ends. */
    void reload() {
        try {
            housekeeping.execute(this::reloadNow);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.INFO, "not reloaded, because the program ends");
        }
    }

    private void reloadNow() {
        try {
            reloadAll();
        } catch (RuntimeException | Error e) {
            // Else the executor would keep it to itself.
            LOG.log(Level.ERROR, "the reload failed", e);
        }
    }

    /** The configuration; and the cluster key and what remote admin is made of, which may have been changed by hand. */
    private CliReload.Answer reloadAll() {
        CliReload.Answer answer = CliReload.withRemote(CliReload.with(reload.reload(), keys.reload()), admin.renew());
        likeness.configured(reload.current());
        return answer;
    }

    /** How long an orderly stop may take: handing over, for which the peer runs its hooks, and {@link #stop}. */
    long stopLimitMs() {
        return STOP_LIMIT_MS
                + TimeUnit.NANOSECONDS.toMillis(
                        HookRunner.beforeLimitNs(reload.current().hooks()));
    }

    /** Takes everything down. {@code orderly}: everything was given up before; else the kernel keeps what it has. */
    void stop(boolean orderly) {
        endRoles();
        if (orderly) {
            // Before all that may take its time: what is killed meanwhile leaves tables that drop.
            gate.remove();
        }
        history.stopped(orderly);
        stopParts();
    }

    /** The role agent uses descriptors and memory that are about to go. */
    private void endRoles() {
        roles.end();
        if (!Ends.await(roleThread, ROLE_END_MS)) {
            LOG.log(Level.ERROR, "the role agent does not end; the program ends without order");
            Runtime.getRuntime().halt(ExitCode.BUG.code());
        }
    }

    /** Each for a bounded time. What does not end is left to the end of the process, and keeps what it may use. */
    private void stopParts() {
        admin.close();
        chores.forEach(chore -> chore.cancel(false));
        feeding.ifPresent(chore -> chore.cancel(false));
        List<Thread> closing = new ArrayList<>();
        closing.add(daemonThread(watchers::close, "twinwall-stop-trackers"));
        syncRunner.ifPresent(runner -> closing.add(daemonThread(runner::close, "twinwall-stop-sync")));
        closing.add(daemonThread(alerts::close, "twinwall-stop-alerts"));
        closing.forEach(Thread::start);
        hooks.close();
        boolean allEnded = addresses.end();
        sets.ifPresent(mirrors -> mirrors.end(PART_END_MS));
        for (Thread thread : closing) {
            allEnded &= Ends.await(thread, PART_END_MS);
        }
        // Last: the others have it store and post; it posts itself, and so before the paths are closed.
        allEnded &= Ends.await(housekeeping, "twinwall-housekeeping", HOUSEKEEPING_END_MS);
        if (allEnded) {
            paths.close();
            presence.close();
        }
        history.close();
    }

    /** Who tells people something. */
    private Origin origin() {
        RoleState state = roles.state();
        return new Origin(
                started.node().name(), started.peer().name(), state.role().name(), state.term());
    }

    /** As configured now; a reload changes it. */
    private int priority() {
        return roles.config().priority();
    }

    private void stored(StateFile.What what, long token, String problem) {
        EffectKind kind = switch (what) {
            case TERM -> EffectKind.PERSIST_TERM;
            case MAINTENANCE -> EffectKind.PERSIST_MAINTENANCE;
        };
        post(new RoleEvent.EffectDone(token, kind, problem.isEmpty(), problem, Counts.NONE));
    }

    /** A reload's changes, on the housekeeping thread. */
    private String apply(Set<ConfigChange.Part> parts, Config next) {
        // First what the kernel may refuse.
        boolean paths = parts.contains(ConfigChange.Part.ROUTE) || parts.contains(ConfigChange.Part.RULE);
        String problem = paths ? presence.reroute(next) : "";
        if (parts.contains(ConfigChange.Part.SYNC_FILTER) && sync.isPresent() && !select(next)) {
            problem += (problem.isEmpty() ? "" : "; ") + "the sync agent is too busy for another sync.filter";
        }
        if (parts.contains(ConfigChange.Part.ADMIN)) {
            String unserved = admin.reconfigure(ConfigAdminBinder.server(next.admin()));
            problem += (problem.isEmpty() || unserved.isEmpty() ? "" : "; ") + unserved;
        }
        if (parts.contains(ConfigChange.Part.WEB)) {
            web(next.web().enabled());
        }
        if (parts.contains(ConfigChange.Part.HOOK)) {
            hooks.configure(next.hooks());
        }
        if (parts.contains(ConfigChange.Part.TRACK)) {
            watchers.replace(next);
        }
        if (parts.contains(ConfigChange.Part.ALERT)) {
            alerts.configure(next);
        }
        roles.reconfigure(RoleConfigs.of(next), new ConfigChange(parts, List.of()).text());
        history.configuration(next, parts, problem);
        return problem;
    }

    private Optional<PathsLink> syncPaths(Config config, Path directory) {
        if (!config.sync().enabled()) {
            return Optional.empty();
        }
        LinkCounters linkCounters = new LinkCounters(counters);
        List<Config.SyncPath> wanted = config.sync().allPaths();
        List<PathsLink.Named> paths = new ArrayList<>();
        for (Config.SyncPath path : wanted) {
            Path own = directory.resolve(paths.isEmpty() ? "aeron" : "aeron-" + paths.size());
            int streamId = config.cluster().id();
            AeronLinkConfig linkConfig = wanted.size() == 1
                    ? new AeronLinkConfig(own, endpoint(path.local()), endpoint(path.peer()), streamId)
                    : AeronLinkConfig.beside(own, endpoint(path.local()), endpoint(path.peer()), streamId);
            paths.add(new PathsLink.Named(path.name(), new AeronLink(linkConfig, clock, linkCounters, syncWaits::add)));
        }
        return Optional.of(new PathsLink(paths, config.sync().duplicate(), clock, counters));
    }

    private Optional<SyncAgent> syncAgent(Config config, ClusterKey key) {
        Config.Sync wanted = config.sync();
        if (!wanted.enabled()) {
            return Optional.empty();
        }
        PathsLink link = syncPaths.orElseThrow();
        SyncAgent agent = new SyncAgent(
                new SyncConfig(
                        wanted.flowsMax(),
                        SyncConfig.DEFAULT_BUCKET_BITS,
                        key.tableHashSeed(config.cluster().id()),
                        RoleConfig.Limits.DEFAULT.lagDeltasMax(),
                        wanted.expectations()),
                ConntrackKernel.real(wanted.eventBufferMb() << 20, syncWaits::add),
                link,
                memory,
                clock,
                counters,
                report -> roles.post(report));
        if (!wanted.sets().isEmpty()) {
            SideChannel channel = new SideChannel(FrameSealer.payloadBytesMax(link.frameBytesMax()), counters);
            agent.carry(channel);
            sets = Optional.of(new SetMirrors(wanted, channel, clock, counters, failed));
        }
        return Optional.of(agent);
    }

    private Gate gate(Config config) {
        if (config.fence() == Config.Fence.OFF || config.vips().isEmpty()) {
            return Gate.none(counters);
        }
        List<String> devices =
                config.vips().stream().map(Config.Vip::interfaceName).distinct().toList();
        return Gate.of(
                LeaseConfig.of(
                        devices, Presence.addressesOf(config), config.timing().leaseMs()),
                counters);
    }

    private AdminServer admin(Config config) {
        AdminMetrics metrics = new AdminMetrics(counters);
        AdminServer server = new AdminServer(ConfigAdminBinder.server(config.admin()), metrics, counters);
        metrics.collect(new NodeMetrics(status::status, health::problems, Cli.version())::collect);
        RoleRoutes routes = new RoleRoutes(
                this::post,
                action -> RoleProtocol.precheck(roles.state(), clock.nanoTime(), roles.config(), action),
                journal,
                this::reloadAll,
                housekeeping);
        server.health(health::problems);
        // The thread of the role agent has no time for making text of it.
        server.routeAsync(
                "POST", "/v1/key/rotate", request -> keys.rotate().thenApplyAsync(AdminResponse::ok, housekeeping));
        new StatusRoutes(status::status).register(routes.register(server));
        feed = new WebFeed(status::status, clock, counters);
        new WebPage(() -> reload.current().web().enabled(), feed.stream()).register(server);
        new VerifyRoute(
                        config.node().name(),
                        () -> roles.state().role().name(),
                        sync.map(agent -> this::tellSync),
                        clock,
                        housekeeping)
                .register(server);
        new AlertRoute(alerts::test, clock).register(server);
        new HistoryRoute(history.agent()).register(server);
        return new FlowsRoute(sync.map(agent -> this::tellSync), Node::besides).register(server);
    }

    /** What people are told of the parts that have no state of the protocol's. */
    private record StatusSources(
            Watchers watchers,
            HookRunner runner,
            HeartbeatPaths paths,
            KeyKeeper keeper,
            Optional<PathsLink> syncPaths,
            Optional<SetMirrors> mirrors,
            Alerting alerting,
            JournalKeeper history,
            PairLikeness pair,
            PeerReports peerReports)
            implements StatusPage.Sources {
        @Override
        public CliStatus.Health health() {
            return watchers.health();
        }

        @Override
        public List<CliStatus.Tracker> trackers() {
            return watchers.states();
        }

        @Override
        public String pathProblem(int path) {
            return paths.problem(path);
        }

        @Override
        public List<CliStatus.Hook> hooks() {
            return runner.results();
        }

        @Override
        public List<CliStatus.Alarm> partAlarms(long nowNs) {
            List<CliStatus.Alarm> alarms = new ArrayList<>(history.alarms(nowNs));
            syncPaths.ifPresent(link -> alarms.addAll(StatusAlarms.lostPaths(link, nowNs)));
            return alarms;
        }

        @Override
        public CliStatus.Keys keys() {
            return keeper.status();
        }

        @Override
        public List<CliStatus.MirroredSet> sets() {
            return mirrors.map(SetMirrors::states).orElse(List.of());
        }

        @Override
        public Optional<PairLikeness.Compared> likeness() {
            return pair.compared();
        }

        @Override
        public Optional<PeerReports.Heard> report() {
            return peerReports.heard();
        }

        @Override
        public List<CliStatus.Alert> alerts() {
            return alerting.status();
        }
    }

    private static int[] fds(int[] first, int[] second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static String endpoint(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /** For one list at a time: it is to wait for no disk, and no disk for it. */
    private static void besides(Runnable task) {
        daemonThread(task, "twinwall-flows").start();
    }

    private static Thread daemonThread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
