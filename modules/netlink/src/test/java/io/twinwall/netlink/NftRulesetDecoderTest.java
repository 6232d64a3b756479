/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class NftRulesetDecoderTest {
    private static final NftTable TABLE = new NftTable(NftConst.NFPROTO_INET, "t");
    private static final int BYTES = 4096;
    private static final int REG32_02 = 10;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[BYTES]);
    private final NlWriter writer = new NlWriter().wrap(buffer, 0, BYTES);
    private final NlReader reader = new NlReader();

    @Test
    void shouldReadABaseChainAndOneThatIsNone() {
        assertTrue(reader.wrap(buffer, 0, chain()).next());
        NftChainInfo base = NftRulesetDecoder.chain(reader);
        assertEquals(new NftChainInfo(TABLE, "c", "filter", 0, -500, NftConst.NF_DROP, List.of("lan0", "wan0")), base);
        assertTrue(base.base());
        assertEquals("inet t c", base.toString());

        begin(NftConst.NFT_MSG_NEWCHAIN, NftConst.NFTA_CHAIN_TABLE).putString(NftConst.NFTA_CHAIN_NAME, "d");
        assertTrue(reader.wrap(buffer, 0, writer.end()).next());
        NftChainInfo other = NftRulesetDecoder.chain(reader);
        assertEquals(new NftChainInfo(TABLE, "d", "", NftChainInfo.NO_HOOK, 0, NftConst.NF_ACCEPT, List.of()), other);
        assertFalse(other.base());
    }

    @Test
    void shouldReadWhatTheProjectWritesItself() {
        NftBatch batch = new NftBatch(buffer);
        batch.begin(1)
                .rule(TABLE, "c")
                .meta(NftConst.NFT_META_MARK)
                .bitwise(NftRule.hostU32(0xf), NftRule.hostU32(1))
                .in("s")
                .payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2)
                .isU16be(53)
                .notIn("v")
                .counter()
                .verdict(NftConst.NF_DROP)
                .end();
        reader.wrap(buffer, 0, batch.end());
        assertTrue(reader.next());
        assertTrue(reader.next());
        NftRuleInfo rule = NftRulesetDecoder.rule(reader);
        assertEquals(TABLE, rule.table());
        assertEquals("c", rule.chain());
        assertEquals(
                List.of(
                        new NftExpr.Meta(NftConst.NFT_META_MARK, 0),
                        new NftExpr.Bitwise(0, 0, NftData.hostU32(0xf), NftData.hostU32(1)),
                        new NftExpr.Lookup("s", 0, NftExpr.NOTHING, false),
                        new NftExpr.Payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 0),
                        new NftExpr.Cmp(0, NftConst.NFT_CMP_EQ, NftData.u16be(53)),
                        new NftExpr.Lookup("v", 0, NftExpr.NOTHING, true),
                        new NftExpr.Other("counter", ""),
                        new NftExpr.Verdict(NftConst.NF_DROP, "")),
                rule.expressions());
    }

    @Test
    void shouldReadWhatOnlyOthersWrite() {
        assertTrue(reader.wrap(buffer, 0, rule()).next());
        NftRuleInfo rule = NftRulesetDecoder.rule(reader);
        assertEquals(77, rule.handle());
        assertEquals(
                List.of(
                        new NftExpr.Ct(NftConst.NFT_CT_STATE, 8),
                        new NftExpr.Other("ct", ""),
                        new NftExpr.Range(16, true, NftData.u16be(10), NftData.u16be(20)),
                        new NftExpr.Lookup("m", 0, NftExpr.VERDICT, false),
                        new NftExpr.Value(0, NftData.hostU32(5)),
                        new NftExpr.Other("masq", ""),
                        new NftExpr.Other("target", "MASQUERADE"),
                        new NftExpr.Verdict(NftConst.NFT_JUMP, "next")),
                rule.expressions());
    }

    @Test
    void shouldReadTheVerdictOfAnElement() {
        begin(NftConst.NFT_MSG_NEWSETELEM, NftConst.NFTA_SET_ELEM_LIST_TABLE);
        int start = writer.position();
        verdict(NftConst.NFTA_SET_ELEM_DATA, NftConst.NFT_GOTO, "lan");
        byte[] run = new byte[writer.position() - start];
        buffer.getBytes(start, run);
        assertEquals(Optional.of(new NftExpr.Verdict(NftConst.NFT_GOTO, "lan")), NftRulesetDecoder.verdictOf(run));
        assertEquals(Optional.empty(), NftRulesetDecoder.verdictOf(new byte[0]));
    }

    @Test
    void shouldReadHelpersAndPassByOtherObjects() {
        assertTrue(reader.wrap(buffer, 0, object(NftConst.NFT_OBJECT_CT_HELPER)).next());
        assertEquals(Optional.of("ftp"), NftRulesetDecoder.ctHelper(reader));
        assertTrue(reader.wrap(buffer, 0, object(1)).next());
        assertEquals(Optional.empty(), NftRulesetDecoder.ctHelper(reader));
    }

    @Test
    void shouldCompareDataAsTheKernelDoes() {
        assertTrue(NftData.of((byte) 0x7f).compareTo(NftData.of((byte) 0x80)) < 0, "bytes have no sign");
        assertEquals(NftData.of((byte) 1, (byte) 0), NftData.u16be(256));
        assertEquals("wan0", NftData.name("wan0", NftConst.IFNAMSIZ).text());
        assertEquals(NftConst.IFNAMSIZ, NftData.name("wan0", NftConst.IFNAMSIZ).length());
        assertEquals(NftData.hostU32(2), NftData.hostU32(0xf2).bitwise(NftData.hostU32(0xf), NftData.EMPTY));
    }

    @Test
    void shouldNotFallOverBytesThatLie() {
        SeededRandom random = Seeds.random("NftRulesetDecoderTest");
        Seeds.with(random, () -> {
            for (int i = 0; i < 20_000; i++) {
                int length = random.chance(2) ? chain() : rule();
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    int at = NlConst.NLMSG_HDRLEN + random.nextInt(length - NlConst.NLMSG_HDRLEN);
                    buffer.putByte(at, (byte) random.nextLong());
                }
                int cut = random.chance(4) ? NlConst.NLMSG_HDRLEN + random.nextInt(length - 16) : length;
                buffer.putInt(NlConst.NLMSG_LEN_OFFSET, cut);
                assertTrue(reader.wrap(buffer, 0, cut).next());
                NftRulesetDecoder.chain(reader);
                NftRulesetDecoder.rule(reader);
                NftRulesetDecoder.set(reader);
                NftRulesetDecoder.ctHelper(reader);
            }
        });
    }

    private NlWriter begin(int message, int tableAttr) {
        return writer.reset()
                .beginNf(NftConst.type(message), 0, 1, TABLE.family(), 0)
                .putString(tableAttr, TABLE.name());
    }

    private int chain() {
        begin(NftConst.NFT_MSG_NEWCHAIN, NftConst.NFTA_CHAIN_TABLE)
                .putString(NftConst.NFTA_CHAIN_NAME, "c")
                .putString(NftConst.NFTA_CHAIN_TYPE, "filter");
        int hook = writer.nestBegin(NftConst.NFTA_CHAIN_HOOK);
        writer.putU32be(NftConst.NFTA_HOOK_HOOKNUM, 0).putU32be(NftConst.NFTA_HOOK_PRIORITY, -500);
        writer.putString(NftConst.NFTA_HOOK_DEV, "lan0");
        int devices = writer.nestBegin(NftConst.NFTA_HOOK_DEVS);
        writer.putString(NftConst.NFTA_DEVICE_NAME, "lan0").putString(NftConst.NFTA_DEVICE_NAME, "wan0");
        writer.nestEnd(devices).nestEnd(hook).putU32be(NftConst.NFTA_CHAIN_POLICY, NftConst.NF_DROP);
        return writer.end();
    }

    private int rule() {
        begin(NftConst.NFT_MSG_NEWRULE, NftConst.NFTA_RULE_TABLE)
                .putString(NftConst.NFTA_RULE_CHAIN, "c")
                .putU64be(NftConst.NFTA_RULE_HANDLE, 77);
        int list = writer.nestBegin(NftConst.NFTA_RULE_EXPRESSIONS);
        expression(
                "ct",
                () -> writer.putU32be(NftConst.NFTA_CT_KEY, NftConst.NFT_CT_STATE)
                        .putU32be(NftConst.NFTA_CT_DREG, REG32_02));
        expression("ct", () -> writer.putU32be(NftConst.NFTA_CT_KEY, 3).putU32be(4, 1));
        expression("range", () -> {
            writer.putU32be(NftConst.NFTA_RANGE_SREG, 2).putU32be(NftConst.NFTA_RANGE_OP, 1);
            value(NftConst.NFTA_RANGE_FROM_DATA, (byte) 0, (byte) 10);
            value(NftConst.NFTA_RANGE_TO_DATA, (byte) 0, (byte) 20);
        });
        expression(
                "lookup",
                () -> writer.putString(NftConst.NFTA_LOOKUP_SET, "m")
                        .putU32be(NftConst.NFTA_LOOKUP_SREG, 1)
                        .putU32be(NftConst.NFTA_LOOKUP_DREG, NftConst.NFT_REG_VERDICT));
        expression("immediate", () -> {
            writer.putU32be(NftConst.NFTA_IMMEDIATE_DREG, 1);
            value(NftConst.NFTA_IMMEDIATE_DATA, NftRule.hostU32(5));
        });
        expression("masq", () -> {});
        expression("target", () -> writer.putString(NftConst.NFTA_TARGET_NAME, "MASQUERADE"));
        expression("immediate", () -> {
            writer.putU32be(NftConst.NFTA_IMMEDIATE_DREG, NftConst.NFT_REG_VERDICT);
            verdict(NftConst.NFTA_IMMEDIATE_DATA, NftConst.NFT_JUMP, "next");
        });
        writer.nestEnd(list);
        return writer.end();
    }

    private int object(int type) {
        begin(18, 1).putString(2, "name").putU32be(NftConst.NFTA_OBJ_TYPE, type);
        int data = writer.nestBegin(NftConst.NFTA_OBJ_DATA);
        writer.putString(NftConst.NFTA_CT_HELPER_NAME, "ftp").nestEnd(data);
        return writer.end();
    }

    private void expression(String name, Runnable body) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        writer.putString(NftConst.NFTA_EXPR_NAME, name);
        int data = writer.nestBegin(NftConst.NFTA_EXPR_DATA);
        body.run();
        writer.nestEnd(data).nestEnd(element);
    }

    private void value(int attr, byte... bytes) {
        int data = writer.nestBegin(attr);
        writer.putBytes(NftConst.NFTA_DATA_VALUE, bytes).nestEnd(data);
    }

    private void verdict(int attr, int code, String chain) {
        int data = writer.nestBegin(attr);
        int verdict = writer.nestBegin(NftConst.NFTA_DATA_VERDICT);
        writer.putU32be(NftConst.NFTA_VERDICT_CODE, code).putString(NftConst.NFTA_VERDICT_CHAIN, chain);
        writer.nestEnd(verdict).nestEnd(data);
    }
}
