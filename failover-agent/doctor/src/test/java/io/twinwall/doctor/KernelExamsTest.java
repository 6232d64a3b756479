/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The kernel, Java, capabilities and the clock. */
class KernelExamsTest {
    private final FakeHost host = new FakeHost();

    @Test
    void shouldFindNothingOnAHostWithoutFault() {
        assertEquals(List.of("daemon-not-running"), Seen.on(host).ids());
    }

    @Test
    void shouldTellWhatAnOldKernelCannotDo() {
        host.release = "5.4.0-42-generic";
        Seen.on(host).advised("kernel-too-old", Severity.ERROR);
        host.release = "5.10.0";
        Seen.on(host).none("kernel-too-old").advised("kernel-no-egress", Severity.NOTE);
        host.release = "5.16.1";
        Seen.on(host).none("kernel-no-egress").advised("kernel-no-owner", Severity.NOTE);
        host.release = "6.9";
        Seen.on(host).none("kernel-no-owner");
    }

    @Test
    void shouldNotAskAKernelForALeaseThatIsNotWanted() {
        Plans plans = new Plans();
        plans.fenced = false;
        host.release = "5.4.0";
        host.lacking.put(Host.Feature.LEASE, "EOPNOTSUPP");
        Seen seen = Seen.on(host, plans.plan());
        seen.none("kernel-too-old").none("no-lease");
    }

    @Test
    void shouldSayThatAReleaseIsNotUnderstood() {
        host.release = "plan9";
        assertTrue(Seen.on(host).ids().contains("not-checked"));
    }

    @Test
    void shouldLoadWhatTheKernelLacks() {
        host.lacking.put(Host.Feature.CONNTRACK_NETLINK, "EINVAL");
        host.lacking.put(Host.Feature.LEASE, "EOPNOTSUPP");
        host.lacking.put(Host.Feature.PACKET_SOCKET, "EAFNOSUPPORT");
        Seen seen = Seen.on(host);
        seen.mendedBy("no-conntrack-netlink", Severity.ERROR, "modprobe nf_conntrack_netlink");
        seen.mendedBy("no-lease", Severity.ERROR, "modprobe nf_tables");
        seen.mendedBy("no-packet-sockets", Severity.ERROR, "modprobe af_packet");
        assertEquals(
                List.of("echo nf_tables >> /etc/modules-load.d/twinwall.conf"),
                seen.one("no-lease", Severity.ERROR).remedy().keep());
    }

    @Test
    void shouldWantBothModulesOfAHelper() {
        host.rules.helper("ftp-2121").helper("Q.931");
        host.modules.addAll(Set.of("nf_conntrack_ftp", "nf_conntrack_h323", "nf_nat_h323"));
        Seen.on(host).mendedBy("helper-module", Severity.WARNING, "modprobe nf_nat_ftp");
        host.modules.add("nf_nat_ftp");
        Seen.on(host).none("helper-module");
        host.modules.remove("nf_conntrack_h323");
        Seen.on(host).mendedBy("helper-module", Severity.WARNING, "modprobe nf_conntrack_h323");
    }

    @Test
    void shouldWarnOfAnotherJava() {
        host.java = 26;
        Seen.on(host).mendedBy("java-version", Severity.WARNING, "apt-get install openjdk-25-jdk-headless");
    }

    @Test
    void shouldNameTheCapabilitiesThatLack() {
        host.rights = new Rights(true, 812, 0, 0);
        Seen none = Seen.on(host);
        none.advised("capability-net-admin", Severity.ERROR);
        none.advised("capability-net-raw", Severity.ERROR);
        none.none("capability-real-time");
        assertTrue(none.one("capability-net-admin", Severity.ERROR).why().contains("net.core.rmem_max"));
        assertTrue(none.one("capability-net-admin", Severity.ERROR).what().contains("process 812"));

        host.rights = new Rights(false, 1, 0, 1L << Rights.CAP_NET_ADMIN | 1L << Rights.CAP_NET_RAW);
        Seen some = Seen.on(host);
        some.none("capability-net-admin").none("capability-net-raw");
        Finding realTime = some.one("capability-real-time", Severity.NOTE);
        assertTrue(realTime.what().contains("CAP_SYS_NICE and CAP_IPC_LOCK"), realTime::toString);
        assertEquals(List.of("sudo twinwall doctor"), realTime.remedy().commands());
    }

    @Test
    void shouldNoteAClockThatNobodyKeeps() {
        host.clockKept = false;
        Seen.on(host).mendedBy("clock", Severity.NOTE, "timedatectl set-ntp true");
    }
}
