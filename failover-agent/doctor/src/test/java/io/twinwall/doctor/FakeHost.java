/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtNeighbour;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** A host on which nothing is wrong, until a test says otherwise. Without a daemon. */
final class FakeHost implements Host {
    static final int VIP_MARK = 218;

    /** All that the agent asks for. */
    static final long ALL_CAPABILITIES = 0x1ff_ffff_ffffL;

    String release = "6.12.3-amd64";
    final Map<Feature, String> lacking = new EnumMap<>(Feature.class);
    final Set<String> modules = new HashSet<>();
    int java = 25;
    final Map<String, String> sysctls = new HashMap<>();
    final Map<String, Long> counters = new HashMap<>();
    final List<RtLink> links = new ArrayList<>();
    final List<RtAddress> addresses = new ArrayList<>();
    final List<RtNeighbour> neighbours = new ArrayList<>();
    Rules rules = Rules.healthy();
    final Map<Path, FileFacts> files = new HashMap<>();
    String keyProblem = "";
    String certificateKeyProblem = "";
    OptionalLong certificateLeftS = OptionalLong.of(90 * 86_400L);
    Rights rights = new Rights(false, 100, 0, ALL_CAPABILITIES);
    boolean clockKept = true;
    Running running;
    OptionalLong rate = OptionalLong.of(1_000);

    /** Questions that go unanswered, by the names of the methods. */
    final Set<String> mute = new HashSet<>();

    FakeHost() {
        link(1, "lo", RtConst.IFF_UP | RtConst.IFF_LOOPBACK);
        link(2, "lan0", RtConst.IFF_UP);
        link(3, "wan0", RtConst.IFF_UP);
        link(4, "sync0", RtConst.IFF_UP);
        address(2, "10.10.0.1", 24);
        address(3, "203.0.113.2", 24);
        address(4, "10.99.0.1", 24);
        setting("net/netfilter/nf_conntrack_events", 1);
        setting("net/netfilter/nf_conntrack_tcp_loose", 0);
        setting("net/netfilter/nf_conntrack_tcp_be_liberal", 0);
        setting("net/netfilter/nf_conntrack_max", 1 << 20);
        setting("net/netfilter/nf_conntrack_buckets", 1 << 20);
        setting("net/netfilter/nf_conntrack_count", 1_000);
        setting("net/ipv4/ip_forward", 1);
        setting("net/ipv6/conf/all/forwarding", 1);
        setting("net/ipv4/ip_nonlocal_bind", 1);
        setting("net/ipv6/ip_nonlocal_bind", 1);
        for (String name : List.of("all", "lan0", "wan0")) {
            setting("net/ipv4/conf/" + name + "/rp_filter", 0);
            setting("net/ipv4/conf/" + name + "/arp_ignore", 1);
            setting("net/ipv4/conf/" + name + "/arp_announce", 2);
        }
        file("/etc/twinwall/cluster.key", "rw-------");
        file("/etc/twinwall/twinwall.toml", "rw-r--r--");
        directory("/etc/twinwall", "ext4");
        directory("/var/lib/twinwall", "ext4");
        directory("/dev/shm", "tmpfs");
        directory("/run/twinwall", "tmpfs");
    }

    void setting(String path, long value) {
        sysctls.put(path, String.valueOf(value));
    }

    void link(int ifIndex, String name, int flags) {
        links.removeIf(link -> link.name().equals(name));
        links.add(new RtLink(ifIndex, name, flags, true, RtConst.IF_OPER_UP, 1500, "", false));
    }

    void withoutCarrier(String name) {
        links.replaceAll(link -> link.name().equals(name)
                ? new RtLink(link.ifIndex(), name, link.flags(), false, 2, link.mtu(), "", false)
                : link);
    }

    void mtu(String name, int mtu) {
        links.replaceAll(link -> link.name().equals(name)
                ? new RtLink(link.ifIndex(), name, link.flags(), true, RtConst.IF_OPER_UP, mtu, "", false)
                : link);
    }

    void address(int ifIndex, String address, int length) {
        addresses.add(RtAddress.of(ifIndex, InetAddress.ofLiteral(address), length));
    }

    void virtual(int ifIndex, String address) {
        addresses.add(RtAddress.of(ifIndex, InetAddress.ofLiteral(address), 32).withProtocol(VIP_MARK));
    }

    void withoutAddress(String address) {
        addresses.removeIf(one -> one.address().equals(InetAddress.ofLiteral(address)));
    }

    void file(String path, String mode) {
        files.put(Path.of(path), new FileFacts(false, mode, false, 0, mode.charAt(2) == 'x', "ext4"));
    }

    void directory(String path, String fileSystem) {
        directory(path, "rwxr-xr-x", fileSystem);
    }

    void directory(String path, String mode, String fileSystem) {
        files.put(Path.of(path), new FileFacts(true, mode, false, 0, true, fileSystem));
    }

    private <T> T told(String question, T answer) throws Unanswered {
        if (mute.contains(question)) {
            throw new Unanswered(question + " goes unanswered: EPERM");
        }
        return answer;
    }

    @Override
    public String kernelRelease() throws Unanswered {
        return told("kernelRelease", release);
    }

    @Override
    public String lacking(Feature feature) throws Unanswered {
        return told("lacking", lacking.getOrDefault(feature, ""));
    }

    @Override
    public Set<String> modules() throws Unanswered {
        return told("modules", modules);
    }

    @Override
    public int javaVersion() {
        return java;
    }

    @Override
    public Optional<String> sysctl(String path) throws Unanswered {
        return told("sysctl", Optional.ofNullable(sysctls.get(path)));
    }

    @Override
    public Map<String, Long> conntrackCounters() throws Unanswered {
        return told("conntrackCounters", counters);
    }

    @Override
    public List<RtLink> links() throws Unanswered {
        return told("links", links);
    }

    @Override
    public List<RtAddress> addresses() throws Unanswered {
        return told("addresses", addresses);
    }

    @Override
    public List<RtNeighbour> neighbours() throws Unanswered {
        return told("neighbours", neighbours);
    }

    @Override
    public Ruleset ruleset() throws Unanswered {
        return told("ruleset", rules.ruleset());
    }

    @Override
    public Optional<FileFacts> file(Path path) throws Unanswered {
        return told("file", Optional.ofNullable(files.get(path)));
    }

    @Override
    public String certificateKeyProblem(Path certificate, Path key) throws Unanswered {
        return told("certificateKeyProblem", certificateKeyProblem);
    }

    @Override
    public OptionalLong certificateLeftS(Path path) throws Unanswered {
        return told("certificateLeftS", certificateLeftS);
    }

    @Override
    public String keyProblem(Path path) throws Unanswered {
        return told("keyProblem", keyProblem);
    }

    @Override
    public Rights rights() throws Unanswered {
        return told("rights", rights);
    }

    @Override
    public boolean clockKept() throws Unanswered {
        return told("clockKept", clockKept);
    }

    @Override
    public Optional<Running> daemon() throws Unanswered {
        return told("daemon", Optional.ofNullable(running));
    }

    @Override
    public OptionalLong eventsPerSecond() throws Unanswered {
        return told("eventsPerSecond", running == null ? OptionalLong.empty() : rate);
    }
}
