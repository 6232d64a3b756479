/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import io.twinwall.netlink.NftResult;
import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The renewal packet: who may send it, what it touches on its way, and what it costs. */
final class LeaseRenewIT extends InstalledLease {
    private static final System.Logger LOG = System.getLogger(LeaseRenewIT.class.getName());
    private static final long ARMED_MS = 60;
    private static final Pattern SHOWN = Pattern.compile("@th,64,128 0x([0-9a-f]+) update @lease .* timeout 3650d");

    LeaseRenewIT() {
        super(ARMED_MS);
    }

    @Test
    void shouldObeyTheSecretThatNftShowsToRoot() throws Exception {
        LeaseSecrets known = new LeaseSecrets(new byte[16], shownSecret(), new byte[16]);
        try (LeaseSender sender = sender(LeaseConfig.PORT, known)) {
            assertEquals(0, sender.disarmed());
            Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
        }
    }

    @Test
    void shouldIgnoreAWrongSecretAndAWrongPort() throws Exception {
        byte[] almost = shownSecret();
        almost[15] ^= 1;
        try (LeaseSender wrongSecret = sender(LeaseConfig.PORT, new LeaseSecrets(almost, new byte[16], new byte[16]));
                LeaseSender wrongPort =
                        sender(LeaseConfig.PORT + 1, new LeaseSecrets(shownSecret(), new byte[16], new byte[16]))) {
            assertEquals(0, wrongSecret.armed());
            assertEquals(0, wrongSecret.disarmed());
            assertEquals(0, wrongPort.armed());
            assertFalse(lease.gateOpen());

            assertEquals(0, lease.renew(false));
            Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
            assertEquals(0, wrongSecret.released());
            assertTrue(lease.gateOpen());
        }
    }

    @Test
    void shouldIgnoreTheRightSecretFromOutside() throws Exception {
        byte[] secret = shownSecret();
        NetNs.call(net.client, () -> {
            try (DatagramChannel channel = DatagramChannel.open()) {
                for (String to : new String[] {LeaseNet.OWN4, "fd10::1"}) {
                    channel.send(ByteBuffer.wrap(secret), new InetSocketAddress(LeaseNet.ip(to), LeaseConfig.PORT));
                }
                return channel;
            }
        });
        sendRaw(net.client, "lan1", secret);
        assertFalse(lease.gateOpen());
        // The same bytes count on the device that they are meant for.
        sendRaw(net.firewall, "lo", secret);
        Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
    }

    @Test
    void shouldPassNoChainOfTheOperatorAndLeaveNoConnection() throws Exception {
        net.nft("""
                table inet operator {
                  chain in {
                    type filter hook input priority -400; policy accept;
                    ct state new counter
                  }
                  chain out {
                    type filter hook output priority -400; policy accept;
                    udp dport 47998 counter
                  }
                }
                """);
        String before = net.nft("list table inet operator");
        for (int i = 0; i < 10; i++) {
            assertEquals(0, lease.renew(true));
        }
        assertEquals(NftResult.done(), lease.release());
        assertEquals(before, net.nft("list table inet operator"));
        assertEquals("", Cmd.in(net.firewall, "conntrack", "-L", "-p", "udp", "--dport", "" + LeaseConfig.PORT));
        // Nor does it when the rules that stop it are gone.
        assertEquals(NftResult.done(), lease.remove());
        assertEquals(0, lease.renew(true));
        assertEquals(before, net.nft("list table inet operator"));
    }

    @Test
    void shouldOpenAgainHoweverOftenItExpired() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertEquals(0, lease.renew(false));
            Await.until("the gate to open in round " + i, LeaseNet.SOON, lease::gateOpen);
            assertEquals(0, lease.renew(true));
            Await.until("the lease to expire in round " + i, LeaseNet.SOON, () -> !lease.gateOpen());
        }
        for (int i = 0; i < 64; i++) {
            // Past 16 closings in a second an opening may have to wait for the kernel's collector: so renew until open.
            Await.until(
                    "the gate to open in round " + i, LeaseNet.SOON, () -> lease.renew(false) == 0 && lease.gateOpen());
            assertEquals(NftResult.done(), lease.release());
            assertFalse(lease.gateOpen());
        }
    }

    @Test
    void shouldReleaseByTransactionWhenThePacketCannotPass() {
        assertEquals(0, lease.renew(false));
        net.in(net.firewall, "ip", "link", "set", "lo", "down");
        assertEquals(-Errno.ENETDOWN, lease.renew(true));
        assertTrue(lease.gateOpen());
        assertEquals(NftResult.done(), lease.release());
        assertFalse(lease.gateOpen());
    }

    @Test
    void shouldRenewWithoutAllocatingInMicroseconds() {
        int renewals = 2_000;
        Runnable work = () -> {
            for (int i = 0; i < renewals; i++) {
                lease.renew(i % 2 == 0);
            }
        };
        // Foreign calls allocate until the optimising compiler, which works beside the test, has put its code in place.
        assertEquals(0, AllocationMeter.steady(300, work));
        long bestNs = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long startNs = System.nanoTime();
            work.run();
            bestNs = Math.min(bestNs, (System.nanoTime() - startNs) / renewals);
        }
        LOG.log(System.Logger.Level.INFO, "a renewal costs " + bestNs + " ns");
        assertTrue(bestNs < 100_000, "a renewal costs " + bestNs + " ns");
        long startNs = System.nanoTime();
        assertEquals(NftResult.done(), lease.release());
        LOG.log(System.Logger.Level.INFO, "a release with proof costs " + (System.nanoTime() - startNs) / 1000 + " us");
    }

    private byte[] shownSecret() {
        Matcher matcher = SHOWN.matcher(net.listed());
        assertTrue(matcher.find(), "nft shows the secret");
        byte[] shown = HexFormat.of().parseHex("0".repeat(32 - matcher.group(1).length()) + matcher.group(1));
        assertEquals(LeaseSecrets.BYTES, shown.length);
        return Arrays.copyOf(shown, shown.length);
    }

    private LeaseSender sender(int port, LeaseSecrets secrets) throws Exception {
        return NetNs.call(net.firewall, () -> LeaseSender.open(port, secrets));
    }

    private static void sendRaw(String namespace, String device, byte[] secret) throws Exception {
        UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(LeaseFrame.BYTES));
        LeaseFrame.write(frame, 0, LeaseConfig.PORT, secret);
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.LINK_LAYER_BYTES));
        int sent = NetNs.call(namespace, () -> {
            int fd = Posix.socket(Const.AF_PACKET, Const.SOCK_RAW | Const.SOCK_CLOEXEC, 0);
            int length = SockAddr.linkLayer(address, 0, 0, Posix.ifNameToIndex(device));
            int result = Posix.sendto(fd, frame, 0, LeaseFrame.BYTES, 0, address, 0, length);
            Posix.close(fd);
            return result;
        });
        assertEquals(LeaseFrame.BYTES, sent);
    }
}
