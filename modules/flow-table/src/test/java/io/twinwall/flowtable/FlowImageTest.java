/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FlowImageTest {
    private final FlowImage image = new FlowImage();
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[64]);

    @Test
    void shouldKeepItsLayout() {
        assertEquals(328, FlowImage.BYTES);
        assertEquals(16, image.origSrcOffset());
        assertEquals(56, FlowImageLayout.MASTER_SRC - FlowImageLayout.LABELS_BITS);
        assertEquals(56, FlowImageLayout.PACKETS_ORIG - FlowImageLayout.MASTER_SRC);
        assertEquals(FlowImage.BYTES, image.secctxOffset() + FlowImage.SECCTX_BYTES);
        assertEquals(128, SlotLayout.ADDRESSES_V4 + SlotLayout.CORE_BYTES);
        assertEquals(64, SlotLayout.ADDRESSES_V4 + SlotLayout.KEY_HASH, "IPv4 content and its hash fill a cache line");
        assertTrue(SlotLayout.ADDRESSES_V6 + SlotLayout.CORE_BYTES <= SlotLayout.SLOT_BYTES_V6);
    }

    @Test
    void shouldReturnWhatWasSet() {
        bytes.setMemory(0, 64, (byte) 9);
        image.family(FlowImage.AF_INET6).l4proto(132).zone(65535, FlowImage.ZONE_DIR_REPLY);
        image.orig(bytes, 0, 16, 65535, 1).reply(bytes, 16, 0, 2, 3).master(bytes, 0, 16, 4, 5, 6);
        image.status(-1).timeoutSeconds(4_000_000_000L).mark(-2).id(-3).startNs(-4);
        image.tcp(255, 14, 13, 200, 201).sctp(250, -5, -6);
        image.seqAdjOrig(1, 2, 3).seqAdjReply(4, 5, 6).synproxy(7, 8, 9);
        image.countersOrig(10, 11).countersReply(12, 13);
        image.labels(bytes, 0, 3).helper("ftp").secctx(bytes, 0, 64);
        assertTrue(image.has(FlowImage.ALL));
        assertEquals(65535, image.zone());
        assertEquals(0, image.zoneOrig());
        assertEquals(65535, image.zoneReply());
        assertEquals(65535, image.origSrcPort());
        assertEquals(3, image.replyDstPort());
        assertEquals(6, image.masterProto());
        assertEquals(-1, image.status());
        assertEquals(4_000_000_000L, image.timeoutSeconds());
        assertEquals(-3, image.id());
        assertEquals(255, image.tcpState());
        assertEquals(201, image.tcpFlagsReply());
        assertEquals(-6, image.sctpVtagReply());
        assertEquals(6, image.seqAdjReplyAfter());
        assertEquals(9, image.synproxyTsoff());
        assertEquals(13, image.bytesReply());
        assertEquals(3, image.helperLength());
        assertEquals(64, image.secctxLength());
        assertEquals(9, image.buffer().getByte(image.labelsOffset() + 2));
        assertEquals(0, image.buffer().getByte(image.labelsOffset() + 3));
    }

    @Test
    void shouldZeroTheRestOfShorterNamesAndAddresses() {
        bytes.setMemory(0, 64, (byte) 9);
        image.helper("amanda-and-more-than-fits").helper("ftp");
        image.secctx(bytes, 0, 64).secctx(bytes, 0, 2);
        image.family(FlowImage.AF_INET6).orig(bytes, 0, 16, 1, 1);
        image.family(FlowImage.AF_INET).orig(bytes, 0, 16, 1, 1);
        assertEquals(3, image.helperLength());
        assertEquals(2, image.secctxLength());
        assertEquals(0, image.buffer().getInt(image.origSrcOffset() + 4));
        assertEquals(15, image.helper("0123456789abcdefgh").helperLength());
    }

    @Test
    void shouldForgetOnClearAndCopyWhole() {
        Flows.plain(image, 1, true);
        FlowImage copy = new FlowImage().copyFrom(image);
        image.clear();
        assertEquals(0, image.present());
        assertEquals(0, image.family());
        assertFalse(image.has(FlowImage.ORIG));
        assertTrue(copy.has(FlowImage.ORIG | FlowImage.REPLY));
        assertEquals(3, copy.tcpState());
    }

    @Test
    void shouldRefuseAddressesBeforeTheFamily() {
        assertThrows(BugError.class, () -> image.clear().orig(bytes, 0, 16, 1, 1));
    }

    @Test
    void shouldWorkInABufferOfSomeoneElse() {
        UnsafeBuffer shared = new UnsafeBuffer(new byte[FlowImage.BYTES + 8]);
        FlowImage view = new FlowImage().wrap(shared, 8);
        Flows.plain(view.clear(), 5, false);
        Flows.plain(image, 5, false);
        assertEquals(Content.all(image), Content.all(view));
        assertEquals(0, shared.getLong(0));
    }

    @Test
    void shouldDescribeAFlowForPeople() {
        bytes.putInt(0, 0x0100000a);
        bytes.putInt(4, 0x0200000a);
        image.family(FlowImage.AF_INET).l4proto(6).orig(bytes, 0, 4, 40000, 21).reply(bytes, 4, 0, 21, 40000);
        image.tcp(3, 7, 8, 0, 0).timeoutSeconds(300).status(0xe).helper("ftp").zone(3, FlowImage.ZONE_DIR_ORIG);
        assertEquals(
                "ipv4 tcp 300s state=3 wscale=7/8 status=0xe zone=3(orig) src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=21"
                        + " reply src=10.0.0.2 dst=10.0.0.1 sport=21 dport=40000 helper=ftp",
                image.toString());
    }
}
