/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftSetName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A plan of a pair as in the manual, which tests change. */
final class Plans {
    static final String VERSION = "0.1.0";
    static final String DIGEST = "3fa2c17be09d";
    static final String CONFIG_DIGEST = "0123456789abcdef";

    Path configuration = Path.of("/etc/twinwall/twinwall.toml");
    Path key = Path.of("/etc/twinwall/cluster.key");
    Path state = Path.of("/var/lib/twinwall");
    Path runtime = Path.of("/dev/shm/twinwall");
    Path socket = Path.of("/run/twinwall/admin.sock");
    boolean sync = true;
    int flowsMax = 1 << 20;
    int eventBufferMb = 64;
    boolean fenced = true;
    final List<Plan.Vip> vips = new ArrayList<>();
    final List<Plan.Link> links = new ArrayList<>();
    final List<Path> serialLines = new ArrayList<>();
    final List<Plan.Hop> hops = new ArrayList<>();
    final List<Path> programs = new ArrayList<>();
    final List<NftSetName> sets = new ArrayList<>();
    final List<Plan.Kept> kept = new ArrayList<>();
    Path journal;
    boolean secretUrls;
    Plan.Tls tls;
    boolean services;
    String configDigest = CONFIG_DIGEST;

    Plans() {
        vip("10.10.0.254", 24, "lan0");
        vip("203.0.113.10", 24, "wan0");
        link(Plan.Use.HEARTBEATS, "sync", "10.99.0.1", "10.99.0.2", 47900, "sync0");
        link(Plan.Use.HEARTBEATS, "lan", "10.10.0.1", "10.10.0.2", 47900, "lan0");
        link(Plan.Use.STREAM, "sync", "10.99.0.1", "10.99.0.2", 47901, "");
    }

    static Plan healthy() {
        return new Plans().plan();
    }

    Plans vip(String address, int length, String by) {
        vips.add(new Plan.Vip(InetAddress.ofLiteral(address), length, by, address + "/" + length));
        return this;
    }

    Plans link(Plan.Use use, String name, String local, String peer, int port, String by) {
        links.add(new Plan.Link(
                use,
                name,
                new InetSocketAddress(InetAddress.ofLiteral(local), port),
                new InetSocketAddress(InetAddress.ofLiteral(peer), port),
                by));
        return this;
    }

    Plans hop(String address, String by, boolean route) {
        hops.add(new Plan.Hop(InetAddress.ofLiteral(address), by, route, "the hop " + address));
        return this;
    }

    Plan plan() {
        return new Plan(
                "fw-a",
                new Plan.Files(configuration, key, state, runtime, socket),
                new Plan.Sync(sync, flowsMax, eventBufferMb),
                fenced,
                List.copyOf(vips),
                List.copyOf(links),
                List.copyOf(serialLines),
                List.copyOf(hops),
                List.copyOf(programs),
                new Plan.Named(List.copyOf(kept), Optional.ofNullable(journal), secretUrls, Optional.ofNullable(tls)),
                List.copyOf(sets),
                services,
                FakeHost.VIP_MARK,
                DIGEST,
                configDigest,
                VERSION);
    }
}
