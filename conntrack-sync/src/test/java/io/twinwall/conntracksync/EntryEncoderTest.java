/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlReader;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Requests for the kernel, read back as the kernel would; and the forms of translation they rest on. */
class EntryEncoderTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
    private final CtEncoder encoder = new CtEncoder();
    private final EntryEncoder entries = new EntryEncoder(encoder);
    private final CtFlyweight entry = new CtFlyweight();
    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[64]);
    private final FlowImage image = new FlowImage();

    private FlowImage flow(int proto) {
        addresses.setMemory(0, 4, (byte) 1);
        addresses.setMemory(16, 4, (byte) 2);
        addresses.setMemory(32, 4, (byte) 3);
        image.clear().family(FlowImage.AF_INET).l4proto(proto).orig(addresses, 0, 16, 1000, 80);
        image.status(CtImage.STATUS_MASK).timeoutSeconds(60);
        Inverse.setPlain(image);
        return image;
    }

    private CtFlyweight readBack() {
        NlReader reader = new NlReader().wrap(buffer, 0, encoder.length());
        assertTrue(reader.next(), "a message");
        assertTrue(entry.wrap(buffer, reader.offset(), reader.length()), "a conntrack entry");
        return entry;
    }

    private CtFlyweight created() {
        encoder.wrap(buffer, 0, 2048);
        entries.create(image, 1, 700, false);
        return readBack();
    }

    @Test
    void shouldAskForPlainInverseAndNoTranslation() {
        flow(6).tcp(3, 7, 8, 1, 2);
        CtFlyweight created = created();
        assertFalse(created.has(CtFlyweight.HAS_NAT_SRC) || created.has(CtFlyweight.HAS_NAT_DST), "no NAT");
        assertEquals(80, created.reply().a());
        assertEquals(1000, created.reply().b());
        assertEquals(700, created.timeoutS());
        assertEquals(0, created.status() & (CtConst.IPS_SRC_NAT | CtConst.IPS_DST_NAT), "no NAT bits");
        assertEquals(1 | CtConst.IP_CT_TCP_FLAG_BE_LIBERAL, created.protoInfo().tcpFlagsOrig());
    }

    /** MAXACK_SET (0x20) and its like are of packets that this kernel has not seen. */
    @Test
    void shouldHandOverNoFlagThatSpeaksOfPackets() {
        flow(6).tcp(3, 7, 8, 0x77, 0x33);
        CtFlyweight created = created();
        assertEquals(
                0x7 | CtConst.IP_CT_TCP_FLAG_BE_LIBERAL, created.protoInfo().tcpFlagsOrig());
        assertEquals(
                0x3 | CtConst.IP_CT_TCP_FLAG_BE_LIBERAL, created.protoInfo().tcpFlagsReply());
    }

    @Test
    void shouldAskForSourceTranslationBesidePlainInverse() {
        flow(17).reply(addresses, 16, 32, 80, 20_000);
        CtFlyweight created = created();
        assertTrue(created.has(CtFlyweight.HAS_NAT_SRC), "SNAT");
        assertFalse(created.has(CtFlyweight.HAS_NAT_DST), "no DNAT");
        assertEquals(20_000, created.natSrc().portMin());
        assertEquals(1000, created.reply().b(), "the reply tuple stays plain");
    }

    @Test
    void shouldAskForDestinationTranslation() {
        flow(17).reply(addresses, 32, 0, 8080, 1000);
        CtFlyweight created = created();
        assertTrue(created.has(CtFlyweight.HAS_NAT_DST), "DNAT");
        assertFalse(created.has(CtFlyweight.HAS_NAT_SRC), "no SNAT");
        assertEquals(8080, created.natDst().portMin());
    }

    @Test
    void shouldTurnIcmpQueryIntoItsAnswer() {
        image.clear().family(FlowImage.AF_INET).l4proto(Inverse.IPPROTO_ICMP);
        image.orig(addresses, 0, 16, 77, 8 << 8);
        Inverse.setPlain(image);
        assertTrue(Inverse.isPlain(image), "plain");
        assertEquals(77, image.replySrcPort(), "id");
        assertEquals(0, image.replyDstPort(), "echo reply");
        image.reply(addresses, 16, 0, 78, 0);
        assertTrue(Inverse.sourceTranslated(image), "another id");
        assertFalse(Inverse.destinationTranslated(image), "same destination");
    }

    @Test
    void shouldTakeOffAMarkByUpdate() {
        flow(17);
        encoder.wrap(buffer, 0, 2048);
        entries.update(image, 1, 10, false);
        assertTrue(readBack().has(CtFlyweight.HAS_MARK), "a mark of 0 is said");
        assertEquals(0, entry.mark());
    }

    @Test
    void shouldTellTheHelperAnewButNotToABareEntry() {
        flow(6).helper("ftp");
        encoder.wrap(buffer, 0, 2048);
        entries.update(image, 1, 10, false);
        assertTrue(readBack().has(CtFlyweight.HAS_HELPER), "told anew");
        encoder.wrap(buffer, 0, 2048);
        entries.update(image, 1, 10, true);
        assertFalse(readBack().has(CtFlyweight.HAS_HELPER), "the entry has none");
    }
}
