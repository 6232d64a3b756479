/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.Seeds;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private final HeartbeatCodec a = new HeartbeatCodec(Samples.A, Samples.KEY, new Counters());
    private final HeartbeatCodec b = new HeartbeatCodec(Samples.B, Samples.KEY, new Counters());
    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[1024]);
    private final Heartbeat sample = Samples.heartbeat(Samples.A, 11, 1, 22, 2);

    @Test
    void shouldCarryEveryField() {
        Likeness likeness = new Likeness(0xfeed_0003, 0xfeed_0004, 1_800_000_000_000L);
        Heartbeat all = Samples.heartbeat(Samples.A, 11, 1, 22, 2, 5, likeness);
        assertEquals(HeartbeatCodec.BYTES, a.encode(all, datagram, 3));
        assertEquals(all, b.decode(datagram, 3, HeartbeatCodec.BYTES));
        assertEquals(0, b.refused());
    }

    /** A peer of a version before does not know each flag or field, and one of the version after may know more. */
    @Test
    void shouldReadHeartbeatsOfOtherVersions() {
        a.encode(sample, datagram, 0);
        int ours = MessageHeaderDecoder.SCHEMA_VERSION;
        assertEquals(ours, datagram.getShort(MessageHeaderDecoder.versionEncodingOffset()));
        for (short version : new short[] {0, 1, 2, (short) (ours + 1)}) {
            datagram.putShort(MessageHeaderDecoder.versionEncodingOffset(), version);
            resign();
            assertEquals(sample, b.decode(datagram, 0, HeartbeatCodec.BYTES));
        }
    }

    private void resign() {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(Samples.KEY.heartbeatKey(Samples.A.clusterId(), 1));
            mac.update(datagram.byteArray(), 0, HeartbeatCodec.BYTES - HeartbeatCodec.MAC_BYTES);
            datagram.putBytes(HeartbeatCodec.BYTES - HeartbeatCodec.MAC_BYTES, mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldAllocateLittlePerHeartbeat() {
        a.encode(sample, datagram, 0);
        int rounds = 20_000;
        long bytes = AllocationMeter.assertSteady(1_000L * rounds, 5, () -> {
            for (int i = 0; i < rounds; i++) {
                a.encode(sample, datagram, 0);
                b.decode(datagram, 0, HeartbeatCodec.BYTES);
            }
        });
        System.out.println("a heartbeat made and read allocates " + bytes / rounds + " bytes");
    }

    @Test
    void shouldRefuseByReason() {
        refused(RefuseReason.KEY_ID, Samples.A, ClusterKey.of(2, Samples.bytes(1)));
        refused(RefuseReason.TAG, Samples.A, ClusterKey.of(1, Samples.bytes(2)));
        refused(RefuseReason.CLUSTER, new LinkIdentity(8, 1, 2), Samples.KEY);
        refused(RefuseReason.NODE, new LinkIdentity(7, 3, 2), Samples.KEY);
        refused(RefuseReason.NODE, Samples.B, Samples.KEY);
        a.encode(sample, datagram, 0);
        assertNull(b.decode(datagram, 0, 1000));
        assertEquals(RefuseReason.TOO_LONG, b.lastRefusal());
        assertNull(b.decode(datagram, 0, 0));
        assertEquals(RefuseReason.TRUNCATED, b.lastRefusal());
        assertNull(b.decode(datagram, 0, HeartbeatCodec.BYTES + 1));
        assertEquals(RefuseReason.TRUNCATED, b.lastRefusal());
    }

    private void refused(RefuseReason reason, LinkIdentity identity, ClusterKey key) {
        HeartbeatCodec sender = new HeartbeatCodec(identity, key, new Counters());
        Heartbeat heartbeat = withKey(Samples.heartbeat(identity, 11, 1, 22, 2), key.sendKeyId());
        sender.encode(heartbeat, datagram, 0);
        assertNull(b.decode(datagram, 0, HeartbeatCodec.BYTES));
        assertEquals(reason, b.lastRefusal());
    }

    private static Heartbeat withKey(Heartbeat h, int keyId) {
        return new Heartbeat(
                h.from(),
                keyId,
                h.role(),
                h.readiness(),
                h.priority(),
                h.health(),
                h.gateOpen(),
                h.hearsPeer(),
                h.alone(),
                h.maintenance(),
                h.urgent(),
                h.blind(),
                h.handover(),
                h.reason(),
                h.session(),
                h.peerSession(),
                h.counter(),
                h.peerCounter(),
                h.term(),
                h.tenureMs(),
                h.sentNanoTime(),
                h.handoverTerm(),
                h.handoverToken());
    }

    @Test
    void shouldRefuseAuthenticNonsense() {
        a.encode(Samples.heartbeat(Samples.A, 0, 1, 22, 2), datagram, 0);
        assertNull(b.decode(datagram, 0, HeartbeatCodec.BYTES));
        assertEquals(RefuseReason.VALUE, b.lastRefusal());
        a.encode(Samples.heartbeat(Samples.A, 11, 0, 22, 2), datagram, 0);
        assertNull(b.decode(datagram, 0, HeartbeatCodec.BYTES));
        assertEquals(2, b.refused(RefuseReason.VALUE));
    }

    @Test
    void shouldAcceptNoMutatedHeartbeat() {
        SeededRandom random = Seeds.random("heartbeats");
        Seeds.with(random, () -> {
            int mutations = 150_000;
            for (int i = 0; i < mutations; i++) {
                int length = a.encode(sample, datagram, 0);
                int bit = random.nextInt(length * 8);
                datagram.putByte(bit / 8, (byte) (datagram.getByte(bit / 8) ^ 1 << bit % 8));
                length = random.chance(20) ? random.nextInt(datagram.capacity()) : length;
                assertNull(b.decode(datagram, 0, length), "mutation " + i);
            }
            assertEquals(mutations, b.refused());
        });
    }
}
