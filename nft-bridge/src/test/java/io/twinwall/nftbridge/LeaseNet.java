/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.List;

/**
 * A client, a firewall that holds two VIPs on its LAN side, and a server behind it.
 *
 * <pre>
 *   client lan1 ---- lan0 firewall wan0 ---- wan1 server
 *   10.10.0.2        .1, VIP .254     10.20.0.1   10.20.0.2
 *   fd10::2          ::1, VIP ::fe
 * </pre>
 */
final class LeaseNet implements AutoCloseable {
    static final String VIP4 = "10.10.0.254";
    static final String VIP6 = "fd10::fe";
    static final String OWN4 = "10.10.0.1";
    static final String SERVER = "10.20.0.2";
    static final int SERVER_PORT = 9000;
    static final Duration SOON = Duration.ofSeconds(10);

    private static final int PING_MS = 300;

    private final TestNet net = new TestNet();
    final String client = net.namespace();
    final String firewall = net.namespace();
    final String server = net.namespace();

    LeaseNet() {
        net.veth(firewall, "wan0", server, "wan1");
        net.address(firewall, "wan0", "10.20.0.1/24");
        net.address(server, "wan1", "10.20.0.2/24");
        net.route(server, "default", "10.20.0.1");
        net.sysctl(firewall, "net/ipv4/ip_forward", "1");
        makeLan();
    }

    /** Takes the LAN's interfaces away and makes new ones of the same names. */
    void makeLanAnew() {
        in(firewall, "ip", "link", "del", "lan0");
        makeLan();
    }

    /** The configuration, also for a process that has no part in the net's making. */
    record Plain(long armedMs) {
        LeaseConfig config() {
            return LeaseConfig.of(List.of("lan0", "wan0"), List.of(ip(VIP4), ip(VIP6)), armedMs);
        }
    }

    LeaseConfig config(long armedMs) {
        return new Plain(armedMs).config();
    }

    /** A lease in the firewall's namespace. */
    Lease lease(long armedMs) throws Exception {
        LeaseConfig config = config(armedMs);
        return NetNs.call(firewall, () -> Lease.open(config));
    }

    Lease lease(long armedMs, LeaseFeatures features) throws Exception {
        LeaseConfig config = config(armedMs);
        return NetNs.call(firewall, () -> Lease.open(config, features));
    }

    /** What {@code nft} lists of the two tables. */
    String listed() {
        return nft("list table netdev twinwall") + nft("list table inet twinwall");
    }

    /** Runs commands of {@code nft}, as an operator would. */
    String nft(String commands) {
        return Cmd.inWithInput(firewall, commands, "nft", "-f", "-");
    }

    /** As {@link #nft}, of what may be refused; whether it was done. */
    boolean nftMay(String commands) {
        return Cmd.tryIn(firewall, commands, "nft", "-f", "-").exitCode() == 0;
    }

    /** Whether the client's kernel learns {@code address} from the wire, by ARP or neighbour discovery. */
    boolean answers(String address) throws Exception {
        in(client, "ip", "neigh", "flush", "dev", "lan1");
        NetNs.call(client, () -> {
            try (DatagramChannel channel = DatagramChannel.open()) {
                return channel.send(ByteBuffer.allocate(1), new InetSocketAddress(ip(address), 9));
            }
        });
        String[] state = new String[1];
        Await.until("a neighbour entry of " + address + " that is decided", SOON, () -> {
            state[0] = in(client, "ip", "neigh", "show", address, "dev", "lan1");
            return state[0].contains("lladdr") || state[0].contains("FAILED");
        });
        return state[0].contains("lladdr");
    }

    /** Whether {@code address} answers the client's ICMP echo; the client's neighbour entry decides who is asked. */
    boolean pinged(String address) throws Exception {
        return NetNs.call(client, () -> ip(address).isReachable(PING_MS));
    }

    /** The hardware address of {@code device}. */
    String mac(String namespace, String device) {
        return in(namespace, "ip", "-o", "link", "show", "dev", device).replaceAll("(?s).*link/ether (\\S+).*", "$1");
    }

    String in(String namespace, String... command) {
        return Cmd.in(namespace, command);
    }

    static InetAddress ip(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(literal, e);
        }
    }

    @Override
    public void close() {
        net.close();
    }

    private void makeLan() {
        net.veth(client, "lan1", firewall, "lan0");
        for (String address : List.of("10.10.0.2/24", "fd10::2/64")) {
            net.address(client, "lan1", address);
        }
        for (String address : List.of("10.10.0.1/24", "10.10.0.254/24", "fd10::1/64", "fd10::fe/64")) {
            net.address(firewall, "lan0", address);
        }
        net.route(client, "default", OWN4);
        for (String family : List.of("ipv4", "ipv6")) {
            // A neighbour that does not answer is given up after 2 questions, 20 ms apart.
            net.sysctl(client, "net/" + family + "/neigh/lan1/retrans_time_ms", "20");
            net.sysctl(client, "net/" + family + "/neigh/lan1/mcast_solicit", "2");
        }
    }
}
