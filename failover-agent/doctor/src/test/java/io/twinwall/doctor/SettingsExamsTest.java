/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.netlink.RtConst;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Settings below {@code /proc/sys}. */
class SettingsExamsTest {
    private static final String CONNTRACK = "net/netfilter/nf_conntrack_";

    private final FakeHost host = new FakeHost();
    private final Plans plans = new Plans();

    @Test
    void shouldWantConntrackLoaded() {
        host.sysctls.keySet().removeIf(key -> key.startsWith(CONNTRACK));
        Seen seen = Seen.on(host);
        seen.mendedBy("conntrack-missing", Severity.ERROR, "modprobe nf_conntrack");
        seen.none("conntrack-events").none("conntrack-max");
    }

    @Test
    void shouldWantEventsOfEveryFlow() {
        host.setting(CONNTRACK + "events", 2);
        Finding automatic = Seen.on(host).one("conntrack-events", Severity.WARNING);
        assertEquals(
                new Remedy(
                        List.of("sysctl -w net.netfilter.nf_conntrack_events=1"),
                        List.of(
                                "echo 'net.netfilter.nf_conntrack_events = 1' >> /etc/sysctl.d/90-twinwall.conf",
                                "echo nf_conntrack >> /etc/modules-load.d/twinwall.conf"),
                        ""),
                automatic.remedy());
        host.setting(CONNTRACK + "events", 0);
        Seen.on(host).mendedBy("conntrack-events", Severity.ERROR, "sysctl -w net.netfilter.nf_conntrack_events=1");
        host.sysctls.remove(CONNTRACK + "events");
        Seen.on(host).advised("conntrack-events", Severity.ERROR);
    }

    @Test
    void shouldWantStrangersKeptOut() {
        host.setting(CONNTRACK + "tcp_loose", 1);
        host.setting(CONNTRACK + "tcp_be_liberal", 1);
        Seen seen = Seen.on(host);
        seen.mendedBy("tcp-loose", Severity.WARNING, "sysctl -w net.netfilter.nf_conntrack_tcp_loose=0");
        seen.mendedBy("tcp-be-liberal", Severity.NOTE, "sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=0");
    }

    @Test
    void shouldNotLookAtConntrackWithoutReplication() {
        plans.sync = false;
        host.setting(CONNTRACK + "tcp_loose", 1);
        host.setting(CONNTRACK + "count", 1 << 20);
        Seen.on(host, plans.plan()).none("tcp-loose").none("conntrack-full");
    }

    @Test
    void shouldWantRoomForTheStream() {
        Seen.on(host).none("stream-buffers");
        host.setting("net/core/rmem_max", 262_144);
        host.setting("net/core/wmem_max", 212_992);
        Seen.on(host).mendedBy("stream-buffers", Severity.NOTE, "sysctl -w net.core.wmem_max=1048576");
        plans.sync = false;
        Seen.on(host, plans.plan()).none("stream-buffers");
    }

    @Test
    void shouldHoldTheKernelsTableAgainstThePairs() {
        host.setting(CONNTRACK + "max", 1_500_000);
        Seen.on(host)
                .mendedBy(
                        "flows-max",
                        Severity.WARNING,
                        "grep -q '^ *\\[sync\\]' /etc/twinwall/twinwall.toml || printf '\\n[sync]\\n' >> /etc/twinwall/twinwall.toml",
                        "sed -i -e '/^ *\\[sync\\]/,/^ *\\[/{/^ *flows-max *=/d}' -e '/^ *\\[sync\\]/a flows-max = 1500000'"
                                + " /etc/twinwall/twinwall.toml");
        host.setting(CONNTRACK + "max", 9_000_000);
        Seen.on(host).mendedBy("flows-max", Severity.WARNING, "sysctl -w net.netfilter.nf_conntrack_max=6000000");
        host.setting(CONNTRACK + "max", 262_144);
        Seen.on(host).mendedBy("conntrack-max", Severity.NOTE, "sysctl -w net.netfilter.nf_conntrack_max=1048576");
    }

    @Test
    void shouldWantBucketsForAFullTable() {
        host.setting(CONNTRACK + "buckets", 262_144);
        Seen.on(host)
                .mendedBy("conntrack-buckets", Severity.WARNING, "sysctl -w net.netfilter.nf_conntrack_buckets=524288");
        host.setting(CONNTRACK + "buckets", 262_145);
        Seen.on(host).none("conntrack-buckets");
        host.setting(CONNTRACK + "buckets", 1 << 20);
        Seen.on(host).none("conntrack-buckets-many");
        host.setting(CONNTRACK + "buckets", (1 << 20) + 1);
        Seen.on(host)
                .mendedBy(
                        "conntrack-buckets-many", Severity.NOTE, "sysctl -w net.netfilter.nf_conntrack_buckets=524288");
    }

    @Test
    void shouldTellATableThatIsOrWasFull() {
        host.setting(CONNTRACK + "count", 800_000);
        host.counters.put("early_drop", 7L);
        host.counters.put("insert_failed", 9L);
        Seen seen = Seen.on(host);
        seen.mendedBy("conntrack-full", Severity.WARNING, "sysctl -w net.netfilter.nf_conntrack_max=2097152");
        seen.mendedBy("conntrack-dropped", Severity.WARNING, "sysctl -w net.netfilter.nf_conntrack_max=2097152");
        host.counters.remove("early_drop");
        host.setting(CONNTRACK + "count", 700_000);
        Seen.on(host).none("conntrack-full").none("conntrack-dropped");
    }

    @Test
    void shouldWantForwardingOfTheFamiliesOfThePair() {
        host.setting("net/ipv4/ip_forward", 0);
        host.setting("net/ipv6/conf/all/forwarding", 0);
        Seen ipv4 = Seen.on(host);
        ipv4.mendedBy("forwarding-ipv4", Severity.ERROR, "sysctl -w net.ipv4.ip_forward=1");
        ipv4.none("forwarding-ipv6");
        plans.vip("2001:db8:1::254", 64, "lan0");
        Seen.on(host, plans.plan())
                .mendedBy("forwarding-ipv6", Severity.ERROR, "sysctl -w net.ipv6.conf.all.forwarding=1");
    }

    @Test
    void shouldWantNoStrictReversePath() {
        host.setting("net/ipv4/conf/all/rp_filter", 1);
        host.setting("net/ipv4/conf/wan0/rp_filter", 2);
        Seen.on(host).mendedBy("rp-filter", Severity.WARNING, "sysctl -w net.ipv4.conf.lan0.rp_filter=2");
    }

    @Test
    void shouldWriteAnInterfaceWithADotAsSysctlTakesIt() {
        plans.vips.clear();
        plans.vip("10.20.0.254", 24, "lan0.20");
        host.link(7, "lan0.20", RtConst.IFF_UP);
        host.setting("net/ipv4/conf/lan0.20/rp_filter", 1);
        Seen.on(host, plans.plan())
                .mendedBy("rp-filter", Severity.WARNING, "sysctl -w net/ipv4/conf/lan0.20/rp_filter=2");
    }

    @Test
    void shouldNoteWhatArpMayMixUp() {
        for (String name : List.of("all", "lan0", "wan0")) {
            host.setting("net/ipv4/conf/" + name + "/arp_ignore", 0);
            host.setting("net/ipv4/conf/" + name + "/arp_announce", 1);
        }
        Seen seen = Seen.on(host);
        seen.mendedBy("arp-ignore", Severity.NOTE, "sysctl -w net.ipv4.conf.all.arp_ignore=1");
        seen.mendedBy("arp-announce", Severity.NOTE, "sysctl -w net.ipv4.conf.all.arp_announce=2");
        assertTrue(seen.one("arp-ignore", Severity.NOTE).what().contains("lan0, wan0"));
    }

    @Test
    void shouldNoteServicesThatCannotBindWhilePassive() {
        host.setting("net/ipv4/ip_nonlocal_bind", 0);
        Seen.on(host).none("nonlocal-bind");
        plans.services = true;
        Seen.on(host, plans.plan()).mendedBy("nonlocal-bind", Severity.NOTE, "sysctl -w net.ipv4.ip_nonlocal_bind=1");
    }

    @Test
    void shouldSayThatASettingIsNoNumber() {
        host.sysctls.put("net/ipv4/ip_forward", "yes");
        Finding finding = Seen.on(host).one("not-checked", Severity.WARNING);
        assertTrue(finding.what().contains("net.ipv4.ip_forward is no number: yes"), finding::toString);
    }
}
