/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.addresses.Owner;
import io.twinwall.base.Fatal;
import io.twinwall.doctor.Plan;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftSetName;
import io.twinwall.netlink.NftTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a configuration wants of its host, in the words of the doctor. */
final class DoctorPlan {
    private DoctorPlan() {}

    /**
     * @param file where {@code config} came from
     * @param socket where the daemon is asked
     */
    static Plan of(Config config, Path file, Path socket) {
        boolean fenced = config.fence() != Config.Fence.OFF && !config.vips().isEmpty();
        return new Plan(
                config.node().name(),
                new Plan.Files(
                        file.toAbsolutePath(),
                        config.cluster().keyFile(),
                        config.state().directory(),
                        config.runtime().directory(),
                        socket),
                new Plan.Sync(
                        config.sync().enabled(),
                        config.sync().flowsMax(),
                        config.sync().eventBufferMb()),
                fenced,
                config.vips().stream()
                        .map(vip -> new Plan.Vip(vip.address(), vip.prefixLength(), vip.interfaceName(), vip.text()))
                        .toList(),
                links(config),
                config.paths().stream()
                        .filter(Config.Serial.class::isInstance)
                        .map(path -> ((Config.Serial) path).device())
                        .toList(),
                hops(config),
                programs(config),
                DoctorFiles.named(config),
                config.sync().enabled() ? sets(config) : List.of(),
                config.tracks().stream()
                        .anyMatch(track -> track instanceof Config.TrackProcess || track instanceof Config.TrackPort),
                Owner.VIPS,
                PairDigest.of(config),
                digest(config),
                Cli.version());
    }

    /** As the daemon would run it; "" where that cannot be said, since a virtual address has no interface here. */
    private static String digest(Config config) {
        try {
            return ConfigDigest.of(VipInterfaces.chosen(config));
        } catch (Fatal e) {
            return "";
        }
    }

    private static List<Plan.Link> links(Config config) {
        List<Plan.Link> links = new ArrayList<>();
        for (Config.HeartbeatPath path : config.paths()) {
            if (path instanceof Config.Udp udp) {
                String by = udp.interfaceName().orElse("");
                links.add(new Plan.Link(Plan.Use.HEARTBEATS, udp.name(), udp.local(), udp.peer(), by));
            }
        }
        if (config.sync().enabled()) {
            config.sync()
                    .allPaths()
                    .forEach(path ->
                            links.add(new Plan.Link(Plan.Use.STREAM, path.name(), path.local(), path.peer(), "")));
        }
        return List.copyOf(links);
    }

    private static List<Plan.Hop> hops(Config config) {
        List<Plan.Hop> hops = new ArrayList<>();
        for (Config.Route route : config.routes()) {
            String title = "the route to " + route.to().text();
            route.via()
                    .ifPresent(via -> hops.add(new Plan.Hop(
                            via, route.interfaceName().orElse(""), true, title + " by " + ConfigAddress.text(via))));
        }
        for (Config.Track track : config.tracks()) {
            if (track instanceof Config.TrackAddress asked) {
                String title = "the test address " + ConfigAddress.text(asked.address());
                hops.add(new Plan.Hop(asked.address(), asked.interfaceName(), false, title));
            }
        }
        return List.copyOf(hops);
    }

    private static List<Path> programs(Config config) {
        List<Path> programs = new ArrayList<>();
        config.hooks().forEach(hook -> programs.add(Path.of(hook.command().getFirst())));
        for (Config.Track track : config.tracks()) {
            if (track instanceof Config.TrackScript script) {
                programs.add(Path.of(script.command().getFirst()));
            }
        }
        return List.copyOf(programs);
    }

    private static List<NftSetName> sets(Config config) {
        return config.sync().sets().stream()
                .map(set -> new NftSetName(new NftTable(family(set.family()), set.table()), set.name()))
                .toList();
    }

    private static int family(Config.Family family) {
        return switch (family) {
            case INET -> NftConst.NFPROTO_INET;
            case IP -> NftConst.NFPROTO_IPV4;
            case IP6 -> NftConst.NFPROTO_IPV6;
            case NETDEV -> NftConst.NFPROTO_NETDEV;
            case BRIDGE -> NftConst.NFPROTO_BRIDGE;
        };
    }
}
