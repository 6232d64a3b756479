/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.flowtable.FlowImage;
import java.net.InetAddress;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FlowFilterTest {
    private final FlowFilter filter =
            FlowFilter.of(List.of(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("2001:db8::1")));

    @Test
    void shouldHoldBackWhatCannotLiveOnTheOtherNode() {
        assertAccepts(true, "10.0.0.1", "10.0.0.2");
        assertAccepts(true, "2001:db8::2", "2001:db8::3");
        assertAccepts(false, "192.0.2.1", "10.0.0.2");
        assertAccepts(false, "10.0.0.1", "192.0.2.1");
        assertAccepts(false, "2001:db8::1", "2001:db8::3");
        assertAccepts(false, "127.0.0.1", "127.0.0.1");
        assertAccepts(false, "10.0.0.1", "224.0.0.18");
        assertAccepts(false, "169.254.1.1", "10.0.0.1");
        assertAccepts(false, "::1", "::1");
        assertAccepts(false, "fe80::1", "2001:db8::3");
        assertAccepts(false, "2001:db8::3", "ff02::1");
    }

    @Test
    void shouldKnowWhatTheNodeItselfMasquerades() {
        assertAnsweredToOwn(true, "10.0.0.1", "10.0.0.2", "192.0.2.1");
        assertAnsweredToOwn(true, "2001:db8::2", "2001:db8::3", "2001:db8::1");
        assertAnsweredToOwn(false, "10.0.0.1", "10.0.0.2", "192.0.2.254");
        assertAnsweredToOwn(false, "2001:db8::2", "2001:db8::3", "2001:db8::fe");
    }

    private void assertAnsweredToOwn(boolean expected, String src, String dst, String masqueraded) {
        FlowImage image = image(src, dst);
        UnsafeBuffer reply = new UnsafeBuffer(new byte[32]);
        reply.putBytes(0, InetAddress.ofLiteral(dst).getAddress());
        reply.putBytes(16, InetAddress.ofLiteral(masqueraded).getAddress());
        image.reply(reply, 0, 16, 2, 1);
        assertEquals(expected, filter.isAnsweredToOwn(image), masqueraded);
    }

    private void assertAccepts(boolean expected, String src, String dst) {
        assertEquals(expected, filter.accepts(image(src, dst)), src + " > " + dst);
    }

    private static FlowImage image(String src, String dst) {
        UnsafeBuffer addresses = new UnsafeBuffer(new byte[32]);
        byte[] from = InetAddress.ofLiteral(src).getAddress();
        addresses.putBytes(0, from);
        addresses.putBytes(16, InetAddress.ofLiteral(dst).getAddress());
        FlowImage image = new FlowImage().family(from.length == 4 ? FlowImage.AF_INET : FlowImage.AF_INET6);
        image.l4proto(17).orig(addresses, 0, 16, 1, 2);
        Inverse.setPlain(image);
        return image;
    }
}
