/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class RtPrefixTest {
    private static RtPrefix prefix(String address, int length) {
        return new RtPrefix(InetAddress.ofLiteral(address), length);
    }

    private static InetAddress address(String address) {
        return InetAddress.ofLiteral(address);
    }

    @Test
    void shouldCompareBitsOfThePrefixOnly() {
        assertTrue(prefix("10.10.0.1", 24).contains(address("10.10.0.254")));
        assertFalse(prefix("10.10.0.1", 24).contains(address("10.10.1.254")));
        assertTrue(prefix("10.10.0.129", 25).contains(address("10.10.0.254")));
        assertFalse(prefix("10.10.0.1", 25).contains(address("10.10.0.254")));
        assertTrue(prefix("10.10.0.1", 0).contains(address("192.0.2.1")));
        assertTrue(prefix("10.10.0.1", 32).contains(address("10.10.0.1")));
        assertFalse(prefix("10.10.0.1", 32).contains(address("10.10.0.0")));
        assertTrue(prefix("fd00:10::1", 64).contains(address("fd00:10::254")));
        assertFalse(prefix("fd00:10::1", 64).contains(address("fd00:11::254")));
        assertFalse(prefix("::", 0).contains(address("10.10.0.1")), "another family");
    }

    @Test
    void shouldClearTheBitsBehindThePrefix() {
        assertEquals(prefix("10.10.0.128", 25), prefix("10.10.0.254", 25).network());
        assertEquals(prefix("0.0.0.0", 0), prefix("10.10.0.254", 0).network());
        assertEquals(prefix("10.10.0.254", 32), prefix("10.10.0.254", 32).network());
        assertEquals(prefix("fd00:10::", 63), prefix("fd00:10:0:1::5", 63).network());
    }

    @Test
    void shouldRefuseALengthThatNoAddressHas() {
        assertThrows(BugError.class, () -> prefix("10.10.0.1", 33));
        assertThrows(BugError.class, () -> prefix("::1", -1));
    }
}
