/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.NftResult;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlRequests;
import io.twinwall.netlink.NlResult;
import io.twinwall.netlink.NlSocket;
import io.twinwall.nftbridge.Lease;
import io.twinwall.nftbridge.LeaseConfig;
import java.net.InetAddress;
import java.util.List;

/** Tries what a kernel may lack; where that changes something, in a network namespace of its own, which ends with the trial. */
final class LinuxFeatures {
    private static final int ARMED_MS = 100;
    private static final int RECEIVE_BYTES = 8 * 1024;

    private LinuxFeatures() {}

    /** Why not, or "". */
    static String lacking(Host.Feature feature) throws Unanswered {
        try {
            return switch (feature) {
                case CONNTRACK_NETLINK -> conntrackNetlink();
                case LEASE -> lease();
                case PACKET_SOCKET -> packetSocket();
            };
        } catch (Fatal e) {
            if (e.exitCode() == ExitCode.NO_PERMISSION) {
                throw new Unanswered(e.getMessage(), e);
            }
            return e.getMessage();
        }
    }

    private static String conntrackNetlink() throws Unanswered {
        try (NlSocket socket = NlSocket.open(NlConst.NETLINK_NETFILTER, 4, RECEIVE_BYTES)) {
            NlRequests requests = new NlRequests(socket);
            requests.beginNf(CtConst.CTNETLINK + CtConst.IPCTNL_MSG_CT_GET_STATS, 0, NlConst.AF_UNSPEC, 0);
            NlResult result = requests.execute();
            return refusal("conntrack's statistics", result.errno());
        }
    }

    private static String packetSocket() throws Unanswered {
        int fd = Posix.socket(Const.AF_PACKET, Const.SOCK_RAW | Const.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return refusal("socket(AF_PACKET)", -fd);
        }
        Posix.close(fd);
        return "";
    }

    private static String lease() throws Unanswered {
        try {
            NftResult result = NetNs.callInNew(LinuxFeatures::installed);
            return refusal(result.operation(), result.errno());
        } catch (Fatal | Unanswered e) {
            throw e;
        } catch (Exception e) {
            throw new Unanswered("The lease cannot be tried: " + e.getMessage(), e);
        }
    }

    private static NftResult installed() {
        List<InetAddress> vips = List.of(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("2001:db8::1"));
        try (Lease lease = Lease.open(LeaseConfig.of(List.of("lo"), vips, ARMED_MS))) {
            NftResult result = lease.install();
            if (result.ok()) {
                lease.remove();
            }
            return result;
        }
    }

    private static String refusal(String operation, int errno) throws Unanswered {
        String text = operation + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")";
        return switch (errno) {
            case 0 -> "";
            case Errno.EPERM, Errno.EACCES -> throw new Unanswered(text);
            default -> text;
        };
    }
}
