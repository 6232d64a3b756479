/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class NftDecoderTest {
    private static final NftTable TABLE = new NftTable(NftConst.NFPROTO_NETDEV, "t");
    private static final int BYTES = 1024;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[BYTES]);
    private final NlWriter writer = new NlWriter().wrap(buffer, 0, BYTES);
    private final NlReader reader = new NlReader();
    private final NftDecoder decoder = new NftDecoder();

    @Test
    void shouldReadAChainWithItsDevices() {
        int length = chain("t");
        List<NftBaseChain> found = new ArrayList<>();
        assertTrue(reader.wrap(buffer, 0, length).next());
        decoder.baseChain(reader, TABLE, found);
        assertEquals(List.of(new NftBaseChain("c", 1, -500, NftConst.NF_DROP, List.of("lan0", "wan0"))), found);
    }

    @Test
    void shouldPassByOtherTables() {
        int length = chain("other");
        List<NftBaseChain> found = new ArrayList<>();
        assertTrue(reader.wrap(buffer, 0, length).next());
        decoder.baseChain(reader, TABLE, found);
        assertEquals(List.of(), found);
    }

    @Test
    void shouldReadElementsWithAndWithoutExpiry() {
        int length = elements();
        List<NftElement> found = new ArrayList<>();
        assertTrue(reader.wrap(buffer, 0, length).next());
        decoder.elements(reader, found);
        assertEquals(List.of(new NftElement("00000000", 160, 42), new NftElement("0a000001", -1, -1)), found);
    }

    @Test
    void shouldCountElementsThatDoNotAddUp() {
        int length = elements();
        // The first element's key: longer than what holds it.
        for (int at = 0; at < length - 8; at++) {
            if ((buffer.getShort(at + 2) & NlConst.NLA_TYPE_MASK) == NftConst.NFTA_SET_ELEM_TIMEOUT
                    && buffer.getShort(at) == 12) {
                buffer.putShort(at, (short) 900);
            }
        }
        List<byte[]> keys = new ArrayList<>();
        assertTrue(reader.wrap(buffer, 0, length).next());
        assertEquals(1, decoder.elements(reader, new NftElem(), element -> keys.add(element.key())));
        assertEquals(1, keys.size());
    }

    private static void takeAll(NftElem element) {
        assertTrue(NftElem.wellFormed(new UnsafeBuffer(element.attrs()), 0, element.attrs().length));
        assertTrue(NftElem.wellFormed(new UnsafeBuffer(element.exprs()), 0, element.exprs().length));
        assertEquals(element.keyLength(), element.key().length);
        assertEquals(element.keyEndLength(), element.keyEnd().length);
    }

    @Test
    void shouldNotFallOverBytesThatLie() {
        SeededRandom random = Seeds.random("NftDecoderTest");
        Seeds.with(random, () -> {
            for (int i = 0; i < 20_000; i++) {
                int length = random.chance(2) ? chain("t") : elements();
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    int at = NlConst.NLMSG_HDRLEN + random.nextInt(length - NlConst.NLMSG_HDRLEN);
                    buffer.putByte(at, (byte) random.nextLong());
                }
                int cut = random.chance(4) ? NlConst.NLMSG_HDRLEN + random.nextInt(length - 16) : length;
                buffer.putInt(NlConst.NLMSG_LEN_OFFSET, cut);
                assertTrue(reader.wrap(buffer, 0, cut).next());
                decoder.elements(reader, new ArrayList<>());
                decoder.elements(reader, new NftElem(), NftDecoderTest::takeAll);
                decoder.set(reader);
                decoder.baseChain(reader, TABLE, new ArrayList<>());
                decoder.ruleChain(reader, TABLE, new ArrayList<>());
            }
        });
    }

    private int chain(String table) {
        writer.reset().beginNf(NftConst.type(NftConst.NFT_MSG_NEWCHAIN), 0, 1, TABLE.family(), 0);
        writer.putString(NftConst.NFTA_CHAIN_TABLE, table)
                .putString(NftConst.NFTA_CHAIN_NAME, "c")
                .putU64be(77, 7);
        int hook = writer.nestBegin(NftConst.NFTA_CHAIN_HOOK);
        writer.putU32be(NftConst.NFTA_HOOK_HOOKNUM, 1).putU32be(NftConst.NFTA_HOOK_PRIORITY, -500);
        int devices = writer.nestBegin(NftConst.NFTA_HOOK_DEVS);
        writer.putString(NftConst.NFTA_DEVICE_NAME, "lan0").putString(NftConst.NFTA_DEVICE_NAME, "wan0");
        writer.nestEnd(devices).nestEnd(hook).putU32be(NftConst.NFTA_CHAIN_POLICY, NftConst.NF_DROP);
        return writer.end();
    }

    private int elements() {
        writer.reset().beginNf(NftConst.type(NftConst.NFT_MSG_NEWSETELEM), 0, 1, TABLE.family(), 0);
        writer.putString(NftConst.NFTA_SET_ELEM_LIST_TABLE, "t").putString(NftConst.NFTA_SET_ELEM_LIST_SET, "s");
        int list = writer.nestBegin(NftConst.NFTA_SET_ELEM_LIST_ELEMENTS);
        int expiring = element(0);
        writer.putU64be(NftConst.NFTA_SET_ELEM_TIMEOUT, 160)
                .putU64be(NftConst.NFTA_SET_ELEM_EXPIRATION, 42)
                .putString(NftConst.NFTA_SET_ELEM_USERDATA, "comment")
                .putU32be(NftConst.NFTA_SET_ELEM_EXPR, 7)
                .nestEnd(expiring);
        writer.nestEnd(element(0x0a000001)).nestEnd(list);
        return writer.end();
    }

    private int element(int key) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int data = writer.nestBegin(NftConst.NFTA_SET_ELEM_KEY);
        writer.putU32be(NftConst.NFTA_DATA_VALUE, key).nestEnd(data);
        return element;
    }
}
