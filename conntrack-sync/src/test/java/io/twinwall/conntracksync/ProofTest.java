/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.wire.AckDecoder;
import io.twinwall.wire.PayloadReader;
import io.twinwall.wire.PayloadWriter;
import io.twinwall.wire.WireReadiness;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What a node knows of the pair's equality, and who is told when. */
class ProofTest {
    private static final long S = 1_000_000_000L;
    private static final String DELETED = "mirror-kernel, deleted in the kernel by another program: ";

    private long nowNs = S;
    private final Proof mirror = new Proof(() -> nowNs, new Counters());
    private final Proof source = new Proof(() -> nowNs, new Counters());

    @Test
    void shouldNotBeEqualBeforeAllWasComparedNorWhileOneDiffers() {
        assertFalse(source.snapshot(0, 0, false).equal());
        source.kernelTable.compared(5, 0, nowNs);
        source.tableMirror.compared(5, 0, nowNs);
        assertFalse(source.snapshot(5, 0, false).equal());
        source.mirrorKernel.compared(5, 1, nowNs);
        assertFalse(source.snapshot(5, 0, false).equal());
        nowNs += S;
        source.mirrorKernel.compared(5, 0, nowNs);
        nowNs += 3 * S;
        assertEquals(4000, source.snapshot(5, 0, false).equalForMs(), "since the difference was found");
        source.repaired(RepairWhy.MIRROR_DELETED, 2);
        nowNs += S;
        assertEquals(1000, source.snapshot(5, 0, false).equalForMs(), "since the last repair");
        assertFalse(source.snapshot(5, 1, false).equal(), "the passive's kernel lacks a flow");
        nowNs += 1000 * S;
        assertFalse(source.snapshot(5, 0, false).equal(), "too long ago");
        SyncProof.Stage old = source.snapshot(5, 0, false).stages().get(2);
        assertTrue(old.known() && old.equalForMs() == 0, old::toString);
        source.forget();
        assertFalse(source.snapshot(5, 0, false).stages().getFirst().known());
    }

    @Test
    void shouldTellThePeerOfItsStagesAndOfEachRepair() {
        mirror.tableMirror.compared(7, 0, nowNs);
        mirror.mirrorKernel.compared(7, 2, nowNs);
        mirror.repaired(RepairWhy.MIRROR_DELETED, 1);
        mirror.repaired(RepairWhy.MIRROR_DELETED, 2);
        mirror.repaired(RepairWhy.MIRROR_FOREIGN, 4);
        nowNs += 2 * S;
        tell(false);
        assertEquals(List.of(DELETED + 3), lines(), "one after the other");
        tell(false);
        tell(false);
        String foreign = "mirror-kernel, in the kernel, and unknown to the source: 4";
        assertEquals(List.of(foreign, DELETED + 3), lines());
        SyncProof.Stage told = source.snapshot(0, 0, false).stages().get(2);
        assertEquals(new SyncProof.Stage("mirror-kernel", "mirror", true, 7, 2, 2000, 0, 7), told);
        source.repaired(RepairWhy.MIRROR_DELETED, 9);
        nowNs += 2 * S;
        tell(false);
        assertEquals(7, source.snapshot(0, 0, false).stages().get(2).repaired(), "the peer's, not the own of before");
        nowNs += 4 * S;
        assertFalse(source.snapshot(0, 0, false).stages().get(2).known(), "the peer is silent");
        tell(false);
        assertTrue(source.snapshot(0, 0, false).stages().get(2).known());
        source.forget();
        assertEquals(9, source.snapshot(0, 0, false).stages().get(2).repaired(), "the own are kept");
        tell(true);
        assertFalse(source.snapshot(0, 0, false).stages().get(2).known(), "an older peer says nothing");
        assertEquals(3, lines().size());
    }

    @Test
    void shouldKeepTheLastSixteenRepairs() {
        for (int i = 1; i <= 20; i++) {
            nowNs += 2 * S;
            mirror.repaired(RepairWhy.MIRROR_MISSING, i);
        }
        List<SyncProof.Repair> repairs = mirror.snapshot(0, 0, false).repairs();
        assertEquals(16, repairs.size());
        assertEquals(20, repairs.getFirst().flows());
        assertEquals(5, repairs.getLast().flows());
    }

    @Test
    void shouldGiveEachReasonItsOwnNumber() {
        Set<Integer> numbers = new HashSet<>();
        for (RepairWhy why : RepairWhy.values()) {
            assertTrue(numbers.add(why.number) && why.number > 0 && why.number < 255, why::toString);
            assertEquals(why, RepairWhy.of(why.number));
        }
        assertNull(RepairWhy.of(200), "a newer version's");
    }

    @Test
    void shouldAnswerAQuestionByAComparisonThatBeganAfterIt() {
        Verification verification = new Verification(() -> nowNs, complete -> mirror.snapshot(0, 0, complete));
        CompletableFuture<SyncProof> first = ask(verification, 10);
        long token = verification.wanted();
        nowNs += S;
        CompletableFuture<SyncProof> second = ask(verification, 3);
        verification.done(token - 1);
        assertFalse(first.isDone());
        verification.done(token);
        assertTrue(first.join().complete());
        assertFalse(second.isDone(), "asked when the other was under way");
        assertTrue(verification.wanted() > token);
        nowNs += 3 * S;
        verification.expire(nowNs);
        assertFalse(second.join().complete());
        assertEquals(0, verification.wanted());
        CompletableFuture<SyncProof> third = ask(verification, 10);
        verification.abandon();
        assertFalse(third.join().complete());
    }

    @Test
    void shouldAuditAHundredthOfTheTimeAndSoonerAfterADifference() {
        AuditPace pace = new AuditPace();
        pace.begin(0);
        assertFalse(pace.due(10 * S - 1));
        assertTrue(pace.due(10 * S));
        pace.started();
        pace.worked(S / 1000);
        pace.ended(false, 20 * S);
        assertTrue(!pace.due(30 * S - 1) && pace.due(30 * S));
        pace.started();
        pace.worked(S);
        pace.ended(true, 40 * S);
        assertTrue(!pace.due(60 * S - 1) && pace.due(60 * S), "a large table");
        pace.started();
        pace.worked(S);
        pace.ended(false, 40 * S);
        assertTrue(!pace.due(140 * S - 1) && pace.due(140 * S), "a large table that is equal");
        pace.started();
        pace.worked(S / 1000);
        pace.ended(true, 150 * S);
        assertTrue(!pace.due(151 * S - 1) && pace.due(151 * S));
        pace.started();
        pace.ended(false, 160 * S);
        pace.hurry();
        assertTrue(pace.due(160 * S));
    }

    private CompletableFuture<SyncProof> ask(Verification verification, long withinS) {
        CompletableFuture<SyncProof> answer = new CompletableFuture<>();
        verification.ask(new SyncCommand.Verify(true, nowNs + withinS * S, answer));
        return answer;
    }

    /** Tells the source by an acknowledgement; {@code old}: as version 2 writes it. */
    private void tell(boolean old) {
        PayloadWriter writer = new PayloadWriter(1024);
        writer.ack(1, 2, 3, 4, 5, 6, WireReadiness.READY);
        mirror.tell(writer.ackProof(), nowNs);
        int block = AckDecoder.tableMirrorEncodingOffset();
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[old ? 8 + block : writer.length()]);
        bytes.putBytes(0, writer.buffer(), 0, bytes.capacity());
        if (old) {
            bytes.putShort(0, (short) block, LITTLE_ENDIAN);
            bytes.putShort(6, (short) 2, LITTLE_ENDIAN);
        }
        assertTrue(new PayloadReader(new Counters()).read(bytes, 0, bytes.capacity(), new IgnoringHandler() {
            @Override
            public void onAck(AckDecoder ack) {
                source.told(ack, nowNs);
            }
        }));
    }

    private List<String> lines() {
        return source.snapshot(0, 0, false).repairs().stream()
                .map(repair -> repair.stage() + ", " + repair.why() + ": " + repair.flows())
                .toList();
    }
}
