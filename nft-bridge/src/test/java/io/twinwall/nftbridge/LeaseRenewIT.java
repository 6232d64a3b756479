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
    private static final Pattern ANY_SHOWN = Pattern.compile("@th,64,128 0x([0-9a-f]+) (?:update|delete) @lease");

    LeaseRenewIT() {
        super(ARMED_MS);
    }

    @Test
    void shouldObeyTheSecretThatNftShowsToRoot() throws Exception {
        LeaseSecrets known = secret(LeaseWord.OPEN_DISARMED, shownSecret());
        try (LeaseSender sender = sender(LeaseConfig.PORT, known)) {
            assertEquals(0, sender.send(LeaseWord.OPEN_DISARMED));
            Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
        }
    }

    @Test
    void shouldIgnoreAWrongSecretAndAWrongPort() throws Exception {
        byte[] almost = shownSecret();
        almost[15] ^= 1;
        LeaseSecrets wrong = LeaseSecrets.random();
        wrong.with(LeaseWord.OPEN_DISARMED, almost);
        try (LeaseSender wrongSecret = sender(LeaseConfig.PORT, wrong);
                LeaseSender wrongPort = sender(LeaseConfig.PORT + 1, secret(LeaseWord.OPEN_DISARMED, shownSecret()))) {
            assertEquals(0, wrongSecret.send(LeaseWord.OPEN_ARMED));
            assertEquals(0, wrongSecret.send(LeaseWord.OPEN_DISARMED));
            assertEquals(0, wrongPort.send(LeaseWord.OPEN_DISARMED));
            assertFalse(lease.gateOpen());

            assertEquals(0, lease.grant(false));
            Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
            assertEquals(0, wrongSecret.send(LeaseWord.RELEASE));
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
    void shouldOpenNothingByARenewalThatComesTooLate() throws Exception {
        LeaseSecrets known = secrets();
        try (LeaseSender stopped = sender(LeaseConfig.PORT, known)) {
            for (LeaseWord late : new LeaseWord[] {LeaseWord.RENEW_ARMED, LeaseWord.RENEW_DISARMED}) {
                assertEquals(0, lease.grant(false));
                Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
                assertEquals(0, lease.renew(true));
                Await.until("the lease to expire", LeaseNet.SOON, () -> !lease.gateOpen());
                // As a thread that was stopped between its look at the clock and the send.
                assertEquals(0, stopped.send(late));
                assertEquals(0, stopped.send(late));
                assertNotOpen(late);
                assertEquals(Lease.LAPSED, lease.renew(true));
                assertEquals(0, stopped.send(LeaseWord.OPEN_DISARMED));
                Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
                assertEquals(NftResult.done(), lease.release());
                assertEquals(0, stopped.send(late));
                assertNotOpen(late);
            }
        }
    }

    @Test
    void shouldProlongALeaseThatLivesAsLongAsItIsRenewed() throws Exception {
        try (LeaseSender sender = sender(LeaseConfig.PORT, secrets())) {
            assertEquals(0, sender.send(LeaseWord.OPEN_DISARMED));
            Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
            assertEquals(0, sender.send(LeaseWord.RENEW_ARMED));
            Await.until("the armed lease", LeaseNet.SOON, () -> lease.leftMs() <= ARMED_MS);
            Await.until("the armed lease to expire", LeaseNet.SOON, () -> !lease.gateOpen());
            Await.until(
                    "an armed lease to become a disarmed one",
                    LeaseNet.SOON,
                    () -> sender.send(LeaseWord.OPEN_ARMED) == 0
                            && sender.send(LeaseWord.RENEW_DISARMED) == 0
                            && lease.leftMs() > ARMED_MS);
        }
    }

    /** A frame that the kernel put off would have come through by the time that many others have. */
    private void assertNotOpen(LeaseWord after) {
        long sentNs = System.nanoTime();
        Await.until(
                "a jiffy or two to pass",
                LeaseNet.SOON,
                () -> System.nanoTime() - sentNs > 20_000_000 || lease.gateOpen());
        assertFalse(lease.gateOpen(), after + " opened the gate");
    }

    /** As root may read them: those of the first table, in the order of their rules, those that only ask left out. */
    private LeaseSecrets secrets() {
        Matcher matcher = ANY_SHOWN.matcher(net.nft("list table netdev twinwall"));
        LeaseSecrets known = LeaseSecrets.random();
        for (LeaseWord word : LeaseWord.values()) {
            assertTrue(matcher.find(), "nft shows the secret of " + word);
            known.with(word, bytes(matcher.group(1)));
        }
        return known;
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
            assertEquals(0, lease.grant(true));
        }
        assertEquals(NftResult.done(), lease.release());
        assertEquals(before, net.nft("list table inet operator"));
        assertEquals("", Cmd.in(net.firewall, "conntrack", "-L", "-p", "udp", "--dport", "" + LeaseConfig.PORT));
        // Nor does it when the rules that stop it are gone.
        assertEquals(NftResult.done(), lease.remove());
        assertEquals(0, lease.grant(true));
        assertEquals(before, net.nft("list table inet operator"));
    }

    @Test
    void shouldOpenAgainHoweverOftenItExpired() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertEquals(0, lease.grant(false));
            Await.until("the gate to open in round " + i, LeaseNet.SOON, lease::gateOpen);
            assertEquals(0, lease.renew(true));
            Await.until("the lease to expire in round " + i, LeaseNet.SOON, () -> !lease.gateOpen());
        }
        for (int i = 0; i < 64; i++) {
            // Past 16 closings in a second an opening may have to wait for the kernel's collector: so renew until open.
            Await.until(
                    "the gate to open in round " + i, LeaseNet.SOON, () -> lease.grant(false) == 0 && lease.gateOpen());
            assertEquals(NftResult.done(), lease.release());
            assertFalse(lease.gateOpen());
        }
    }

    @Test
    void shouldReleaseByTransactionWhenThePacketCannotPass() {
        assertEquals(0, lease.grant(false));
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
                lease.grant(i % 2 == 0);
                lease.renew(i % 2 == 0);
            }
        };
        AllocationMeter.assertSteady(0, 20, work);
        long bestNs = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long startNs = System.nanoTime();
            work.run();
            bestNs = Math.min(bestNs, (System.nanoTime() - startNs) / (2L * renewals));
        }
        LOG.log(System.Logger.Level.INFO, "a renewal costs " + bestNs + " ns");
        assertTrue(bestNs < 100_000, "a renewal costs " + bestNs + " ns");
        long startNs = System.nanoTime();
        assertEquals(NftResult.done(), lease.release());
        LOG.log(System.Logger.Level.INFO, "a release with proof costs " + (System.nanoTime() - startNs) / 1000 + " us");
    }

    private static LeaseSecrets secret(LeaseWord word, byte[] bytes) {
        return LeaseSecrets.random().with(word, bytes);
    }

    private byte[] shownSecret() {
        Matcher matcher = SHOWN.matcher(net.listed());
        assertTrue(matcher.find(), "nft shows the secret");
        return bytes(matcher.group(1));
    }

    /** nft leaves out what zeros are in front. */
    private static byte[] bytes(String shown) {
        byte[] bytes = HexFormat.of().parseHex("0".repeat(2 * LeaseSecrets.BYTES - shown.length()) + shown);
        assertEquals(LeaseSecrets.BYTES, bytes.length);
        return bytes;
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
