/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.base.Check;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtBatch;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtRoute;
import io.twinwall.netlink.RtRoutes;
import io.twinwall.netlink.RtRule;
import io.twinwall.netlink.RtRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Routes and rules that only the active node has: added behind the virtual addresses, which may be their sources, removed
 * before them. They carry a mark of their own, so that what a crash left behind is found, and what somebody else put
 * there is neither replaced nor removed. Control plane; every method may be called from any one thread at a time.
 */
public final class Routes implements AutoCloseable {
    /** {@code IP6_RT_PRIO_USER}: what the kernel makes of a metric of 0. */
    private static final int IPV6_METRIC = 1024;

    private final List<Route> routes;
    private final List<RtRule> rules;
    private final LinkList links = new LinkList();
    private final RtRoutes listRoutes = RtRoutes.open();
    private final RtRules listRules = RtRules.open();
    private final RtBatch batch = RtBatch.open();
    private boolean swept;

    private Routes(List<Route> routes, List<Rule> rules) {
        this.routes = List.copyOf(routes);
        this.rules = rules.stream().map(Rule::toKernel).toList();
    }

    /**
     * Opens the sockets in the calling thread's network namespace; changes nothing.
     *
     * @param routes none of which has a {@link Route#problem}
     * @param rules none of which has a {@link Rule#problem}
     */
    public static Routes open(List<Route> routes, List<Rule> rules) {
        routes.forEach(route -> Check.that(route.problem().isEmpty(), route + ": " + route.problem()));
        rules.forEach(rule -> Check.that(rule.problem().isEmpty(), rule + ": " + rule.problem()));
        return new Routes(routes, rules);
    }

    /**
     * Adds all; those of ours that are there already stay, without a gap. The rest is done even when one fails.
     *
     * @return what failed, or ""
     */
    public synchronized String add() {
        List<String> problems = new ArrayList<>(sweep(false));
        List<RtRoute> wanted = resolve(problems);
        wanted.forEach(batch::add);
        List<RtRule> present = presentRules(problems);
        rules.stream().filter(rule -> !present.contains(rule)).forEach(batch::add);
        List<NlException> refusals = batch.send();
        boolean clash = refusals.stream().anyMatch(Routes::isClash);
        List<RtRoute> ours = clash ? presentRoutes(problems) : List.of();
        for (NlException refusal : refusals) {
            boolean there = isClash(refusal)
                    && wanted.stream()
                            .filter(route -> route.key().equals(refusal.key()))
                            .anyMatch(route -> ours.stream().anyMatch(other -> fulfils(other, route)));
            if (!there) {
                problems.add(told(refusal));
            }
        }
        return String.join("; ", problems);
    }

    /**
     * Adds all in the place of what another configuration left on an active node: what both want is not touched, what only this one
     * wants comes before the rest goes, and when anything fails what was there stays.
     *
     * @return what failed, or ""
     */
    public synchronized String takeOver() {
        List<String> problems = new ArrayList<>();
        List<RtRoute> wanted = resolve(problems);
        List<RtRoute> present;
        List<RtRule> presentRules;
        try {
            present = listRoutes.list(Owner.ROUTES);
            presentRules = listRules.list(Owner.ROUTES);
        } catch (NlException e) {
            return e.getMessage();
        }
        List<RtRoute> stale = present.stream()
                .filter(route -> wanted.stream().noneMatch(other -> fulfils(route, other)))
                .toList();
        List<RtRoute> missing = wanted.stream()
                .filter(route -> present.stream().noneMatch(other -> fulfils(other, route)))
                .toList();
        // Two routes of one metric to one destination cannot both be there: the old one goes just before the new one
        // comes.
        List<RtRoute> displaced = stale.stream()
                .filter(route -> missing.stream().anyMatch(other -> sameSlot(route, other)))
                .toList();
        displaced.forEach(batch::deleteIfPresent);
        missing.forEach(batch::add);
        rules.stream().filter(rule -> !presentRules.contains(rule)).forEach(batch::add);
        batch.send().forEach(refusal -> problems.add(told(refusal)));
        if (problems.isEmpty()) {
            stale.forEach(batch::deleteIfPresent);
            presentRules.stream().filter(rule -> !rules.contains(rule)).forEach(batch::deleteIfPresent);
            batch.send().forEach(refusal -> problems.add(refusal.getMessage()));
            swept = true;
        } else {
            // Where the new one did come, the kernel refuses the old one, which is as it should be.
            displaced.forEach(batch::add);
            batch.send().stream()
                    .filter(refusal -> !isClash(refusal))
                    .forEach(refusal -> problems.add(refusal.getMessage()));
        }
        return String.join("; ", problems);
    }

    private static boolean sameSlot(RtRoute one, RtRoute other) {
        return one.destination().equals(other.destination())
                && one.table() == other.table()
                && slotMetric(one) == slotMetric(other);
    }

    private static int slotMetric(RtRoute route) {
        return route.metric() == 0 && !route.destination().ipv4() ? IPV6_METRIC : route.metric();
    }

    private static String told(NlException refusal) {
        return refusal.getMessage() + (isClash(refusal) ? "; the one there is not Twinwall's" : "");
    }

    private static boolean isClash(NlException refusal) {
        return refusal.errno() == Errno.EEXIST;
    }

    /**
     * Before a role is found: takes off what an older configuration left behind and leaves what is to be there, so that the
     * first {@link #add} need not look. Returns what failed, or "".
     */
    public synchronized String prepare() {
        return String.join("; ", sweep(false));
    }

    /** Takes all off, and once what a crash or an older configuration left behind. Returns what failed, or "". */
    public synchronized String remove() {
        List<String> problems = new ArrayList<>(sweep(true));
        // A route whose interface is gone went with it.
        resolve(new ArrayList<>()).forEach(batch::deleteIfPresent);
        rules.forEach(batch::deleteIfPresent);
        batch.send().forEach(refusal -> problems.add(refusal.getMessage()));
        return String.join("; ", problems);
    }

    @Override
    public void close() {
        batch.close();
        listRoutes.close();
        listRules.close();
        links.close();
    }

    /**
     * Once, takes off all that carries our mark: a listing walks the whole routing table, too much for each takeover. Before the
     * first {@link #add} only what is not to be there goes, so that a restarted active node loses no route for a moment.
     */
    private List<String> sweep(boolean all) {
        if (swept) {
            return List.of();
        }
        try {
            List<RtRoute> keep = all ? List.of() : resolve(new ArrayList<>());
            List<RtRule> keepRules = all ? List.of() : rules;
            listRoutes.list(Owner.ROUTES).stream()
                    .filter(route -> keep.stream().noneMatch(wanted -> fulfils(route, wanted)))
                    .forEach(batch::deleteIfPresent);
            listRules.list(Owner.ROUTES).stream()
                    .filter(rule -> !keepRules.contains(rule))
                    .forEach(batch::deleteIfPresent);
            swept = true;
            return batch.send().stream().map(NlException::getMessage).toList();
        } catch (NlException e) {
            return List.of(e.getMessage());
        }
    }

    /** Whether {@code present} is what {@code wanted} asks for; what it leaves open the kernel has filled in. */
    private static boolean fulfils(RtRoute present, RtRoute wanted) {
        return present.destination().equals(wanted.destination())
                && present.table() == wanted.table()
                && present.via().equals(wanted.via())
                && present.source().equals(wanted.source())
                && (wanted.ifIndex() == 0 || present.ifIndex() == wanted.ifIndex())
                && (wanted.metric() == 0 || present.metric() == wanted.metric());
    }

    private List<RtRoute> presentRoutes(List<String> problems) {
        try {
            return listRoutes.list(Owner.ROUTES);
        } catch (NlException e) {
            problems.add(e.getMessage());
            return List.of();
        }
    }

    private List<RtRule> presentRules(List<String> problems) {
        try {
            return rules.isEmpty() ? List.of() : listRules.list(Owner.ROUTES);
        } catch (NlException e) {
            problems.add(e.getMessage());
            return List.of();
        }
    }

    private List<RtRoute> resolve(List<String> problems) {
        List<RtRoute> resolved = new ArrayList<>();
        List<RtLink> interfaces;
        try {
            interfaces = routes.isEmpty() ? List.of() : links.now();
        } catch (NlException e) {
            problems.add(e.getMessage());
            return List.of();
        }
        for (Route route : routes) {
            Optional<RtLink> link = interfaces.stream()
                    .filter(there -> there.name().equals(route.device()))
                    .findFirst();
            if (link.isEmpty() && !route.device().isEmpty()) {
                problems.add(route + ": no such interface");
                continue;
            }
            resolved.add(new RtRoute(
                    route.destination(),
                    route.via(),
                    link.map(RtLink::ifIndex).orElse(0),
                    route.table(),
                    route.metric(),
                    route.source(),
                    Owner.ROUTES));
        }
        return resolved;
    }
}
