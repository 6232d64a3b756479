/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions and questions against the real kernel, with {@code nft} as the second opinion. */
@RequireRoot
final class NftSocketIT {
    private static final NftTable TABLE = new NftTable(NftConst.NFPROTO_INET, "t");

    private final TestNet net = new TestNet();
    private final String namespace = net.namespace();
    private final NftBatch batch = new NftBatch(new UnsafeBuffer(ByteBuffer.allocateDirect(256 * 1024)));
    private NftSocket socket;

    @BeforeEach
    void open() throws Exception {
        socket = NetNs.call(namespace, NftSocket::open);
    }

    @AfterEach
    void close() {
        socket.close();
        net.close();
    }

    @Test
    void shouldCommitWhatNftWouldHaveWritten() {
        batchOfAll();
        assertEquals(NftResult.done(), socket.commit(batch));
        assertEquals("""
                table inet t {
                	set v4 {
                		type ipv4_addr
                		elements = { 10.0.0.1, 10.0.0.2 }
                	}

                	set marks {
                		type mark
                		size 100
                		flags dynamic,timeout
                		timeout 1s
                	}

                	chain in {
                		type filter hook input priority raw; policy drop;
                		udp dport 53 update @marks { meta mark & 0x0000000f timeout 5s } accept
                		ip saddr @v4 counter packets 0 bytes 0 accept
                		@ll,96,16 0x806 drop
                	}
                }
                """, nft("list", "table", "inet", "t"));
    }

    @Test
    void shouldListWhatItCommitted() {
        batchOfAll();
        assertEquals(NftResult.done(), socket.commit(batch));

        List<NftBaseChain> chains = new ArrayList<>();
        assertEquals(NftResult.done(), socket.baseChains(TABLE, chains));
        assertEquals(
                List.of(new NftBaseChain("in", NftConst.NF_INET_LOCAL_IN, -300, NftConst.NF_DROP, List.of())), chains);
        List<String> rules = new ArrayList<>();
        assertEquals(NftResult.done(), socket.ruleChains(TABLE, rules));
        assertEquals(List.of("in", "in", "in"), rules);
        List<NftElement> elements = new ArrayList<>();
        assertEquals(NftResult.done(), socket.elements(TABLE, "v4", elements));
        assertEquals(
                List.of("0a000001", "0a000002"),
                elements.stream().map(NftElement::keyHex).sorted().toList());
    }

    @Test
    void shouldDumpASetThatNeedsManyMessages() {
        int count = 5_000;
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(ByteBuffer.allocate(4).putInt(0x0a000000 + i).array());
        }
        socket.begin(batch).addTable(TABLE, 0).addSet(TABLE, NftSet.ofIpv4("many"));
        for (int i = 0; i < count; i += 1_000) {
            batch.addElements(TABLE, "many", keys.subList(i, i + 1_000));
        }
        assertEquals(NftResult.done(), socket.commit(batch));
        List<NftElement> elements = new ArrayList<>();
        assertEquals(NftResult.done(), socket.elements(TABLE, "many", elements));
        assertEquals(count, elements.stream().map(NftElement::keyHex).distinct().count());

        socket.begin(batch).deleteElements(TABLE, "many", keys.subList(0, 1));
        assertEquals(NftResult.done(), socket.commit(batch));
        socket.begin(batch).flushSet(TABLE, "many");
        assertEquals(NftResult.done(), socket.commit(batch));
        elements.clear();
        assertEquals(NftResult.done(), socket.elements(TABLE, "many", elements));
        assertEquals(List.of(), elements);
    }

    @Test
    void shouldDoNothingOfATransactionThatTheKernelRefusesInPart() {
        socket.begin(batch).addTable(TABLE, 0).addElements(TABLE, "missing", List.of(new byte[4]));
        NftResult refused = socket.commit(batch);
        assertEquals(Errno.ENOENT, refused.errno());
        assertEquals("add element inet t missing", refused.operation());
        assertFalse(refused.ok());
        assertEquals("", nft("list", "ruleset"));
    }

    @Test
    void shouldSayWhichTableIsMissing() {
        NftResult refused = socket.elements(TABLE, "s", new ArrayList<>());
        assertEquals(Errno.ENOENT, refused.errno());
        assertEquals("list set inet t s", refused.operation());
    }

    @Test
    void shouldDestroyWhatMayNotBeThere() {
        socket.begin(batch).destroyTable(TABLE);
        assertEquals(NftResult.done(), socket.commit(batch));
        socket.begin(batch).addTable(TABLE, 0);
        assertEquals(NftResult.done(), socket.commit(batch));
        socket.begin(batch).destroyTable(TABLE);
        assertEquals(NftResult.done(), socket.commit(batch));
        assertEquals("", nft("list", "ruleset"));
    }

    @Test
    void shouldKeepOthersFromAnOwnedTable() throws Exception {
        socket.begin(batch).addTable(TABLE, NftConst.NFT_TABLE_F_OWNER | NftConst.NFT_TABLE_F_PERSIST);
        assertEquals(NftResult.done(), socket.commit(batch));
        try (NftSocket other = NetNs.call(namespace, NftSocket::open)) {
            other.begin(batch).deleteTable(TABLE);
            assertEquals(Errno.EPERM, other.commit(batch).errno());
            nft("flush", "ruleset");
            assertTrue(nft("list", "tables").contains("table inet t"));
            socket.close();
            socket = NetNs.call(namespace, NftSocket::open);
            other.begin(batch).deleteTable(TABLE);
            assertEquals(NftResult.done(), other.commit(batch), "the table outlived its owner and is free");
        }
    }

    private void batchOfAll() {
        NftBaseChain chain = new NftBaseChain("in", NftConst.NF_INET_LOCAL_IN, -300, NftConst.NF_DROP, List.of());
        socket.begin(batch)
                .addTable(TABLE, 0)
                .addSet(TABLE, NftSet.ofIpv4("v4"))
                .addElements(TABLE, "v4", List.of(new byte[] {10, 0, 0, 1}, new byte[] {10, 0, 0, 2}))
                .addSet(TABLE, NftSet.ofExpiringMarks("marks", 1_000, 100))
                .addChain(TABLE, chain)
                .rule(TABLE, "in")
                .meta(NftConst.NFT_META_L4PROTO)
                .isU8(17)
                .payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2)
                .isU16be(53)
                .meta(NftConst.NFT_META_MARK)
                .bitwise(NftRule.hostU32(0xf), NftRule.hostU32(0))
                .update("marks", 5_000)
                .verdict(NftConst.NF_ACCEPT)
                .end()
                .rule(TABLE, "in")
                .meta(NftConst.NFT_META_NFPROTO)
                .isU8(NftConst.NFPROTO_IPV4)
                .payload(NftConst.NFT_PAYLOAD_NETWORK_HEADER, 12, 4)
                .in("v4")
                .counter()
                .verdict(NftConst.NF_ACCEPT)
                .end()
                .rule(TABLE, "in")
                .payload(NftConst.NFT_PAYLOAD_LL_HEADER, 12, 2)
                .isU16be(0x0806)
                .verdict(NftConst.NF_DROP)
                .end();
    }

    private String nft(String... arguments) {
        List<String> command = new ArrayList<>(List.of("nft"));
        command.addAll(List.of(arguments));
        return Cmd.in(namespace, command.toArray(String[]::new));
    }
}
