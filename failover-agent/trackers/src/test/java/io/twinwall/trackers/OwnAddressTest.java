/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.twinwall.netlink.RtAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
    private static final List<RtAddress> ALL = List.of(
            RtAddress.of(3, Specs.ip("10.9.0.1"), 16),
            RtAddress.of(3, Specs.ip("10.0.0.254"), 24),
            RtAddress.of(3, Specs.ip("10.0.0.2"), 25),
            RtAddress.of(3, Specs.ip("fe80::1"), 64),
            RtAddress.of(3, Specs.ip("fd00::2"), 64),
            RtAddress.of(4, Specs.ip("10.0.0.3"), 24));

    private static Object own(String target, boolean sameSubnet) {
        return OwnAddress.choose(ALL, Set.of(Specs.ip("10.0.0.254")), 3, Specs.ip(target), sameSubnet);
    }

    @Test
    void shouldPreferTheSubnetAndNeverTakeAVirtualAddress() {
        assertEquals(Specs.ip("10.0.0.2"), own("10.0.0.9", true));
        assertNull(own("10.0.0.129", true), "beyond the /25, and the /24 is the pair's");
        assertEquals(Specs.ip("10.9.0.1"), own("10.0.0.129", false));
        assertEquals(Specs.ip("10.9.0.1"), own("10.9.255.1", true));
    }

    @Test
    void shouldKeepToFamilyAndScope() {
        assertEquals(Specs.ip("fd00::2"), own("fd00::9", false));
        assertEquals(Specs.ip("fd00::2"), own("2001:db8::1", false));
        assertEquals(Specs.ip("fe80::1"), own("fe80::9", false));
    }
}
