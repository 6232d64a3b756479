/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.netlink.NftBaseChain;
import io.twinwall.netlink.NftBatch;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftRule;
import io.twinwall.netlink.NftSet;
import io.twinwall.netlink.NftTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the two tables of the lease. Two, because a set belongs to one table, {@code inet} sees no ARP and {@code
 * netdev} no routing decision. One renewal packet runs through both {@code renew} chains, so both sets hold the lease or
 * neither does, and closing needs no second step.
 *
 * <pre>
 *   table netdev twinwall                           table inet twinwall
 *     set lease, vip4, vip6                           set lease
 *     chain renew     ingress lo,       -500          chain renew     ingress lo, -499, drops the packet
 *     chain hear      ingress devices,  -500          chain transit   forward,    -500
 *     chain speak     egress devices,   -500
 * </pre>
 *
 * <p>Whether a renewal finds a lease that lives is asked in the first table only, which stops it if not, so that it
 * renews both or neither. An expired element is none, though the kernel may still keep it.
 *
 * <p>The key of the one element is {@code meta mark & 0}: a constant that nft can print and parse. What the rules let
 * through they accept for their own chain only; the operator's chains still see it.
 */
final class LeaseRules {
    static final String LEASE = "lease";
    static final String VIP4 = "vip4";
    static final String VIP6 = "vip6";

    private static final int PRIORITY = -500;
    private static final byte[] ZERO = NftRule.hostU32(0);

    /**
     * One element is alive; expired and released ones linger until the kernel's collector comes round, each second. As
     * all have one key, they share a hash chain: beyond 16 of them (RHT_ELASTICITY) the kernel may refuse a new one until
     * then: the gate does not open, and is to be opened again.
     */
    private static final int LEASE_ELEMENTS_MAX = 1024;

    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_ARP = 0x0806;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int IPPROTO_UDP = 17;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int ARPOP_REQUEST = 1;
    private static final int ARP_OPERATION = 6;
    private static final int ARP_SENDER_IP = 14;
    private static final int ARP_TARGET_IP = 24;
    private static final int IP_DESTINATION = 16;
    private static final int IP6_SOURCE = 8;
    private static final int IP6_DESTINATION = 24;
    private static final int UDP_DESTINATION = 2;
    private static final int UDP_PAYLOAD = 8;
    private static final int ND_TARGET = 8;
    private static final int ND_NEIGHBOR_SOLICIT = 135;
    private static final int ND_NEIGHBOR_ADVERT = 136;

    private final LeaseConfig config;
    private final LeaseSecrets secrets;
    private final LeaseFeatures features;
    private final List<String> devices;
    private final NftTable netdev;
    private final NftTable inet;
    private final Map<NftTable, List<NftBaseChain>> chains = new LinkedHashMap<>();
    private final Map<String, Integer> rules = new LinkedHashMap<>();

    /** {@code devices}: those of {@code config} that are to be guarded now. */
    LeaseRules(LeaseConfig config, LeaseSecrets secrets, LeaseFeatures features, List<String> devices) {
        this.config = config;
        this.secrets = secrets;
        this.features = features;
        this.devices = List.copyOf(devices);
        this.netdev = netdevTable(config.table());
        this.inet = inetTable(config.table());
    }

    static NftTable netdevTable(String table) {
        return new NftTable(NftConst.NFPROTO_NETDEV, table);
    }

    static NftTable inetTable(String table) {
        return new NftTable(NftConst.NFPROTO_INET, table);
    }

    /** The interfaces that these rules guard. */
    List<String> devices() {
        return devices;
    }

    /**
     * Replaces whatever is there by the tables, in the transaction {@code batch}; with the gate open for {@code openMs},
     * or closed if that is not positive.
     */
    void write(NftBatch batch, long openMs) {
        chains.clear();
        rules.clear();
        for (NftTable table : List.of(netdev, inet)) {
            clear(batch, table, features.owned());
            batch.addTable(table, features.owned() ? NftConst.NFT_TABLE_F_OWNER | NftConst.NFT_TABLE_F_PERSIST : 0);
            // The set's own time is for elements that come without one, which the rules' never do.
            long ownMs = openMs > 0 ? openMs : config.armedMs();
            batch.addSet(table, NftSet.ofExpiringMarks(LEASE, ownMs, LEASE_ELEMENTS_MAX));
            if (openMs > 0) {
                batch.addElements(table, LEASE, List.of(ZERO));
            }
            chains.put(table, new ArrayList<>());
        }
        writeVips(batch);
        writeRenew(batch, netdev, NftConst.NF_NETDEV_INGRESS, PRIORITY);
        if (!devices.isEmpty()) {
            writeHear(batch);
        }
        if (!devices.isEmpty() && features.egress()) {
            writeSpeak(batch);
        }
        writeRenew(batch, inet, NftConst.NF_INET_INGRESS, PRIORITY + 1);
        writeTransit(batch);
    }

    /** Deletes {@code table} if it is there, in the transaction {@code batch}. */
    static void clear(NftBatch batch, NftTable table, boolean destroy) {
        if (destroy) {
            batch.destroyTable(table);
        } else {
            batch.addTable(table, 0).deleteTable(table);
        }
    }

    /** The chains of {@code table} as written. */
    List<NftBaseChain> chains(NftTable table) {
        return chains.get(table);
    }

    /** How many rules were written into {@code table}'s {@code chain}. */
    int rules(NftTable table, String chain) {
        return rules.get(table + " " + chain);
    }

    private void writeVips(NftBatch batch) {
        batch.addSet(netdev, NftSet.ofIpv4(VIP4)).addSet(netdev, NftSet.ofIpv6(VIP6));
        addVips(batch, VIP4, vips(4));
        addVips(batch, VIP6, vips(16));
    }

    /** The addresses of {@code bytes} bytes, those of {@link #VIP4} or {@link #VIP6}. */
    List<byte[]> vips(int bytes) {
        return config.vips().stream()
                .map(InetAddress::getAddress)
                .filter(ip -> ip.length == bytes)
                .toList();
    }

    private void addVips(NftBatch batch, String set, List<byte[]> vips) {
        if (!vips.isEmpty()) {
            batch.addElements(netdev, set, vips);
        }
    }

    /** The first table's chain lets the packet go on to the second's, which ends its way. */
    private void writeRenew(NftBatch batch, NftTable table, int hook, int priority) {
        chain(batch, table, new NftBaseChain("renew", hook, priority, NftConst.NF_ACCEPT, List.of("lo")));
        for (LeaseWord word : LeaseWord.values()) {
            if (word.renews() && table.equals(netdev)) {
                drop(withoutLease(secret(batch, table, word)));
            }
            end(effect(key(secret(batch, table, word)), word), table.equals(inet));
        }
    }

    private NftRule effect(NftRule rule, LeaseWord word) {
        return switch (word) {
            case OPEN_ARMED, RENEW_ARMED -> rule.update(LEASE, config.armedMs());
            case OPEN_DISARMED, RENEW_DISARMED -> rule.update(LEASE, config.disarmedMs());
            case RELEASE -> rule.delete(LEASE);
        };
    }

    private void writeHear(NftBatch batch) {
        chain(
                batch,
                netdev,
                new NftBaseChain("hear", NftConst.NF_NETDEV_INGRESS, PRIORITY, NftConst.NF_ACCEPT, devices));
        acceptWithLease(batch, "hear");
        // Sender and target both a VIP: the new holder's announcement, which our own neighbour table may learn from.
        drop(network(
                        network(
                                        protocol(rule(batch, netdev, "hear"), ETH_P_ARP)
                                                .payload(NftConst.NFT_PAYLOAD_NETWORK_HEADER, ARP_OPERATION, 2)
                                                .isU16be(ARPOP_REQUEST),
                                        ARP_SENDER_IP,
                                        4)
                                .notIn(VIP4),
                        ARP_TARGET_IP,
                        4)
                .in(VIP4));
        drop(network(protocol(rule(batch, netdev, "hear"), ETH_P_IP), IP_DESTINATION, 4)
                .in(VIP4));
        drop(network(protocol(rule(batch, netdev, "hear"), ETH_P_IPV6), IP6_DESTINATION, 16)
                .in(VIP6));
        drop(transport(icmp6(batch, "hear", ND_NEIGHBOR_SOLICIT), ND_TARGET, 16).in(VIP6));
    }

    /** What a fenced kernel might still say by itself: neighbour probes and late answers, with our hardware address. */
    private void writeSpeak(NftBatch batch) {
        chain(
                batch,
                netdev,
                new NftBaseChain("speak", NftConst.NF_NETDEV_EGRESS, PRIORITY, NftConst.NF_ACCEPT, devices));
        NftRule arp = network(protocol(rule(batch, netdev, "speak"), ETH_P_ARP), ARP_SENDER_IP, 4);
        drop(withoutLease(arp.in(VIP4)));
        NftRule advert = transport(icmp6(batch, "speak", ND_NEIGHBOR_ADVERT), ND_TARGET, 16);
        drop(withoutLease(advert.in(VIP6)));
        NftRule solicit = network(icmp6(batch, "speak", ND_NEIGHBOR_SOLICIT), IP6_SOURCE, 16);
        drop(withoutLease(solicit.in(VIP6)));
    }

    private void writeTransit(NftBatch batch) {
        chain(
                batch,
                inet,
                new NftBaseChain("transit", NftConst.NF_INET_FORWARD, PRIORITY, NftConst.NF_ACCEPT, List.of()));
        drop(withoutLease(rule(batch, inet, "transit")));
    }

    private void chain(NftBatch batch, NftTable table, NftBaseChain chain) {
        batch.addChain(table, chain);
        chains.get(table).add(chain);
        rules.put(table + " " + chain.name(), 0);
    }

    private NftRule rule(NftBatch batch, NftTable table, String chain) {
        rules.merge(table + " " + chain, 1, Integer::sum);
        return batch.rule(table, chain);
    }

    private void acceptWithLease(NftBatch batch, String chain) {
        key(rule(batch, netdev, chain)).in(LEASE).verdict(NftConst.NF_ACCEPT).end();
    }

    private NftRule secret(NftBatch batch, NftTable table, LeaseWord word) {
        return rule(batch, table, "renew")
                .meta(NftConst.NFT_META_L4PROTO)
                .isU8(IPPROTO_UDP)
                .payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, UDP_DESTINATION, 2)
                .isU16be(config.port())
                .payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, UDP_PAYLOAD, LeaseSecrets.BYTES)
                .cmp(NftConst.NFT_CMP_EQ, secrets.of(word));
    }

    private NftRule icmp6(NftBatch batch, String chain, int type) {
        return protocol(rule(batch, netdev, chain), ETH_P_IPV6)
                .meta(NftConst.NFT_META_L4PROTO)
                .isU8(IPPROTO_ICMPV6)
                .payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1)
                .isU8(type);
    }

    private static NftRule protocol(NftRule rule, int etherType) {
        return rule.meta(NftConst.NFT_META_PROTOCOL).isU16be(etherType);
    }

    private static NftRule network(NftRule rule, int offset, int bytes) {
        return rule.payload(NftConst.NFT_PAYLOAD_NETWORK_HEADER, offset, bytes);
    }

    private static NftRule transport(NftRule rule, int offset, int bytes) {
        return rule.payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, offset, bytes);
    }

    private static NftRule key(NftRule rule) {
        return rule.meta(NftConst.NFT_META_MARK).bitwise(ZERO, ZERO);
    }

    private static NftRule withoutLease(NftRule rule) {
        return key(rule).notIn(LEASE);
    }

    private static void end(NftRule rule, boolean drop) {
        if (drop) {
            drop(rule);
        } else {
            rule.counter().end();
        }
    }

    private static void drop(NftRule rule) {
        rule.counter().verdict(NftConst.NF_DROP).end();
    }
}
