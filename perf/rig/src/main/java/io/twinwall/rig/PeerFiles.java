/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.LabPlan;
import java.nio.file.Path;

/**
 * The configuration of keepalived and conntrackd on one firewall, as their manuals and examples have it: one sync group of two
 * VRRP instances, and a notify script that does what conntrackd's {@code primary-backup.sh} does.
 */
final class PeerFiles {
    /** What the lab's rules must let through besides: VRRP. */
    static final String RULES = """
            insert rule inet lab_filter input meta l4proto vrrp accept
            insert rule inet lab_raw prerouting meta l4proto vrrp notrack
            insert rule inet lab_raw output meta l4proto vrrp notrack
            """;

    private static final int EVENT_BUFFER_BYTES = 64 << 20;
    private static final int SOCKET_BYTES = 8 << 20;

    private final FirewallNode node;
    private final Path directory;
    private final PeerTuning tuning;

    PeerFiles(FirewallNode node, Path directory, PeerTuning tuning) {
        this.node = node;
        this.directory = directory;
        this.tuning = tuning;
    }

    Path keepalivedConf() {
        return directory.resolve("keepalived.conf");
    }

    Path conntrackdConf() {
        return directory.resolve("conntrackd.conf");
    }

    Path controlSocket() {
        return directory.resolve("conntrackd.ctl");
    }

    Path notifyScript() {
        return directory.resolve("notify.sh");
    }

    /** Where the notify script writes when it began and ended what, in nanoseconds of the wall clock. */
    Path roles() {
        return directory.resolve("roles.log");
    }

    String keepalived() {
        return """
                global_defs {
                    router_id %s
                    script_user root
                    enable_script_security
                %s}
                vrrp_sync_group PAIR {
                    group {
                        LAN
                        WAN
                    }
                    notify_master "%5$s master"
                    notify_backup "%5$s backup"
                    notify_fault "%5$s fault"
                }
                %3$s%4$s""".formatted(
                        node.nodeName(),
                        tuning.realTime() ? "    vrrp_rt_priority 50\n    vrrp_no_swap\n" : "",
                        instance(LabPlan.Link.LAN, 51),
                        instance(LabPlan.Link.WAN, 52),
                        notifyScript());
    }

    private String instance(LabPlan.Link link, int router) {
        StringBuilder v4 = new StringBuilder();
        StringBuilder v6 = new StringBuilder();
        for (LabPlan.Vip vip : LabPlan.vips()) {
            if (vip.device().equals(link.device())) {
                (vip.address().contains(":") ? v6 : v4)
                        .append("        ")
                        .append(vip.address())
                        .append(" dev ")
                        .append(vip.device())
                        .append('\n');
            }
        }
        return """
                vrrp_instance %s {
                    interface %s
                    state BACKUP
                    version %d
                    virtual_router_id %d
                    priority %d
                    nopreempt
                    advert_int %s
                    virtual_ipaddress {
                %s    }
                    virtual_ipaddress_excluded {
                %s    }
                }
                """.formatted(
                link.name(), link.device(), tuning.vrrpVersion(), router, node.priority(), tuning.advertS(), v4, v6);
    }

    /** Buffers and tables as large as this project's own are by default. */
    String conntrackd() {
        return """
                Sync {
                    Mode FTFW {
                        DisableExternalCache %s
                    }
                    UDP {
                        IPv4_address %s
                        IPv4_Destination_Address %s
                        Port %d
                        Interface sync0
                        SndSocketBuffer %d
                        RcvSocketBuffer %d
                        Checksum on
                    }
                    Options {
                        TCPWindowTracking On
                        ExpectationSync On
                    }
                }
                General {
                    HashSize %d
                    HashLimit %d
                    LogFile %s
                    LockFile %s
                    UNIX {
                        Path %s
                    }
                    NetlinkBufferSize %d
                    NetlinkBufferSizeMaxGrowth %d
                    NetlinkOverrunResync On
                    Filter From Userspace {
                        Address Ignore {
                            IPv4_address 127.0.0.1
                %s            }
                    }
                }
                """.formatted(
                        tuning.kernel() ? "On" : "Off",
                        LabPlan.Link.SYNC.address(node),
                        LabPlan.Link.SYNC.address(node.peer()),
                        LabPlan.SYNC_PORT,
                        SOCKET_BYTES,
                        SOCKET_BYTES,
                        Contender.FLOWS_MAX / 8,
                        Contender.FLOWS_MAX,
                        directory.resolve("conntrackd.log"),
                        directory.resolve("conntrackd.lock"),
                        controlSocket(),
                        EVENT_BUFFER_BYTES,
                        EVENT_BUFFER_BYTES,
                        ownAddresses());
    }

    private String ownAddresses() {
        StringBuilder lines = new StringBuilder();
        for (FirewallNode each : FirewallNode.values()) {
            for (LabPlan.Link link : new LabPlan.Link[] {LabPlan.Link.SYNC, LabPlan.Link.LAN, LabPlan.Link.WAN}) {
                lines.append("            IPv4_address ")
                        .append(link.address(each))
                        .append('\n');
            }
        }
        return lines.toString();
    }

    String notifyText() {
        return """
                #!/bin/sh
                # What a role change means for conntrackd, with the times.
                say() { echo "$(date +%%s%%N) $*" >>%1$s; }
                say "$1" begin
                case $1 in
                master)
                    conntrackd -C %2$s -c
                    say "$1" committed
                    conntrackd -C %2$s -f
                    conntrackd -C %2$s -R
                    conntrackd -C %2$s -B
                    ;;
                backup)
                    conntrackd -C %2$s -t
                    conntrackd -C %2$s -n
                    ;;
                fault)
                    conntrackd -C %2$s -t
                    ;;
                esac
                say "$1" end
                """.formatted(roles(), conntrackdConf());
    }
}
