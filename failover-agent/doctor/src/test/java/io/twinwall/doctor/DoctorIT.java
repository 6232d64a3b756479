/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.nftbridge.Lease;
import io.twinwall.nftbridge.LeaseConfig;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestCertificate;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hosts that are set up wrongly, in namespaces, each in one way. The doctor finds what is wrong there and nothing where it is not;
 * the commands that it prints are executed as they stand, and it finds that no more.
 */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class DoctorIT {
    private static final String RULESET = """
            table inet sync_raw {
                chain prerouting { type filter hook prerouting priority raw; iifname { "sync0", "lan0" } notrack; }
                chain output     { type filter hook output priority raw; oifname { "sync0", "lan0" } notrack; }
            }
            table inet filter {
                set peers { type ipv4_addr; flags interval; elements = { 10.99.0.0/24, 10.10.0.2 } }
                chain input {
                    type filter hook input priority filter; policy drop;
                    iifname "lo" accept
                    ct state vmap { established : accept, related : accept, invalid : drop }
                    ip saddr @peers udp dport 47900-47901 accept
                    iifname "sync0" udp sport 47901 accept
                }
                chain forward {
                    type filter hook forward priority filter; policy drop;
                    ct state established,related accept
                    iifname "lan0" oifname "wan0" jump outwards
                }
                chain outwards { tcp dport 80 accept; }
            }
            table ip nat {
                chain postrouting {
                    type nat hook postrouting priority srcnat;
                    oifname "wan0" ip saddr 10.10.0.0/24 counter snat to 203.0.113.10
                }
            }
            """;

    @TempDir
    private Path directory;

    private final Plans plans = new Plans();
    private TestNet net;
    private String host;

    @BeforeEach
    void healthyHost(TestNet testNet) throws Exception {
        net = testNet;
        host = net.namespace();
        String others = net.namespace();
        for (String name : List.of("lan0", "wan0", "sync0")) {
            net.veth(host, name, others, name);
        }
        net.address(host, "lan0", "10.10.0.1/24");
        net.address(host, "wan0", "203.0.113.2/24");
        net.address(host, "sync0", "10.99.0.1/24");
        nft(RULESET);
        net.sysctl(host, "net/netfilter/nf_conntrack_events", "1");
        net.sysctl(host, "net/netfilter/nf_conntrack_tcp_loose", "0");
        net.sysctl(host, "net/netfilter/nf_conntrack_tcp_be_liberal", "0");
        net.sysctl(host, "net/ipv4/ip_forward", "1");
        net.sysctl(host, "net/ipv6/conf/all/forwarding", "1");
        for (String name : List.of("all", "lan0", "wan0")) {
            net.sysctl(host, "net/ipv4/conf/" + name + "/rp_filter", "0");
            net.sysctl(host, "net/ipv4/conf/" + name + "/arp_ignore", "1");
            net.sysctl(host, "net/ipv4/conf/" + name + "/arp_announce", "2");
        }
        plans.key = directory.resolve("cluster.key");
        Files.writeString(plans.key, "0123456789abcdef".repeat(4) + "\n");
        Files.setPosixFilePermissions(plans.key, PosixFilePermissions.fromString("rw-------"));
        plans.configuration = Files.writeString(directory.resolve("twinwall.toml"), """
                [sync]
                event-buffer-mb = 64

                [[vip]]
                address = "10.10.0.254/24"
                """);
        plans.state = directory.resolve("state");
        plans.runtime = directory.resolve("runtime");
        plans.socket = directory.resolve("admin.sock");
    }

    /** What depends on the machine and not on the namespace: its tables' size, its clock, its disks, its modules. */
    @Test
    void shouldFindNothingOfTheseOnAHealthyHost() throws Exception {
        List<String> ids = diagnosis().findings().stream().map(Finding::id).toList();
        List<String> ofTheMachine = List.of(
                "daemon-not-running",
                "conntrack-max",
                "flows-max",
                "conntrack-buckets",
                "conntrack-buckets-many",
                "conntrack-full",
                "conntrack-dropped",
                "clock",
                "state-volatile",
                "runtime-on-disk",
                "key-directory",
                "iptables-legacy",
                "stream-buffers",
                "kernel-no-egress",
                "kernel-no-owner");
        assertEquals(
                List.of(), ids.stream().filter(id -> !ofTheMachine.contains(id)).toList());
    }

    @Test
    void shouldMendEventsThatAreAutomatic() throws Exception {
        mends("conntrack-events", () -> net.sysctl(host, "net/netfilter/nf_conntrack_events", "2"));
    }

    @Test
    void shouldMendTheAdoptionOfStrangers() throws Exception {
        mends("tcp-loose", () -> net.sysctl(host, "net/netfilter/nf_conntrack_tcp_loose", "1"));
    }

    @Test
    void shouldMendAHostThatDoesNotForward() throws Exception {
        mends("forwarding-ipv4", () -> net.sysctl(host, "net/ipv4/ip_forward", "0"));
        plans.vip("fd00:10::254", 64, "lan0");
        net.address(host, "lan0", "fd00:10::1/64");
        mends("forwarding-ipv6", () -> net.sysctl(host, "net/ipv6/conf/all/forwarding", "0"));
    }

    @Test
    void shouldMendAStrictReversePath() throws Exception {
        mends("rp-filter", () -> net.sysctl(host, "net/ipv4/conf/lan0/rp_filter", "1"));
    }

    @Test
    void shouldMendALinkThatIsSetDown() throws Exception {
        mends("path-interface", () -> net.down(host, "sync0"));
    }

    @Test
    void shouldMendALinkWithoutItsAddress() throws Exception {
        mends("path-address", () -> Cmd.in(host, "ip", "address", "del", "10.99.0.1/24", "dev", "sync0"));
    }

    @Test
    void shouldMendALinkTooNarrowForTheStream() throws Exception {
        mends("path-mtu", () -> Cmd.in(host, "ip", "link", "set", "dev", "sync0", "mtu", "1280"));
    }

    @Test
    void shouldMendAVirtualAddressThatIsConfiguredByHand() throws Exception {
        mends("vip-static", () -> net.address(host, "wan0", "203.0.113.10/24"));
    }

    @Test
    void shouldMendAPrefixThatIsNotTheNets() throws Exception {
        assertEquals(List.of(), found("vip-prefix"));
        Cmd.in(host, "ip", "address", "del", "10.10.0.1/24", "dev", "lan0");
        net.address(host, "lan0", "10.10.0.1/16");
        execute(found("vip-prefix"));
        String text = Files.readString(plans.configuration);
        assertTrue(text.contains("address = \"10.10.0.254/16\""), text);
        plans.vips.removeIf(vip -> vip.text().equals("10.10.0.254/24"));
        plans.vip("10.10.0.254", 16, "lan0");
        assertEquals(List.of(), found("vip-prefix"));
    }

    @Test
    void shouldMendAMasqueradeAndKeepItsConditions() throws Exception {
        mends("masquerade", () -> nft("""
                        table ip nat {
                            chain postrouting {
                                oifname "wan0" ip saddr { 10.20.0.0/16, 10.30.0.1 } counter masquerade random,persistent \
                        comment "to the world"
                            }
                        }
                        """));
        String rules = Cmd.in(host, "nft", "-s", "list", "chain", "ip", "nat", "postrouting");
        assertTrue(
                rules.contains("oifname \"wan0\" ip saddr { 10.20.0.0/16, 10.30.0.1 } counter snat to 203.0.113.10"
                        + " comment \"to the world\""),
                rules);
        assertTrue(rules.contains("ip saddr 10.10.0.0/24 counter snat to 203.0.113.10"), rules);
    }

    @Test
    void shouldMendAMasqueradeOfBothFamilies() throws Exception {
        plans.vip("2001:db8:ff::10", 64, "wan0");
        net.address(host, "wan0", "2001:db8:ff::2/64");
        mends("masquerade", () -> nft("""
                        table inet nat6 {
                            chain post { type nat hook postrouting priority 110; oifname "wan0" masquerade; }
                        }
                        """));
        String rules = Cmd.in(host, "nft", "list", "chain", "inet", "nat6", "post");
        assertTrue(rules.contains("oifname \"wan0\" snat ip6 to 2001:db8:ff::10"), rules);
        assertTrue(rules.contains("oifname \"wan0\" snat ip to 203.0.113.10"), rules);
    }

    @Test
    void shouldMendARejectThatIsReachedByAJump() throws Exception {
        mends("reject", () -> nft("""
                        table inet filter {
                            chain outwards {
                                ip daddr { 192.0.2.0/24, 198.51.100.7 } counter reject with icmpx admin-prohibited \
                        comment "no reject"
                            }
                        }
                        """));
        String rules = Cmd.in(host, "nft", "-s", "list", "chain", "inet", "filter", "outwards");
        assertTrue(rules.contains("ip daddr { 192.0.2.0/24, 198.51.100.7 } counter drop comment \"no reject\""), rules);
    }

    @Test
    void shouldMendALinkThatIsTracked() throws Exception {
        mends("link-tracked", () -> Cmd.in(host, "nft", "delete", "table", "inet", "sync_raw"));
    }

    @Test
    void shouldMendAFilterThatKeepsThePairsPacketsOut() throws Exception {
        mends("link-filtered", () -> Cmd.in(host, "nft", "flush", "set", "inet", "filter", "peers"));
    }

    @Test
    void shouldMendATableOfALeaseThatNobodyRenews() throws Exception {
        mends("lease-orphaned", () -> {
            LeaseConfig config = LeaseConfig.of(List.of("lan0", "wan0"), vips(), 100);
            try (Lease lease = NetNs.call(host, () -> Lease.open(config))) {
                assertTrue(lease.install().ok());
            }
        });
        assertFalse(Cmd.in(host, "nft", "list", "tables").contains("twinwall\n"));
    }

    @Test
    void shouldFindTheLeaseWholeWhileAnAgentHoldsIt() throws Exception {
        LeaseConfig config = LeaseConfig.of(List.of("lan0", "wan0"), vips(), 60_000);
        try (Lease lease = NetNs.call(host, () -> Lease.open(config))) {
            assertTrue(lease.install().ok());
            Diagnosis whole = NetNs.call(host, () -> Doctor.examine(real(true), plans.plan()));
            assertTrue(whole.findings().stream().noneMatch(one -> one.id().startsWith("lease-")), whole::toString);
            assertTrue(lease.remove().ok());
            Diagnosis gone = NetNs.call(host, () -> Doctor.examine(real(true), plans.plan()));
            assertTrue(gone.findings().stream().anyMatch(one -> one.id().equals("lease-damaged")), gone::toString);
        }
    }

    @Test
    void shouldMendAKeyThatOthersMayRead() throws Exception {
        mends("key-mode", () -> Files.setPosixFilePermissions(plans.key, PosixFilePermissions.fromString("rw-r--r--")));
    }

    @Test
    void shouldReadHowLongACertificateLastsAndWhoseAKeyIs() throws Exception {
        TestCertificate made = TestCertificate.make(directory, "tls");
        LinuxHost here = real(false);
        assertTrue(here.certificateLeftS(made.certificate()).orElseThrow() > 0);
        assertTrue(here.certificateLeftS(made.key()).isEmpty(), "a key is no certificate");
        TestCertificate other = TestCertificate.make(directory, "other");
        assertEquals("", here.certificateKeyProblem(made.certificate(), made.key()));
        assertEquals("the key is another certificate's", here.certificateKeyProblem(made.certificate(), other.key()));
    }

    @Test
    void shouldMakeAKeyWhereThereIsNone() throws Exception {
        mends("key-missing", () -> Files.delete(plans.key));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(plans.key)));
    }

    /** The commands that change the configuration leave the other keys as they are. */
    @Test
    void shouldSetAKeyWhetherItIsThereOrNot() throws Exception {
        set("sync", "event-buffer-mb", "128");
        set("sync", "flows-max", "2000000");
        set("state", "directory", "\"/var/lib/twinwall\"");
        assertEquals("""
                [sync]
                flows-max = 2000000
                event-buffer-mb = 128

                [[vip]]
                address = "10.10.0.254/24"

                [state]
                directory = "/var/lib/twinwall"
                """, Files.readString(plans.configuration));
    }

    private void set(String table, String key, String value) {
        for (String command : Shell.set(plans.configuration, table, key, value)) {
            Cmd.run("sh", "-c", command);
        }
    }

    private static List<InetAddress> vips() {
        return List.of(InetAddress.ofLiteral("10.10.0.254"), InetAddress.ofLiteral("203.0.113.10"));
    }

    /** Something that is done to a host. */
    @FunctionalInterface
    private interface Deed {
        void todo() throws Exception;
    }

    /** Not found before the deed, found after it, and not any more after its commands, which are as they were printed. */
    private void mends(String id, Deed deed) throws Exception {
        assertEquals(List.of(), found(id), "before");
        deed.todo();
        execute(found(id));
        assertEquals(List.of(), found(id), "after");
    }

    private void execute(List<Finding> findings) {
        assertFalse(findings.isEmpty());
        for (Finding finding : findings) {
            assertFalse(finding.remedy().commands().isEmpty(), finding::toString);
            finding.remedy().commands().forEach(command -> Cmd.in(host, "sh", "-c", command));
        }
    }

    private List<Finding> found(String id) throws Exception {
        return diagnosis().findings().stream()
                .filter(one -> one.id().equals(id))
                .toList();
    }

    private Diagnosis diagnosis() throws Exception {
        return NetNs.call(host, () -> Doctor.examine(real(false), plans.plan()));
    }

    private LinuxHost real(boolean daemon) {
        return new LinuxHost(() -> daemon ? Optional.of(DaemonExamsTest.healthy()) : Optional.empty(), plans.socket);
    }

    private void nft(String text) {
        Cmd.inWithInput(host, text, "nft", "-f", "-");
    }
}
