/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class NftBatchTest {
    private static final NftTable TABLE = new NftTable(NftConst.NFPROTO_NETDEV, "t");
    private static final int FIRST_SEQ = 100;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[16 * 1024]);
    private final NftBatch batch = new NftBatch(buffer);

    @Test
    void shouldFrameChangesAsOneTransaction() {
        batch.begin(FIRST_SEQ)
                .addTable(TABLE, 0)
                .addSet(TABLE, NftSet.ofIpv4("v"))
                .deleteTable(TABLE);
        int length = batch.end();

        List<String> messages = new ArrayList<>();
        NlReader reader = new NlReader().wrap(buffer, 0, length);
        while (reader.next()) {
            boolean acknowledged = (reader.flags() & NlConst.NLM_F_ACK) != 0;
            int family = buffer.getByte(reader.payloadOffset());
            messages.add(
                    "%x seq %d family %d%s".formatted(reader.type(), reader.seq(), family, acknowledged ? " ack" : ""));
        }
        assertEquals(NlReader.OK, reader.error());
        assertEquals(
                List.of(
                        "10 seq 100 family 0",
                        "a00 seq 101 family 5",
                        "a09 seq 102 family 5",
                        "a02 seq 103 family 5 ack",
                        "11 seq 104 family 0"),
                messages);
        assertEquals(FIRST_SEQ, batch.beginSeq());
        assertEquals(103, batch.lastSeq());
        assertEquals(104, batch.endSeq());
    }

    @Test
    void shouldSayWhatEachNumberAskedFor() {
        NftBaseChain chain = new NftBaseChain("c", 0, -500, NftConst.NF_ACCEPT, List.of("lan0", "wan0"));
        batch.begin(FIRST_SEQ)
                .addTable(TABLE, 0)
                .addChain(TABLE, chain)
                .rule(TABLE, "c")
                .counter()
                .end()
                .flushSet(new NftTable(NftConst.NFPROTO_INET, "t"), "s");
        batch.end();
        assertEquals("nf_tables transaction", batch.operation(FIRST_SEQ));
        assertEquals("add table netdev t", batch.operation(FIRST_SEQ + 1));
        assertEquals("add chain netdev t c on lan0, wan0", batch.operation(FIRST_SEQ + 2));
        assertEquals("add rule netdev t c", batch.operation(FIRST_SEQ + 3));
        assertEquals("flush set inet t s", batch.operation(FIRST_SEQ + 4));
        assertEquals("nf_tables transaction", batch.operation(FIRST_SEQ + 5));
    }

    /**
     * What {@code nft} 1.0.6 sends for {@code meta mark & 0 != @s drop}, less what is the default (the operation of
     * {@code bitwise}) or said twice (the set's number beside its name).
     */
    @Test
    void shouldWriteExpressionsAsNftDoes() {
        batch.begin(FIRST_SEQ);
        batch.rule(TABLE, "c")
                .meta(NftConst.NFT_META_MARK)
                .bitwise(NftRule.hostU32(0), NftRule.hostU32(0))
                .notIn("s")
                .verdict(NftConst.NF_DROP)
                .end();
        batch.end();

        NlReader reader = new NlReader().wrap(buffer, 0, batch.buffer().capacity());
        for (int i = 0; i < 2; i++) {
            assertTrue(reader.next());
        }
        NlAttrs attrs = new NlAttrs().wrap(reader, NlConst.NFGENMSG_BYTES);
        String expressions = "";
        while (attrs.next()) {
            if (attrs.type() == NftConst.NFTA_RULE_EXPRESSIONS) {
                expressions = HexFormat.of().formatHex(attrs.bytes());
            }
        }
        assertEquals(
                "24000180" + "09000100" + "6d657461" + "00000000" + "14000280"
                        + "0800020000000003" + "0800010000000001"
                        + "44000180" + "0c000100" + "6269747769736500" + "34000280"
                        + "0800010000000001" + "0800020000000001" + "0800030000000004"
                        + "0c00048008000100" + "00000000" + "0c00058008000100" + "00000000"
                        + "2c000180" + "0b000100" + "6c6f6f6b75700000" + "1c000280"
                        + "0600010073000000" + "0800020000000001" + "0800050000000001"
                        + "30000180" + "0e000100" + "696d6d6564696174" + "65000000" + "1c000280"
                        + "0800010000000000" + "10000280" + "0c000280" + "0800010000000000",
                expressions);
    }

    @Test
    void shouldRefuseAChangeOutsideATransaction() {
        assertThrows(BugError.class, () -> batch.addTable(TABLE, 0));
        batch.begin(1);
        assertThrows(BugError.class, batch::end);
        batch.addTable(TABLE, 0).end();
        assertThrows(BugError.class, () -> batch.addTable(TABLE, 0));
    }

    @Test
    void shouldForgetTheFormerTransaction() {
        batch.begin(1).addTable(TABLE, 0).deleteTable(TABLE).end();
        batch.begin(10).deleteTable(TABLE);
        int length = batch.end();
        assertEquals("delete table netdev t", batch.operation(11));
        assertEquals(11, batch.lastSeq());
        NlReader reader = new NlReader().wrap(buffer, 0, length);
        for (int i = 0; i < 3; i++) {
            assertTrue(reader.next());
        }
        assertFalse(reader.next());
    }
}
