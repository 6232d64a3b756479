/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtBatch;
import io.twinwall.netlink.RtRoute;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All virtual addresses of this node: they come and go together, with one system call for up to 128 changes.
 *
 * <p>An address named as virtual belongs to the pair: whoever put it on this host, {@link #remove} takes it off, as does
 * keepalived, because the other node serves it. What a crash left behind is known by its mark and goes too, also when the
 * configuration has changed since. The host's own addresses are never touched; see {@link VipPlan} for the traps.
 *
 * <p>Armed, the addresses live {@link #LIFETIME_S} seconds and have to be refreshed, so that a kernel whose agent is gone drops
 * them by itself. The kernel counts whole seconds and looks late: they go 10 to 11 s after the last refresh, so this stands behind
 * the lease of the gate and does not replace it.
 *
 * <p>Control plane; methods may be called from any thread, and changes wait for each other.
 */
public final class Vips implements AutoCloseable {
    /** Seconds an armed address lives after its last refresh: three refreshes may be lost. */
    public static final int LIFETIME_S = 10;

    /** No interface has this index. */
    private static final int NO_INTERFACE = Integer.MAX_VALUE;

    private static final System.Logger LOG = System.getLogger(Vips.class.getName());

    private final List<Vip> vips;
    private final Places places;
    private final Places looks;
    private final RtBatch batch;
    private final int lifetimeS;
    private final Set<RtRoute> subnetRoutes = new HashSet<>();
    private final Set<String> warned = new HashSet<>();
    private List<RtAddress> lastAdded = List.of();
    private boolean added;
    private boolean news;

    private Vips(List<Vip> vips, int lifetimeS) {
        this.vips = List.copyOf(vips);
        this.places = new Places(vips);
        this.looks = new Places(vips);
        this.batch = RtBatch.open();
        this.lifetimeS = lifetimeS;
    }

    /** Opens the sockets in the calling thread's network namespace; changes nothing. */
    public static Vips open(List<Vip> vips) {
        return open(vips, LIFETIME_S);
    }

    /** With a lifetime of its own. */
    static Vips open(List<Vip> vips, int lifetimeS) {
        return new Vips(vips, lifetimeS);
    }

    /** As {@link #add(boolean)}, for ever. */
    public String add() {
        return add(false);
    }

    /**
     * Puts every address on its interface, and takes those off that a crash or an older configuration left behind. The rest
     * is done even when one fails: half of the addresses serve more than none.
     *
     * @param armed whether they go by themselves unless refreshed; else they stay for ever
     * @return what failed, or ""
     */
    public synchronized String add(boolean armed) {
        added = true;
        try {
            List<RtAddress> present = places.addresses().list();
            List<VipPlace> found = VipPlace.of(vips, places.links(), present);
            return put(found, present, armed ? lifetimeS : RtAddress.FOREVER);
        } catch (NlException e) {
            return e.getMessage();
        }
    }

    /**
     * Goes through the motions of {@link #add} and changes nothing: looks where everything is, and has the kernel refuse
     * an address on an interface that cannot be. Code that ran once is quicker the first time it matters.
     */
    public synchronized void rehearse() {
        try {
            List<RtAddress> present = places.addresses().list();
            List<VipPlace> found = VipPlace.of(vips, places.links(), present);
            VipPlan.subnetRoutes(found);
            for (RtAddress wanted : VipPlan.wanted(found, lifetimeS)) {
                batch.replace(RtAddress.of(NO_INTERFACE, wanted.address(), wanted.prefixLength()));
            }
            LOG.log(System.Logger.Level.TRACE, "rehearsed: {0}", problems(List.of()));
        } catch (NlException e) {
            LOG.log(System.Logger.Level.DEBUG, "not rehearsed: {0}", e.getMessage());
        }
    }

    /** Prolongs what {@link #add} did, and puts back what went missing; nothing when they are not to be here. */
    public synchronized String refresh(boolean armed) {
        return added ? add(armed) : "";
    }

    private String put(List<VipPlace> found, List<RtAddress> present, long secondsEach) {
        List<String> problems = new ArrayList<>();
        found.stream()
                .map(VipPlace::problem)
                .filter(problem -> !problem.isEmpty())
                .forEach(problems::add);
        List<RtAddress> wanted = VipPlan.wanted(found, secondsEach);
        warnOfForeign(present);
        present.stream()
                .filter(address -> address.protocol() == Owner.VIPS)
                .filter(address -> wanted.stream().noneMatch(address::sameKey))
                .forEach(batch::deleteIfPresent);
        wanted.forEach(batch::replace);
        List<RtRoute> routes = VipPlan.subnetRoutes(found);
        subnetRoutes.stream().filter(route -> !routes.contains(route)).forEach(batch::deleteIfPresent);
        routes.forEach(batch::append);
        subnetRoutes.clear();
        subnetRoutes.addAll(routes);
        lastAdded = wanted;
        List<NlException> refusals = batch.send();
        refusals.forEach(refusal -> problems.add(refusal.getMessage()));
        news |= wanted.stream()
                .filter(address -> present.stream().noneMatch(address::sameKey))
                .anyMatch(address ->
                        refusals.stream().noneMatch(refusal -> refusal.key().equals(address.key())));
        return String.join("; ", problems);
    }

    /** Whether an address has come that was not there, since this was asked last: its neighbours are to be told. */
    public synchronized boolean takeNews() {
        boolean taken = news;
        news = false;
        return taken;
    }

    /** Takes every address off; one that is not there is fine. Returns what failed, or "". */
    public synchronized String remove() {
        added = false;
        List<String> problems = new ArrayList<>();
        try {
            List<RtAddress> present = places.addresses().list();
            List<VipPlace> found = VipPlace.of(vips, places.links(), present);
            List<RtAddress> surplus = VipPlan.surplus(present, found, List.of());
            VipPlan.needingPromotion(surplus, present).forEach(batch::promoteSecondaries);
            surplus.forEach(batch::deleteIfPresent);
        } catch (NlException e) {
            // What is known to be there can go without looking.
            problems.add(e.getMessage());
            lastAdded.forEach(batch::deleteIfPresent);
        }
        // Their subnets' routes, whose source they are, go with them.
        subnetRoutes.clear();
        return problems(problems);
    }

    /**
     * Those that are on their interfaces, by whomever; none when the kernel would not say. From any thread: no change waits for
     * it.
     */
    public Set<InetAddress> held() {
        synchronized (looks) {
            try {
                List<RtAddress> present = looks.addresses().list();
                return VipPlace.of(vips, looks.links(), present).stream()
                        .filter(place -> isHeld(place, present))
                        .map(place -> place.vip().address())
                        .collect(Collectors.toUnmodifiableSet());
            } catch (NlException e) {
                return Set.of();
            }
        }
    }

    private static boolean isHeld(VipPlace place, List<RtAddress> present) {
        return place.link().isPresent()
                && present.stream()
                        .anyMatch(address ->
                                address.ifIndex() == place.link().get().ifIndex()
                                        && address.address().equals(place.vip().address()));
    }

    @Override
    public void close() {
        batch.close();
        places.close();
        looks.close();
    }

    private String problems(List<String> before) {
        List<String> all = new ArrayList<>(before);
        for (NlException refusal : batch.send()) {
            all.add(refusal.getMessage());
        }
        return String.join("; ", all);
    }

    /** Whoever configured it on the host by hand ought to know that it is the pair's now. */
    private void warnOfForeign(List<RtAddress> present) {
        for (RtAddress address : present) {
            boolean ours =
                    address.protocol() == Owner.VIPS || lastAdded.stream().anyMatch(address::sameKey);
            Optional<Vip> vip = vips.stream()
                    .filter(wanted -> wanted.address().equals(address.address()))
                    .findFirst();
            if (!ours && vip.isPresent() && warned.add(address.key())) {
                LOG.log(
                        Level.WARNING,
                        "{0} was on this host already ({1}); it is the pair''s, and goes whenever this node is not active",
                        vip.get(),
                        address.key());
            }
        }
    }
}
