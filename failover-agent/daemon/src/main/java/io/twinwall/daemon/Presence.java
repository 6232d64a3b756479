/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.addresses.Announcer;
import io.twinwall.addresses.Route;
import io.twinwall.addresses.Routes;
import io.twinwall.addresses.Rule;
import io.twinwall.addresses.Vip;
import io.twinwall.addresses.VipProbe;
import io.twinwall.addresses.Vips;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.netlink.RtPrefix;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What makes this node the one that the networks see: the virtual addresses, the routes and rules that go with them, the
 * announcements, and the ear for others who claim the same. On the role agent's thread, but for {@link #held} and
 * {@link #reroute}, which takes its turn with {@link #add} and {@link #remove}.
 */
final class Presence implements AutoCloseable {
    private static final Logger LOG = System.getLogger("twinwall.addresses");

    /** How often {@link #work} is to be called while announcements go out. */
    static final long PUMP_EVERY_NS = 1_000_000;

    /** How often what is new is announced: as often as the role protocol asks for after a takeover. */
    private static final int ROUNDS = 4;

    private static final long CONFLICT_EVERY_NS = 1_000_000_000;

    private final Vips vips;
    private final Announcer announcer;
    private final Optional<VipProbe> probe;
    private final Counter probes;
    private final Counter answers;
    private Routes routes;
    private boolean claimed;
    private boolean announcing;
    private int roundsLeft;
    private boolean asked;
    private long conflictNotBeforeNs;
    private boolean conflictTold;

    Presence(Config config, Counters counters) {
        List<Vip> configured = vipsOf(config);
        vips = Vips.open(configured);
        announcer = Announcer.open(configured);
        probe = configured.isEmpty() ? Optional.empty() : Optional.of(VipProbe.open(configured));
        routes = routes(config);
        probes = counters.counter("vip_probes_total", "Times the networks were asked who has the virtual addresses.");
        answers = counters.counter(
                "vip_answers_total", "Times another host was heard to have one of the virtual addresses.");
    }

    /** Addresses first: they may be the routes' sources. Returns what failed, or "". */
    synchronized String add(boolean armed) {
        if (!claimed) {
            claimed = true;
            // Until now another host had them by right.
            probe.ifPresent(VipProbe::forget);
            roundsLeft = ROUNDS;
        }
        String problem = vips.add(armed);
        if (vips.takeNews()) {
            roundsLeft = ROUNDS;
        }
        return join(problem, routes.add());
    }

    /** Goes through the motions of {@link #add}, and removes what is to be here in no role; see {@link Rehearsal}. */
    synchronized void rehearse() {
        vips.rehearse();
        String problem = routes.prepare();
        if (!problem.isEmpty()) {
            LOG.log(Level.WARNING, "routes of an older configuration: {0}", problem);
        }
        probe.ifPresent(VipProbe::forget);
    }

    /** Prolongs the addresses' lives. Returns what failed, or "". */
    String refresh(boolean armed) {
        return vips.refresh(armed);
    }

    /** Gives up everything. Returns what failed, or "". */
    synchronized String remove() {
        claimed = false;
        announcer.stop();
        announcing = false;
        return join(routes.remove(), vips.remove());
    }

    /**
     * Begins a round of announcements, while there is something that has not been told so often: an address that cannot be added is
     * tried again each second or so, and the networks need not hear of the others each time. Returns what failed, or "".
     */
    String announce(int round) {
        if (roundsLeft == 0) {
            return "";
        }
        roundsLeft--;
        if (roundsLeft == 0) {
            lookForOthers();
        }
        String problem = announcer.announce(round);
        announcing = true;
        return problem;
    }

    /** Whoever kept an address, and heard nothing of the announcements, is asked once; the answer is a conflict. */
    private void lookForOthers() {
        if (probe.isPresent()) {
            probes.increment();
            String problem = probe.get().ask();
            LOG.log(Level.DEBUG, "asked who else has the addresses: {0}", problem);
        }
    }

    /** Asks the networks who has the addresses; {@link #work} brings the answer. Returns what failed, or "". */
    String ask() {
        if (probe.isEmpty()) {
            return "";
        }
        if (!asked) {
            // What was heard while nobody asked says nothing of now.
            asked = true;
            probe.get().forget();
        }
        probes.increment();
        return probe.get().ask();
    }

    /** Once a cycle: goes on announcing, and tells who else has one of the addresses, if anybody matters. Else null. */
    String work(long nowNs) {
        if (announcing) {
            announcing = announcer.pump(nowNs);
        }
        String heard = probe.isPresent() ? probe.get().poll() : null;
        if (heard == null) {
            return null;
        }
        answers.increment();
        return claimed ? conflict(heard, nowNs) : answered(heard);
    }

    private String answered(String heard) {
        return asked ? heard : null;
    }

    /** A conflict repeats itself with every packet. */
    private String conflict(String heard, long nowNs) {
        if (conflictTold && nowNs - conflictNotBeforeNs < 0) {
            return null;
        }
        conflictTold = true;
        conflictNotBeforeNs = nowNs + CONFLICT_EVERY_NS;
        return heard;
    }

    /** Whether {@link #work} is to be called soon. */
    boolean announcing() {
        return announcing;
    }

    /** Readable while {@link #work} has something to look at; empty when there is nothing to hear. */
    int[] fds() {
        return probe.map(p -> new int[] {p.fd()}).orElseGet(() -> new int[0]);
    }

    /** The addresses that are on their interfaces. Any thread. */
    Set<InetAddress> held() {
        return vips.held();
    }

    /** Other routes and rules from now on; what stays is not touched. Returns what failed, or ""; a Fatal has changed nothing. */
    synchronized String reroute(Config config) {
        Routes old = routes;
        Routes next = routes(config);
        String problem = claimed ? next.takeOver() : join(old.remove(), next.prepare());
        routes = next;
        old.close();
        return problem;
    }

    @Override
    public void close() {
        announcer.close();
        probe.ifPresent(VipProbe::close);
        routes.close();
        vips.close();
    }

    static List<Vip> vipsOf(Config config) {
        return config.vips().stream()
                .map(vip -> new Vip(vip.address(), vip.prefixLength(), vip.interfaceName()))
                .toList();
    }

    static List<InetAddress> addressesOf(Config config) {
        return config.vips().stream().map(Config.Vip::address).toList();
    }

    private static Routes routes(Config config) {
        return Routes.open(
                config.routes().stream()
                        .map(route -> new Route(
                                prefix(route.to()),
                                route.via(),
                                route.interfaceName().orElse(""),
                                route.table(),
                                route.metric(),
                                route.source()))
                        .toList(),
                config.rules().stream().map(Presence::rule).toList());
    }

    private static Rule rule(Config.Rule rule) {
        boolean ipv6 = Stream.concat(rule.from().stream(), rule.to().stream())
                .anyMatch(net -> net.address() instanceof Inet6Address);
        int mark = (int) rule.fwmark();
        return new Rule(
                ipv6,
                rule.from().map(Presence::prefix),
                rule.to().map(Presence::prefix),
                mark,
                mark == 0 ? 0 : -1,
                rule.table(),
                rule.priority());
    }

    private static RtPrefix prefix(Config.Prefix prefix) {
        return new RtPrefix(prefix.address(), prefix.length());
    }

    private static String join(String first, String second) {
        return String.join(
                "; ", Stream.of(first, second).filter(text -> !text.isEmpty()).toList());
    }
}
